import { describe, expect, test } from 'vitest'
import type { Answer } from '../../src/deliver/send-request.ts'
import { readVerdict, type Verdict } from '../../src/deliver/verdict.ts'

const CONTEXT = { sent: 3, wallNow: Date.UTC(2026, 10, 1, 12) }

function answer(
  status: number,
  body: unknown = '',
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: new Headers(headers),
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }
}

function verdictOn(...args: Parameters<typeof answer>): Verdict {
  return readVerdict({ kind: 'answer', answer: answer(...args) }, CONTEXT)
}

const HTML = '<!DOCTYPE html><html><body>Blocked</body></html>'

describe('an answer means', () => {
  test.each<[string, Parameters<typeof answer>, Verdict]>([
    ['201', [201, { ingested: 3, ids: ['a', 'b', 'c'] }], { kind: 'taken' }],
    ['201 with ids of the service’s own', [201, { ingested: 3, ids: [] }], { kind: 'taken' }],
    ['201 without a body', [201], { kind: 'taken' }],
    ['201 with a body that is cut', [201, '{"ingested": 3, "ids": ["a'], { kind: 'taken' }],
    ['201 that took fewer and names none', [201, { ingested: 2 }], { kind: 'taken' }],
    [
      '201 that took fewer',
      [201, { ingested: 2, ids: ['a', 'c', 7] }],
      { kind: 'taken', ids: new Set(['a', 'c']) },
    ],
    ['200', [200, {}], { kind: 'taken' }],
    ['202', [202, 'null'], { kind: 'taken' }],
    ['204', [204], { kind: 'taken' }],
    ['200 duplicate', [200, { status: 'duplicate' }], { kind: 'duplicate', detail: 'HTTP 200' }],
    ['409', [409, { error: 'known' }], { kind: 'duplicate', detail: 'HTTP 409: known' }],
    ['400', [400, { error: 'no name' }], { kind: 'malformed', detail: 'HTTP 400: no name' }],
    ['422', [422, {}], { kind: 'malformed', detail: 'HTTP 422' }],
    ['413', [413], { kind: 'too-large', detail: 'HTTP 413' }],
    [
      '413 of a proxy',
      [413, HTML, { 'content-type': 'text/html' }],
      { kind: 'too-large', detail: 'HTTP 413: an HTML page' },
    ],
    ['408', [408], { kind: 'fault', detail: 'HTTP 408' }],
    ['425', [425], { kind: 'fault', detail: 'HTTP 425' }],
    ['500', [500, { error: 'oops' }], { kind: 'fault', detail: 'HTTP 500: oops' }],
    ['502 of a proxy', [502, HTML], { kind: 'fault', detail: 'HTTP 502: an HTML page' }],
    ['599', [599], { kind: 'fault', detail: 'HTTP 599' }],
    [
      '500 with X-RateLimit-Reset, which says nothing about it',
      [500, '', { 'x-ratelimit-reset': '60' }],
      { kind: 'fault', detail: 'HTTP 500' },
    ],
    [
      '503 with Retry-After',
      [503, '', { 'retry-after': '7' }],
      { kind: 'limited', wait: 7000, detail: 'HTTP 503' },
    ],
    ['429', [429], { kind: 'limited', wait: undefined, detail: 'HTTP 429' }],
    [
      '429 with Retry-After',
      [429, '', { 'retry-after': '5', 'x-ratelimit-reset': '60' }],
      { kind: 'limited', wait: 5000, detail: 'HTTP 429' },
    ],
    [
      '429 with X-RateLimit-Reset alone',
      [429, HTML, { 'x-ratelimit-reset': '60' }],
      { kind: 'limited', wait: 60_000, detail: 'HTTP 429: an HTML page' },
    ],
    [
      '429 for longer than a rate limit asks',
      [429, '', { 'retry-after': '86400' }],
      { kind: 'limited', wait: 86_400_000, isQuota: true, detail: 'HTTP 429' },
    ],
    [
      '429 that speaks of the quota',
      [429, { code: 'monthly_quota_exceeded' }],
      {
        kind: 'limited',
        wait: undefined,
        isQuota: true,
        detail: 'HTTP 429: monthly_quota_exceeded',
      },
    ],
    [
      '401 of the service, by code',
      [401, { code: 'invalid_api_key', error: 'Invalid key' }],
      {
        kind: 'stop',
        reason: 'unauthorized',
        detail: 'HTTP 401: invalid_api_key, Invalid key',
      },
    ],
    [
      '401 of the service, by error',
      [401, { error: 'api_key_expired' }],
      { kind: 'stop', reason: 'unauthorized', detail: 'HTTP 401: api_key_expired' },
    ],
    [
      '401 of something else',
      [401, { error: 'unauthorized' }],
      { kind: 'refused', detail: 'HTTP 401: unauthorized' },
    ],
    [
      'the service’s words in an HTML page',
      [401, { code: 'invalid_api_key' }, { 'content-type': 'text/html; charset=utf-8' }],
      { kind: 'refused', detail: 'HTTP 401: invalid_api_key, an HTML page' },
    ],
    [
      'the code of a 401 with another status',
      [403, { code: 'invalid_api_key' }],
      { kind: 'refused', detail: 'HTTP 403: invalid_api_key' },
    ],
    [
      '403 of an archived project',
      [403, { code: 'error.project.archived', message: 'Project is archived' }],
      {
        kind: 'stop',
        reason: 'archived',
        detail: 'HTTP 403: error.project.archived, Project is archived',
      },
    ],
    [
      '403 of a read-only key',
      [403, { code: 'scope_forbidden', message: 'Key lacks scope ingest', request_id: 'req_7' }],
      {
        kind: 'stop',
        reason: 'scope_forbidden',
        detail: 'HTTP 403: scope_forbidden, Key lacks scope ingest, request_id req_7',
      },
    ],
    [
      '403 of a read-only key, by its other name',
      [403, { error: 'error.scope_forbidden' }, { 'x-request-id': 'req_8' }],
      {
        kind: 'stop',
        reason: 'scope_forbidden',
        detail: 'HTTP 403: error.scope_forbidden, request_id req_8',
      },
    ],
    ['403 of a firewall', [403, HTML], { kind: 'refused', detail: 'HTTP 403: an HTML page' }],
    [
      '402',
      [402, { code: 'plan_upgrade_required', required_plan: 'team' }],
      {
        kind: 'refused',
        lacksPlan: true,
        detail: 'HTTP 402: plan_upgrade_required, team',
      },
    ],
    ['402 of something else', [402], { kind: 'refused', detail: 'HTTP 402' }],
    [
      '404',
      [404, { error: 'no route' }],
      { kind: 'refused', isNotFound: true, detail: 'HTTP 404: no route' },
    ],
    ['405', [405], { kind: 'refused', detail: 'HTTP 405' }],
    ['415', [415], { kind: 'refused', detail: 'HTTP 415' }],
    ['400 of a firewall', [400, HTML], { kind: 'refused', detail: 'HTTP 400: an HTML page' }],
    [
      '200 of a captive portal',
      [200, '\n<html>Sign in', { 'content-type': 'text/plain' }],
      { kind: 'refused', detail: 'HTTP 200: an HTML page' },
    ],
    [
      '302',
      [302, '', { location: 'https://elsewhere.example/login' }],
      { kind: 'refused', detail: 'HTTP 302: redirect to https://elsewhere.example/login' },
    ],
    ['a redirect that the runtime hides', [0], { kind: 'refused', detail: 'HTTP 0' }],
  ])('%s', (_, given, expected) => {
    expect(verdictOn(...given)).toEqual(expected)
  })
})

test('no answer is a fault, told by the code that fetch hides', () => {
  const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  const error = new TypeError('fetch failed', { cause })
  expect(readVerdict({ kind: 'no-answer', error }, CONTEXT)).toEqual({
    kind: 'fault',
    detail: 'ECONNREFUSED',
    cause: error,
  })
})

test.each([
  [new TypeError('fetch failed', { cause: new Error('other side closed') }), 'other side closed'],
  [new Error('no answer within 10000 ms'), 'no answer within 10000 ms'],
  [undefined, 'no answer'],
])('%s is told as "%s"', (error, detail) => {
  expect(readVerdict({ kind: 'no-answer', error }, CONTEXT)).toMatchObject({ detail })
})

test('what the service says is told on one short line without control characters', () => {
  const verdict = verdictOn(400, { error: `\u001B[31mred\r\n\u202Eback${'x'.repeat(500)}` })
  expect(verdict).toMatchObject({ kind: 'malformed' })
  const { detail } = verdict as { readonly detail: string }
  expect(detail).toMatch(/^HTTP 400: \[31mred backx+$/)
  expect(detail.length).toBe(200)
})

test('a request that cannot be made stops everything', () => {
  expect(readVerdict({ kind: 'unsendable', reason: 'insecure_endpoint' }, CONTEXT)).toEqual({
    kind: 'stop',
    reason: 'insecure_endpoint',
    detail: 'insecure_endpoint',
  })
})
