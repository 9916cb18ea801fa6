import { dispatchCustomEvent } from '@langchain/core/callbacks/dispatch'
import { RunnableLambda } from '@langchain/core/runnables'
import { AIMessage } from '@langchain/core/messages'
import type { ChatResult } from '@langchain/core/outputs'
import { StructuredTool, tool } from '@langchain/core/tools'
import { FakeListChatModel } from '@langchain/core/utils/testing'
import { MemorySaver } from '@langchain/langgraph'
import { createAgent } from 'langchain'
import { expect, test } from 'vitest'
import { z } from 'zod'

import { calculator, canonicalModel, weather } from '../../../test/support/langchain-agents.ts'
import { ScriptedChatModel } from '../../../test/support/langchain-scripted-model.ts'
import { TruLayerCallbackHandler, trulayerTraceId } from '../src/index.ts'
import { captureOf, collect, play, spanNamed, testClient } from './play.ts'

const question = { messages: [{ role: 'user', content: 'Weather?' }] }

test('what the host dispatches are events of the span that it happened in, each once', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const search = tool(
    async () => {
      await dispatchCustomEvent('progress', { percent: 50, note: 'half' })
      await dispatchCustomEvent('cached', true)
      return 'found'
    },
    { name: 'search', description: 'Searches', schema: z.object({}) },
  )
  const model = new ScriptedChatModel({
    script: [{ toolCalls: [{ id: 'c1', name: 'search', args: {} }] }, { text: 'Done.' }],
  })
  // Two handlers of one client hear everything twice.
  const callbacks = [
    new TruLayerCallbackHandler({ client }),
    new TruLayerCallbackHandler({ client }),
  ]
  await createAgent({ name: 'support', model, tools: [search] }).invoke(question, { callbacks })
  const trace = await capture.last()
  expect(trace.events).toEqual([
    {
      id: expect.any(String),
      spanId: spanNamed(trace, 'search').id,
      level: 'info',
      message: 'progress',
      metadata: { percent: 50, note: 'half' },
    },
    expect.objectContaining({ message: 'cached', metadata: { data: true } }),
  ])
})

test('a tool that gives one value after another is one span', async () => {
  const { tree, trace } = await play(({ callbacks }) => {
    const count = tool(
      async function* () {
        yield 'one'
        yield 'two'
        return 'three'
      },
      { name: 'count', description: 'Counts', schema: z.object({}) },
    )
    const model = new ScriptedChatModel({
      script: [{ toolCalls: [{ id: 'c1', name: 'count', args: {} }] }, { text: 'Done.' }],
    })
    return createAgent({ name: 'support', model, tools: [count] }).invoke(question, { callbacks })
  })
  expect(tree).toBe(`\
support · ok · 40 in, 10 out
├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
├─ tool count · ok
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`)
  expect(spanNamed(trace, 'count').metadata['gen_ai.tool.call.id']).toBe('c1')
})

test('of a stream that is closed before its end the text so far is kept, once', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const callbacks = [
    new TruLayerCallbackHandler({ client }),
    new TruLayerCallbackHandler({ client }),
  ]
  const model = new ScriptedChatModel({ script: [{ text: 'A very long answer.' }], callbacks })
  const stream = await model.stream('Hello', { callbacks })
  const reader = stream[Symbol.asyncIterator]()
  for (let index = 0; index < 3; index += 1) {
    await reader.next()
  }
  await client.flush({ open: 'close' })
  const [trace] = capture.traces
  expect(trace?.status).toBe('incomplete')
  expect(trace?.output).toMatch(/^A very (?:long )?$/)
  expect(trace?.spans[0]?.output).toEqual([
    { role: 'assistant', parts: [{ type: 'text', content: trace?.output }] },
  ])
})

test('two handlers take down a stream once, also where its chunks are not told', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const callbacks = [
    new TruLayerCallbackHandler({ client }),
    new TruLayerCallbackHandler({ client }),
  ]
  const model = new FakeListChatModel({ responses: ['abcdefgh'] })
  const stream = await model.stream('Hello', { callbacks })
  const reader = stream[Symbol.asyncIterator]()
  for (let index = 0; index < 3; index += 1) {
    await reader.next()
  }
  await client.flush({ open: 'close' })
  expect(capture.traces[0]?.status).toBe('incomplete')
  expect(capture.traces[0]?.output).toMatch(/^abc?d?$/)
})

test('of a stream that fails the text so far is kept', async () => {
  const { trace } = await play(async ({ callbacks }) => {
    const error = new Error('connection lost')
    const model = new ScriptedChatModel({ script: [{ text: 'A long answer.', error }] })
    return await collect(await model.stream('Hello', { callbacks }))
  })
  expect(trace).toMatchObject({ status: 'error', error: 'Error: connection lost' })
  expect(trace.spans[0]?.output).toEqual([
    { role: 'assistant', parts: [{ type: 'text', content: 'A long answer.' }] },
  ])
})

test('the address for help is cut from the errors of LangChain, and from nothing else', async () => {
  const helpful = new Error(
    'out of range\n\nTroubleshooting URL: https://docs.example/errors/INVALID/\n',
  )
  const { trace, outcome } = await play(({ callbacks }) =>
    RunnableLambda.from(() => {
      throw helpful
    }).invoke('a', { callbacks }),
  )
  expect(outcome.status === 'threw' && outcome.error).toBe(helpful)
  expect(trace.error).toBe('Error: out of range')
})

test('a tool that is a class goes by the name that its answer tells', async () => {
  const { tree } = await play(({ callbacks }) => {
    class Lookup extends StructuredTool {
      override readonly name = 'lookup'
      override readonly description = 'Looks up'
      override readonly schema = z.object({ order: z.number() })
      override _call(): Promise<string> {
        return Promise.resolve('found')
      }
    }
    const call = { id: 'c1', name: 'lookup', args: { order: 1 }, type: 'tool_call' } as const
    return new Lookup().invoke(call, { callbacks })
  })
  expect(tree).toBe('lookup · ok\n└─ tool lookup · ok')
})

test('tokens that LangChain guessed are told apart from those that were billed', async () => {
  const { trace } = await play(({ callbacks }) => {
    class Guessing extends ScriptedChatModel {
      override _generate(): Promise<ChatResult> {
        const estimatedTokenUsage = { promptTokens: 7, completionTokens: 2, totalTokens: 9 }
        return Promise.resolve({
          generations: [{ text: 'Hi.', message: new AIMessage('Hi.') }],
          llmOutput: { estimatedTokenUsage },
        })
      }
    }
    return new Guessing({ script: [] }).invoke('Hello', { callbacks })
  })
  expect(trace.spans[0]).toMatchObject({
    usage: { promptTokens: 7, completionTokens: 2 },
    metadata: { 'trulayer.estimated': true },
  })
})

test('what a call returned leads to its trace', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const agent = createAgent({
    name: 'support',
    model: canonicalModel(),
    tools: [weather, calculator],
    checkpointer: new MemorySaver(),
  })
  const config = { callbacks, configurable: { thread_id: 'T' } }
  const state = await agent.invoke(question, config)
  const { id } = await capture.last()
  expect(trulayerTraceId(state, { client })).toBe(id)
  expect(trulayerTraceId(state.messages, { client })).toBe(id)
  expect(trulayerTraceId(state.messages.at(-1), { client })).toBe(id)
  const next = await agent.invoke(question, config)
  expect(trulayerTraceId(next, { client })).toBe((await capture.last()).id)
  expect(trulayerTraceId(state, { client })).toBe(id)
})

test('a turn that goes on keeps the session in which it was interrupted', async () => {
  const { traces } = await play(async ({ callbacks, client }) => {
    const { interrupt, Command } = await import('@langchain/langgraph')
    const approve = tool(() => `approved: ${String(interrupt('May I?'))}`, {
      name: 'approve',
      description: 'Asks a person',
      schema: z.object({}),
    })
    const agent = createAgent({
      name: 'support',
      model: new ScriptedChatModel({
        script: [{ toolCalls: [{ id: 'c1', name: 'approve', args: {} }] }, { text: 'Done.' }],
      }),
      tools: [approve],
      checkpointer: new MemorySaver(),
    })
    const config = { callbacks, configurable: { thread_id: 'T' } }
    await client.withSession({ sessionId: 'chat-1' }, () => agent.invoke(question, config))
    return await agent.invoke(new Command({ resume: 'yes' }), config)
  })
  expect(traces.map(({ sessionId }) => sessionId)).toEqual(['chat-1', 'chat-1'])
})
