import { createRequire } from 'node:module'

import * as callbacks from '@langchain/core/callbacks/manager'
import { RunnableLambda } from '@langchain/core/runnables'
import type * as aiSdkModule from '@trulayer/ai-sdk'
import type * as coreModule from '@trulayer/core'
import type * as testingModule from '@trulayer/core/testing'
import type * as langchainModule from '@trulayer/langchain'
import * as ai from 'ai'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'

import { scriptedModel } from '../support/ai-sdk-scripted-model.ts'

/* One part of a process imports the library and another requires it: two copies, which share one object and nothing else. */
const require = createRequire(import.meta.url)
const required = require('../../packages/core/dist/index.cjs') as typeof coreModule
const requiredTesting = require('../../packages/core/dist/testing.cjs') as typeof testingModule
const imported = (await import(
  new URL('../../packages/core/dist/index.js', import.meta.url).href
)) as typeof coreModule

test('two copies have one global client, one active span and one memory', async () => {
  expect(required.TruLayer).not.toBe(imported.TruLayer)
  const client = imported.init({ mode: 'local', exitHooks: false })
  onTestFinished(() => void client.shutdown())
  expect(required.getClient()).toBe(client)
  expect(required.init({ mode: 'local', exitHooks: false })).toBe(client)

  await imported.getClient().withSession({ sessionId: 'chat-1' }, () =>
    imported.getClient().trace('answer', () =>
      required.getClient().span('search', 'retrieval', async (span) => {
        expect(imported.getClient().currentSpan()?.id).toBe(span.id)
        await imported
          .getClient()
          .suppress(() => required.getClient().span('title', 'llm', () => 1))
      }),
    ),
  )
  const trace = await requiredTesting.lastTrace()
  expect(requiredTesting.spanTree(trace)).toBe('answer · ok\n└─ retrieval search · ok')
  expect(trace.sessionId).toBe('chat-1')
})

test('a capture of one copy takes the traces of a client of the other', async () => {
  const capture = requiredTesting.captureTraces()
  onTestFinished(() => capture.stop())
  const client = new imported.TruLayer({ mode: 'off' })
  const id = '0190f5fe-7c00-7a00-8000-00000000abcd'
  await client.trace('first', () => 1, { id })
  await new required.TruLayer({ mode: 'off' }).trace('second', () => 1, { id })
  expect(capture.traces.map(({ name }) => name)).toEqual(['first', 'second'])
  expect(capture.traces[0]?.id).toBe(id)
  expect(capture.traces[1]?.id).not.toBe(id)
})

test('an error of one copy is known to the other', () => {
  const error = new required.TruLayerError('invalid-argument', 'x')
  expect(error).not.toBeInstanceOf(imported.TruLayerError)
  expect(imported.TruLayerError.isInstance(error)).toBe(true)
})

const conversation = [{ toolCalls: [{ id: 'c1', name: 'lookup', input: {} }] }, { text: 'Done.' }]
const LLM = 'llm chat gpt-4o-mini · ok · 20 in, 5 out'

function loadAdapter<Adapter>(name: string): { required: Adapter; imported: Promise<Adapter> } {
  const dist = `../../packages/${name}/dist/index`
  return {
    required: require(`${dist}.cjs`) as Adapter,
    imported: import(new URL(`${dist}.js`, import.meta.url).href) as Promise<Adapter>,
  }
}

test('a function of the AI SDK that one build wraps is recorded once with the telemetry of the other', async () => {
  const adapter = loadAdapter<typeof aiSdkModule>('ai-sdk')
  const copies = [adapter.required, await adapter.imported]
  for (const [wrapping, other] of [copies, copies.toReversed()]) {
    const client = new imported.TruLayer({ apiKey: 'tl_test', exitHooks: false })
    const capture = requiredTesting.captureTraces({ client })
    onTestFinished(() => capture.stop())
    const off = other?.registerTruLayer(ai, { client })
    const { generateText } = wrapping?.instrumentAISDK(ai, { client }) ?? ai
    await generateText({
      model: scriptedModel(conversation),
      tools: { lookup: ai.tool({ inputSchema: z.object({}), execute: () => 'found' }) },
      stopWhen: ai.isStepCount(2),
      prompt: 'Hi',
      ...(other !== undefined && { telemetry: other.trulayerTelemetry({ client }) }),
    })
    off?.()
    expect(wrapping?.instrumentAISDK).not.toBe(other?.instrumentAISDK)
    expect(capture.traces.map(requiredTesting.spanTree)).toEqual([
      `generateText · ok · 40 in, 10 out\n├─ ${LLM}\n├─ tool lookup · ok\n└─ ${LLM}`,
    ])
  }
})

test('a turn of LangChain is recorded once by the handler of one build and the instrumentation of the other', async () => {
  const adapter = loadAdapter<typeof langchainModule>('langchain')
  const copies = [adapter.required, await adapter.imported]
  const echo = RunnableLambda.from((text: string) => text)
  for (const [instrumenting, other] of [copies, copies.toReversed()]) {
    const client = new required.TruLayer({ apiKey: 'tl_test', exitHooks: false })
    const capture = requiredTesting.captureTraces({ client })
    onTestFinished(() => capture.stop())
    const undo = instrumenting?.instrumentLangChain(callbacks, { client })
    await echo.invoke('hello', {
      runName: 'echo',
      callbacks: other === undefined ? [] : [new other.TruLayerCallbackHandler({ client })],
      configurable: { thread_id: 'T' },
    })
    undo?.()
    expect(instrumenting?.instrumentLangChain).not.toBe(other?.instrumentLangChain)
    expect(capture.traces.map(requiredTesting.spanTree)).toEqual(['echo · ok'])
    expect(capture.traces[0]?.sessionId).toBe('T')
  }
})
