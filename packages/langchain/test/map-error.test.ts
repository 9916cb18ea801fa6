import { GraphInterrupt, ParentCommand, Command } from '@langchain/langgraph'
import { describe, expect, test } from 'vitest'

import { isReturnedError, mapError } from '../src/map-error.ts'

class GraphDrained extends Error {
  readonly is_bubble_up = true
  override readonly name = 'GraphDrained'
}

describe('control flow is no error', () => {
  test('an interrupt', () => {
    const interrupts = [{ id: 'i-1', value: 'May I?' }]
    expect(mapError(new GraphInterrupt(interrupts))).toEqual({ status: 'interrupted' })
  })

  test.each([
    { goto: 'expert', target: 'expert' },
    { goto: ['expert', 'clerk'], target: 'expert, clerk' },
  ])('a hand-off to $target', ({ goto, target }) => {
    expect(mapError(new ParentCommand(new Command({ goto })))).toEqual({
      status: 'ok',
      metadata: { 'trulayer.handoff_to': target },
    })
  })

  test('a graph that is drained', () => {
    expect(mapError(new GraphDrained())).toEqual({ status: 'cancelled', reason: 'aborted' })
  })
})

test.each([
  new DOMException('This operation was aborted', 'AbortError'),
  new Error('Abort'),
  new Error('Aborted'),
  new Error('AbortError'),
  Object.assign(new Error('x'), { name: 'ModelAbortError' }),
  Object.assign(new Error('gone'), { name: 'ResponseAborted' }),
  new Error('Request was aborted.'),
])('an abort: %o', (error) => {
  expect(mapError(error)).toEqual({ status: 'cancelled', reason: 'aborted' })
})

test.each([
  new TypeError('Aborted'),
  new Error('Aborted by the provider'),
  'a text',
  undefined,
  { is_bubble_up: 'yes' },
])('an error: %o', (error) => {
  expect(mapError(error)).toEqual({ status: 'error', error })
})

test.each([
  new DOMException('took too long', 'TimeoutError'),
  Object.assign(new Error('took too long'), { name: 'NodeTimeoutError' }),
])('a time limit: %o', (error) => {
  expect(mapError(error)).toMatchObject({
    status: 'error',
    error: { name: 'TimeoutError', message: 'took too long' },
    reason: 'timeout',
  })
})

test('an error among results', () => {
  expect([new RangeError('x'), { message: 'x', stack: 'y' }, 'x'].map(isReturnedError)).toEqual([
    true,
    false,
    false,
  ])
})
