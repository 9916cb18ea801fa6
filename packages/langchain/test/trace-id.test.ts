import { RunnableLambda } from '@langchain/core/runnables'
import { expect, test } from 'vitest'

import { ScriptedChatModel } from '../../../test/support/langchain-scripted-model.ts'
import { TruLayerCallbackHandler, trulayerTraceId } from '../src/index.ts'
import { captureOf, testClient } from './play.ts'

test('the id of a trace is the run id that the host chose', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const runId = '0198F2C0-0000-7000-8000-0000000000AB'
  await RunnableLambda.from((text: string) => text).invoke('x', {
    runId,
    callbacks: [new TruLayerCallbackHandler({ client })],
  })
  const trace = await capture.last()
  expect(trace.id).toBe(runId.toLowerCase())
  expect(trulayerTraceId(runId, { client })).toBe(trace.id)
})

test('a run id that is used again gives another trace, and leads to the latest', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const runId = '0198f2c0-0000-7000-8000-0000000000ac'
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const echo = RunnableLambda.from((text: string) => text)
  await echo.invoke('x', { runId, callbacks })
  await echo.invoke('y', { runId, callbacks })
  await capture.last()
  const [first, second] = capture.traces
  expect(first?.id).toBe(runId)
  expect(second?.id).not.toBe(runId)
  expect(trulayerTraceId(runId, { client })).toBe(second?.id)
})

test('a model’s answer leads to the trace that it came from, also from within a chain', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const model = new ScriptedChatModel({ script: [{ text: 'Hi.' }] })
  const answer = await model
    .pipe(RunnableLambda.from((message) => message))
    .invoke('Hello', { callbacks })
  const trace = await capture.last()
  expect(trulayerTraceId(answer, { client })).toBe(trace.id)
})

test('what is no run has no trace', () => {
  const client = testClient()
  expect(trulayerTraceId('thread-7', { client })).toBeUndefined()
  expect(trulayerTraceId({ id: 7 }, { client })).toBeUndefined()
  expect(trulayerTraceId(undefined, { client })).toBeUndefined()
})
