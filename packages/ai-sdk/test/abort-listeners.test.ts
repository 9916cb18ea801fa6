import { getEventListeners } from 'node:events'

import { expect, test, vi } from 'vitest'

import { addAbortListener, removeAbortListener } from '../src/abort-listeners.ts'

function listenersOf(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length
}

function listener() {
  return { aborted: vi.fn<(signal: AbortSignal) => void>() }
}

test('a signal has one listener, as long as anything is to be stopped by it', () => {
  const { signal } = new AbortController()
  const listeners = Array.from({ length: 20 }, listener)
  listeners.forEach((each) => addAbortListener(signal, each))
  expect(listenersOf(signal)).toBe(1)
  listeners.forEach((each) => removeAbortListener(signal, each))
  expect(listenersOf(signal)).toBe(0)
  const [again] = listeners
  if (again !== undefined) {
    addAbortListener(signal, again)
  }
  expect(listenersOf(signal)).toBe(1)
})

test('all that are left are called once, whatever one of them throws', () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  const controller = new AbortController()
  const { signal } = controller
  const [broken, gone, first, second] = [listener(), listener(), listener(), listener()]
  broken.aborted.mockImplementation(() => {
    throw new Error('broken')
  })
  // One that ends another is as good as any.
  first.aborted.mockImplementation(() => removeAbortListener(signal, first))
  for (const each of [broken, gone, first, second]) {
    addAbortListener(signal, each)
  }
  removeAbortListener(signal, gone)
  controller.abort()
  controller.abort()
  expect([broken, gone, first, second].map(({ aborted }) => aborted.mock.calls)).toEqual([
    [[signal]],
    [],
    [[signal]],
    [[signal]],
  ])
  expect(listenersOf(signal)).toBe(0)
  vi.restoreAllMocks()
})

test('what is no signal is left alone', () => {
  const each = listener()
  for (const value of [undefined, null, {}, { aborted: false }]) {
    addAbortListener(value, each)
    removeAbortListener(value, each)
  }
  expect(each.aborted).not.toHaveBeenCalled()
})
