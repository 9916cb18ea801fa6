import { tracingChannel } from 'node:diagnostics_channel'

import { expect, test, vi } from 'vitest'

import { asyncContext } from '../../src/runtime/async-context.ts'
import { followTracingChannel } from '../../src/runtime/tracing-channel.ts'

test('contexts have their values inside an operation, and its end is reported until it is undone', async () => {
  const first = asyncContext<unknown>('test:first')
  const second = asyncContext<unknown>('test:second')
  const ended: unknown[] = []
  const stop = followTracingChannel('trulayer:test', {
    contexts: {
      'test:first': (message) => ({ first: message }),
      'test:second': () => 'second',
    },
    ended: (message) => ended.push(message),
  })
  const channel = tracingChannel('trulayer:test')
  const read = async (): Promise<unknown> => {
    await Promise.resolve()
    return [first.current(), second.current()]
  }
  const message = { id: 1 }
  expect(await channel.tracePromise(read, message)).toEqual([{ first: message }, 'second'])
  expect(ended).toEqual([message])
  stop?.()
  expect(channel.hasSubscribers).toBe(false)
  expect(await channel.tracePromise(read, { id: 2 })).toEqual([undefined, undefined])
  expect(ended).toHaveLength(1)
})

test('a runtime without such channels has nothing to follow', () => {
  const getBuiltinModule = vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined)
  try {
    expect(followTracingChannel('trulayer:test', { contexts: {}, ended: () => {} })).toBeUndefined()
  } finally {
    getBuiltinModule.mockRestore()
  }
})
