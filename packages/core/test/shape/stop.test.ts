import { expect, test } from 'vitest'

import { failureEnd, hasFired, reportedEnd, stopEnd } from '../../src/shape/stop.ts'

const ABORTED = { status: 'cancelled', reason: 'aborted' }

function named(name: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { name })
}

function fired(reason?: unknown): AbortSignal {
  return AbortSignal.abort(reason)
}

test.each([
  { title: 'no reason', reason: undefined },
  { title: 'an error of any name', reason: new TypeError('client closed the tab') },
  { title: 'a text', reason: 'tab closed' },
  { title: 'any object', reason: { code: 499 } },
])('a signal that fired with $title cancels', ({ reason }) => {
  expect(stopEnd(fired(reason))).toEqual(ABORTED)
  expect(failureEnd(new Error('fetch failed'), fired(reason))).toEqual(ABORTED)
})

test('a signal that fired with a time limit fails the call with that', () => {
  const limit = new DOMException('took too long', 'TimeoutError')
  const end = { status: 'error', error: limit, reason: 'timeout' }
  expect(stopEnd(fired(limit))).toEqual(end)
  expect(failureEnd(named('AbortError', 'aborted'), fired(limit))).toEqual(end)
})

test('an abort of its own making is a failure while the signal has not fired', () => {
  const error = named('AbortError', 'mine')
  expect(failureEnd(error, new AbortController().signal)).toEqual({ status: 'error', error })
  expect(failureEnd(error, undefined)).toEqual({ status: 'error', error })
})

test.each([
  new DOMException('This operation was aborted', 'AbortError'),
  named('ResponseAborted', ''),
  named('ModelAbortError', 'Model invocation was aborted.'),
  new Error('Request was aborted.'),
  named('AI_RetryError', 'failed', new DOMException('aborted', 'AbortError')),
])('without the signal, an abort is known by its error: %o', (error) => {
  expect(reportedEnd(error)).toEqual(ABORTED)
})

test.each([
  new DOMException('took too long', 'TimeoutError'),
  named('NodeTimeoutError', 'took too long'),
  named('MastraTimeoutError', 'took too long'),
  named('AbortError', 'aborted', named('TimeoutError', 'took too long')),
])('a time limit has one type, whatever its error is called: %o', (error) => {
  expect(reportedEnd(error)).toMatchObject({
    status: 'error',
    error: { name: 'TimeoutError', message: 'took too long' },
    reason: 'timeout',
  })
})

test.each(['Request timed out.', 'The operation was aborted due to timeout'])(
  'a time limit whose error has lost its name: %s',
  (message) => {
    expect(reportedEnd(new Error(message))).toMatchObject({
      status: 'error',
      error: { name: 'TimeoutError', message },
      reason: 'timeout',
    })
  },
)

test('an error around a time limit is kept', () => {
  const error = named('AI_RetryError', 'failed', named('TimeoutError', 'took too long'))
  expect(reportedEnd(error)).toEqual({ status: 'error', error, reason: 'timeout' })
})

test.each([new TypeError('Aborted'), new Error('aborted by the provider'), 'a text', undefined])(
  'any other value is a failure: %o',
  (error) => {
    expect(reportedEnd(error)).toEqual({ status: 'error', error })
  },
)

test.each([undefined, null, 'signal', { aborted: true }, new AbortController().signal])(
  'a value that has not fired: %o',
  (value) => {
    expect(hasFired(value)).toBe(false)
  },
)
