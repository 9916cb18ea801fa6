import { expect, test } from 'vitest'
import type { Feedback } from '../../src/deliver/feedback.ts'
import type { IngestReply } from '../../../../test/support/ingest-server.ts'
import { eventually, idOf, makeGate, makeTrace, startDelivery } from './support.ts'

const SOON = { timeout: 25_000 }

function good(index: number, details: Partial<Feedback> = {}): Feedback {
  return { traceId: idOf(index), label: 'good', ...details }
}

test('feedback is sent as the contract says', async () => {
  await using delivery = await startDelivery()
  const result = await delivery.exporter.submitFeedback(
    good(1, { score: 0.9, comment: 'quick', metadata: { source: 'thumbs_button' } }),
  )
  expect(result).toEqual({ accepted: true })
  expect(delivery.server.feedback).toEqual([
    {
      trace_id: idOf(1),
      label: 'good',
      score: 0.9,
      comment: 'quick',
      metadata: { source: 'thumbs_button' },
    },
  ])
})

test('feedback leaves after its trace, which it does not let wait', async () => {
  await using delivery = await startDelivery({}, { flushInterval: 60_000 })
  delivery.export([makeTrace(1)])
  expect(await delivery.exporter.submitFeedback(good(1))).toEqual({ accepted: true })
  expect(delivery.server.requests.map((request) => request.path)).toEqual([
    '/v1/ingest/batch',
    '/v1/feedback',
  ])
})

test('feedback waits for a trace that is tried again, and does not wait for another', async () => {
  const gate = makeGate()
  await using delivery = await startDelivery({
    answer: (request) => (request.path === '/v1/feedback' ? undefined : gate.opened),
  })
  // Something must have arrived, before more than one request may be open.
  expect(await delivery.exporter.submitFeedback(good(5))).toEqual({ accepted: true })
  delivery.export([makeTrace(1)])
  let isAnswered = false
  const held = delivery.exporter.submitFeedback(good(1)).then((result) => {
    isAnswered = true
    return result
  })
  await eventually(() => expect(delivery.server.requests.length).toBe(2))
  expect(delivery.server.requests.map((request) => request.path)).toEqual([
    '/v1/feedback',
    '/v1/ingest/batch',
  ])
  expect(isAnswered).toBe(false)
  gate.open()
  expect(await held).toEqual({ accepted: true })
})

test('feedback that meets with faults is sent again with the same bytes', async () => {
  const replies: IngestReply[] = [
    { status: 500 },
    'hang',
    { status: 429, headers: { 'retry-after': '0' } },
  ]
  await using delivery = await startDelivery({ answer: () => replies.shift() }, { timeout: 100 })
  expect(await delivery.exporter.submitFeedback(good(1))).toEqual({ accepted: true })
  expect(new Set(delivery.server.requests.map((request) => request.body)).size).toBe(1)
  const times = delivery.server.requests.map((request) => request.at)
  // Half of the longest wait after one fault, and the shortest where the service asked for one.
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(9)
  expect((times[3] ?? 0) - (times[2] ?? 0)).toBeGreaterThanOrEqual(29)
  const { requests, retries } = delivery.exporter.stats()
  expect(retries).toBeGreaterThanOrEqual(3)
  expect(requests).toBe(retries + 1)
})

test.each([
  [{ status: 400, body: { error: 'no such label' } }, 'rejected', 'HTTP 400: no such label'],
  [{ status: 413 }, 'too_large', 'HTTP 413'],
  [{ status: 404, body: { error: 'no such trace' } }, 'refused', 'HTTP 404: no such trace'],
  [{ status: 403, body: '<html>Blocked' }, 'refused', 'HTTP 403: an HTML page'],
  [
    { status: 401, body: { error: 'invalid_api_key' } },
    'unauthorized',
    'HTTP 401: invalid_api_key',
  ],
])('feedback refused with %j says so and holds up no trace', async (reply, reason, detail) => {
  await using delivery = await startDelivery({
    answer: (request) => (request.path === '/v1/feedback' ? reply : undefined),
  })
  expect(await delivery.exporter.submitFeedback(good(1))).toEqual({
    accepted: false,
    reason,
    message: `Feedback was not taken: ${detail}.`,
  })
  expect(delivery.exporter.stats().state).toBe('active')
  expect(delivery.problems).toMatchObject([{ reason: 'feedback', dropped: 0 }])
  delivery.export([makeTrace(1)])
  await delivery.exporter.flush(SOON)
  expect(delivery.exporter.stats()).toMatchObject({ sent: 1, dropped: {} })
})

test('an endpoint for feedback that hangs holds up no trace', async () => {
  await using delivery = await startDelivery({
    answer: (request) => (request.path === '/v1/feedback' ? 'hang' : undefined),
  })
  delivery.export([makeTrace(0)])
  await delivery.exporter.flush(SOON)
  const results = [1, 2, 3, 4, 5].map((index) => delivery.exporter.submitFeedback(good(index)))
  delivery.export([makeTrace(1)])
  await eventually(() => expect(delivery.exporter.stats().sent).toBe(2))
  await delivery.exporter.shutdown({ timeout: 20 })
  expect(await Promise.all(results)).toEqual(
    results.map(() => ({
      accepted: false,
      reason: 'closed',
      message: 'Feedback was not taken: shutdown() was called.',
    })),
  )
})

test('flush covers feedback', async () => {
  await using delivery = await startDelivery({}, { flushInterval: 60_000 })
  delivery.export([makeTrace(1)])
  const result = delivery.exporter.submitFeedback(good(1))
  await delivery.exporter.flush(SOON)
  expect(delivery.server.feedback.length).toBe(1)
  expect(await result).toEqual({ accepted: true })
})

test('feedback that cannot be written, comes too late or to nobody is answered at once', async () => {
  await using delivery = await startDelivery({
    answer: () => ({ status: 401, body: { error: 'invalid_api_key' } }),
  })
  const { exporter } = delivery
  const hostile = new Proxy(
    {},
    {
      ownKeys() {
        throw new Error('not yours')
      },
    },
  )
  expect(await exporter.submitFeedback(good(1, { metadata: hostile }))).toMatchObject({
    accepted: false,
    reason: 'unserializable',
  })
  delivery.export([makeTrace(1)])
  // Held until its trace has left, which it never does.
  const held = exporter.submitFeedback(good(1))
  expect(await held).toMatchObject({ accepted: false, reason: 'unauthorized' })
  expect(await exporter.submitFeedback(good(2))).toMatchObject({ reason: 'unauthorized' })
  await exporter.shutdown(SOON)
  expect(await exporter.submitFeedback(good(3))).toMatchObject({ reason: 'closed' })
  expect(delivery.server.requests.length).toBe(1)
})

test('feedback is given up in time, whatever it waits for', async () => {
  await using delivery = await startDelivery(
    { answer: () => ({ status: 404 }) },
    {},
    { feedbackTimeout: 80, coolDown: 60_000, maxCoolDown: 60_000 },
  )
  delivery.export([makeTrace(1)])
  await eventually(() => expect(delivery.exporter.stats().state).toBe('waiting'))
  const results = [1, 2].map((index) => delivery.exporter.submitFeedback(good(index)))
  expect(await Promise.all(results)).toEqual(
    results.map(() => ({
      accepted: false,
      reason: 'timeout',
      message: 'Feedback was not taken: no answer within 80 ms.',
    })),
  )
  expect(delivery.exporter.stats()).toMatchObject({ queued: 1, requests: 1 })
})

test('no more than 1,000 pieces of feedback wait', async () => {
  await using delivery = await startDelivery({ answer: () => 'hang' })
  const results = Array.from({ length: 1001 }, (_, index) =>
    delivery.exporter.submitFeedback(good(index)),
  )
  expect(await results[1000]).toMatchObject({ accepted: false, reason: 'overflow' })
  await delivery.exporter.shutdown({ timeout: 0 })
  const reasons = (await Promise.all(results)).map((result) => !result.accepted && result.reason)
  expect(reasons).toEqual([...Array.from({ length: 1000 }, () => 'closed'), 'overflow'])
})
