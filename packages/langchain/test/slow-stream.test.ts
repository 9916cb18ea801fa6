import { expect, test, vi } from 'vitest'

// Clocks and timers are taken once at load.
vi.useFakeTimers()
const { spanTree } = await import('@trulayer/core/testing')
const { ScriptedChatModel } = await import('../../../test/support/langchain-scripted-model.ts')
const { TruLayerCallbackHandler } = await import('../src/index.ts')
const { captureOf, collect, testClient } = await import('./play.ts')

const MINUTE = 60_000

test('a stream is held as long as it goes on, and ten minutes without a word', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const slow = { text: 'one two three four five', delay: 9 * MINUTE }
  const model = new ScriptedChatModel({ script: [slow] })
  const reading = model.stream('Hello', { callbacks }).then(collect)
  await vi.advanceTimersByTimeAsync(4.5 * slow.delay)
  expect(capture.traces).toEqual([])
  await vi.advanceTimersByTimeAsync(10 * slow.delay)
  await reading
  expect(capture.traces.map(spanTree)).toEqual([
    'chat gpt-4o-mini · ok · 20 in, 5 out\n└─ llm chat gpt-4o-mini · ok · 20 in, 5 out',
  ])

  capture.clear()
  // The first word is told when the second one is asked for.
  const leaving = model.stream('Hello', { callbacks }).then(async (stream) => {
    const reader = stream[Symbol.asyncIterator]()
    await reader.next()
    return await reader.next()
  })
  await vi.advanceTimersByTimeAsync(3 * slow.delay)
  await leaving
  expect(capture.traces).toEqual([])
  await vi.advanceTimersByTimeAsync(10 * MINUTE)
  expect(capture.traces.map(spanTree)).toEqual([
    'chat gpt-4o-mini · incomplete\n└─ llm chat gpt-4o-mini · incomplete',
  ])
})
