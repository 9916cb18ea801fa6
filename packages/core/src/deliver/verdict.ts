import { type Fields, isObject } from '../shape/read.ts'
import { probe } from '../shape/readable.ts'
import { toldWait } from './retry-delay.ts'
import type { Answer, SendOutcome, UnsendableReason } from './send-request.ts'

/** Why nothing more is sent: the service refuses the key or the project for good, or no request can be made at all. */
export type StopReason = 'unauthorized' | 'scope_forbidden' | 'archived' | UnsendableReason

/**
 * What an answer means for the traces that were sent.
 *
 * - `taken`: the service has them; where it took fewer than it was sent, `ids` names those;
 * - `duplicate`: it knew an id of them before;
 * - `fault`: a passing fault, or no answer at all;
 * - `limited`: it asked to wait, for `wait` milliseconds where it said so; with `isQuota` the wait may be days;
 * - `malformed`, `too-large`: something in them is wrong, or they are too much at once;
 * - `refused`: refused by something that need not be the service: a proxy, a firewall, a wrong address, the plan;
 * - `stop`: nothing more can be sent, for good.
 *
 * `code` is the answer's own word for it. `detail` is for people: the status and what the answer said, on one line.
 */
export type Verdict =
  | { readonly kind: 'taken'; readonly ids?: ReadonlySet<string> | undefined }
  | { readonly kind: 'duplicate'; readonly detail: string }
  | { readonly kind: 'fault'; readonly detail: string; readonly cause?: unknown }
  | {
      readonly kind: 'limited'
      readonly wait: number | undefined
      readonly isQuota?: boolean
      readonly detail: string
    }
  | { readonly kind: 'malformed'; readonly detail: string; readonly code?: string }
  | { readonly kind: 'too-large'; readonly detail: string }
  | {
      readonly kind: 'refused'
      readonly detail: string
      readonly lacksPlan?: boolean
      /** Nothing is at the address. */
      readonly isNotFound?: boolean
    }
  | { readonly kind: 'stop'; readonly reason: StopReason; readonly detail: string }

/** What must be known beside an answer. */
export interface VerdictContext {
  /** How many traces the request held. */
  readonly sent: number
  /** Milliseconds since 1970, for answers that name a date. */
  readonly wallNow: number
}

/** What the outcome of a request means. */
export function readVerdict(outcome: SendOutcome, context: VerdictContext): Verdict {
  if (outcome.kind === 'answer') {
    return readAnswer(outcome.answer, context)
  }
  return outcome.kind === 'no-answer'
    ? { kind: 'fault', detail: describeFailure(outcome.error), cause: outcome.error }
    : { kind: 'stop', reason: outcome.reason, detail: outcome.reason }
}

function readAnswer(answer: Answer, context: VerdictContext): Verdict {
  const { status } = answer
  const said = parseAnswer(answer.body)
  const detail = describe(answer, said)
  if (status === 429) {
    const wait = toldWait(answer.headers, context.wallNow)
    return isQuota(said, wait)
      ? { kind: 'limited', wait, isQuota: true, detail }
      : { kind: 'limited', wait, detail }
  }
  if (status === 408 || status === 425 || status >= 500) {
    const wait = retryAfter(answer, context.wallNow)
    return wait === undefined ? { kind: 'fault', detail } : { kind: 'limited', wait, detail }
  }
  // Proxies say so too, and as HTML; the cure is the same.
  if (status === 413) {
    return { kind: 'too-large', detail }
  }
  if (isHtml(answer)) {
    return { kind: 'refused', detail }
  }
  if (status >= 200 && status < 300) {
    return readSuccess(said, context.sent, detail)
  }
  if (status === 409) {
    return { kind: 'duplicate', detail }
  }
  if (status === 400 || status === 422) {
    const { code } = said
    return isText(code) ? { kind: 'malformed', detail, code } : { kind: 'malformed', detail }
  }
  const reason = stopReason(status, said)
  if (reason !== undefined) {
    return { kind: 'stop', reason, detail }
  }
  if (status === 402 && said['code'] === 'plan_upgrade_required') {
    return { kind: 'refused', lacksPlan: true, detail }
  }
  return status === 404
    ? { kind: 'refused', isNotFound: true, detail }
    : { kind: 'refused', detail }
}

/* The windows of the rate limit are one minute. A longer wait is that for the next month, whatever the answer calls it. */
const LONGEST_RATE_WAIT = 10 * 60_000

function isQuota(said: Fields, wait = 0): boolean {
  const words = [said['code'], said['error'], said['message']].filter(isText)
  return wait > LONGEST_RATE_WAIT || words.some((word) => /quota|monthly/i.test(word))
}

function readSuccess(said: Fields, sent: number, detail: string): Verdict {
  if (said['status'] === 'duplicate') {
    return { kind: 'duplicate', detail }
  }
  const { ingested, ids } = said
  if (typeof ingested === 'number' && ingested < sent && Array.isArray(ids)) {
    return {
      kind: 'taken',
      ids: new Set(ids.filter((id: unknown) => typeof id === 'string')),
    }
  }
  return { kind: 'taken' }
}

/* By the service's own codes alone: any other 401 or 403 may come from something on the way that is mended in a minute. */
function stopReason(status: number, said: Fields): StopReason | undefined {
  const codes = [said['code'], said['error']]
  if (
    status === 401 &&
    codes.some((code) => code === 'invalid_api_key' || code === 'api_key_expired')
  ) {
    return 'unauthorized'
  }
  if (status !== 403) {
    return undefined
  }
  if (codes.some((code) => code === 'scope_forbidden' || code === 'error.scope_forbidden')) {
    return 'scope_forbidden'
  }
  return codes.includes('error.project.archived') ? 'archived' : undefined
}

/* `X-RateLimit-Reset` stands on every answer of some services; beside a fault it says nothing about it. */
function retryAfter(answer: Answer, wallNow: number): number | undefined {
  return toldWait(
    {
      get: (name) => (name === 'x-ratelimit-reset' ? null : answer.headers.get(name)),
    },
    wallNow,
  )
}

function isHtml(answer: Answer): boolean {
  return (
    (answer.headers.get('content-type') ?? '').toLowerCase().includes('text/html') ||
    /^\s*<(!doctype|html)/i.test(answer.body)
  )
}

function parseAnswer(body: string): Fields {
  try {
    const parsed: unknown = JSON.parse(body)
    return isObject(parsed) ? parsed : {}
  } catch {
    // Not the service's, or cut off: then the status says it all.
    return {}
  }
}

const LONGEST_DETAIL = 200
const LONGEST_REQUEST_ID = 64

function describe(answer: Answer, said: Fields): string {
  const words = [said['code'], said['message'], said['error'], said['required_plan']].filter(isText)
  const location = answer.headers.get('location')
  const text = [
    ...new Set(words),
    ...(isHtml(answer) ? ['an HTML page'] : []),
    ...(location === null ? [] : [`redirect to ${location}`]),
  ].join(', ')
  const what = text === '' ? `HTTP ${answer.status}` : oneLine(`HTTP ${answer.status}: ${text}`)
  const requestId = said['request_id'] ?? answer.headers.get('x-request-id')
  // The service asks for this id when a refusal is reported to it.
  return isText(requestId) && answer.status >= 300
    ? `${what}, request_id ${oneLine(requestId).slice(0, LONGEST_REQUEST_ID)}`
    : what
}

/* `fetch` hides what happened (ECONNREFUSED, ENOTFOUND) behind "fetch failed". */
function describeFailure(error: unknown): string {
  const chain = [error, isObject(error) ? probe(error, 'cause') : undefined].filter(isObject)
  const code = chain.map((link) => probe(link, 'code')).find(isText)
  const message = chain.map((link) => probe(link, 'message')).findLast(isText)
  return oneLine(code ?? message ?? 'no answer')
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/* Without control characters, since it ends on somebody's terminal. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').slice(0, LONGEST_DETAIL)
}
