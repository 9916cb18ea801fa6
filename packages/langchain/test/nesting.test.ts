import { setTimeout } from 'node:timers/promises'

import { tool } from '@langchain/core/tools'
import { RunnableLambda } from '@langchain/core/runnables'
import { MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { TruLayer } from '@trulayer/core'
import { spanTree } from '@trulayer/core/testing'
import { createAgent } from 'langchain'
import { expect, test } from 'vitest'
import { z } from 'zod'

import { calculator, canonicalModel, weather } from '../../../test/support/langchain-agents.ts'
import { ScriptedChatModel } from '../../../test/support/langchain-scripted-model.ts'
import { TruLayerCallbackHandler } from '../src/index.ts'
import { captureOf, collect, play, spanNamed, testClient } from './play.ts'

const question = { messages: [{ role: 'user', content: 'Weather?' }] }

function support(): ReturnType<typeof createAgent> {
  return createAgent({ name: 'support', model: canonicalModel(), tools: [weather, calculator] })
}

function replying(text: string): ScriptedChatModel {
  return new ScriptedChatModel({ script: [{ text }] })
}

test('a session of the host goes before the thread, and one of the call before both', async () => {
  const { traces } = await play(({ callbacks, client }) =>
    client.withSession({ sessionId: 'host', userId: 'u-1', tags: { plan: 'pro' } }, async () => {
      const thread = { configurable: { thread_id: 'thread' } }
      await support().invoke(question, { callbacks, ...thread })
      const metadata = { session_id: 'call', user_id: 'u-2' }
      return await support().invoke(question, { callbacks, metadata, ...thread })
    }),
  )
  expect(traces.map(({ sessionId, userId, tags }) => ({ sessionId, userId, tags }))).toEqual([
    { sessionId: 'host', userId: 'u-1', tags: { plan: 'pro' } },
    { sessionId: 'call', userId: 'u-2', tags: { plan: 'pro' } },
  ])
})

test('an agent inside trace() hangs under it', async () => {
  const { tree, trace, traces } = await play(({ callbacks, client }) =>
    client.trace('answer', async () => {
      const { messages } = await support().invoke(question, {
        callbacks,
        configurable: { thread_id: 'thread' },
      })
      return messages.at(-1)?.text
    }),
  )
  expect(traces).toHaveLength(1)
  expect(tree).toMatchInlineSnapshot(`
    "answer · ok · 40 in, 10 out
    └─ other support · ok
       ├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
       ├─ tool calculator · ok
       ├─ tool weather · ok
       ├─ tool weather · ok
       └─ llm chat gpt-4o-mini · ok · 20 in, 5 out"
  `)
  expect(trace).toMatchObject({ output: 'Sunny in both, and 5.', sessionId: 'thread' })
  expect(spanNamed(trace, 'support').metadata['trulayer.framework']).toBe('langchain')
})

test('a span inside a tool hangs under the tool, and a model inside that span under it', async () => {
  const { tree } = await play(({ callbacks, client }) => {
    const rank = tool(
      ({ query }: { query: string }) =>
        client.span(
          'rerank',
          'retrieval',
          async () => (await replying('Best.').invoke(query)).text,
        ),
      { name: 'rank', description: 'Ranks', schema: z.object({ query: z.string() }) },
    )
    return createAgent({
      name: 'support',
      model: new ScriptedChatModel({
        script: [
          {
            toolCalls: [
              { id: 'call_1', name: 'rank', args: { query: 'a' } },
              { id: 'call_2', name: 'rank', args: { query: 'b' } },
            ],
          },
          { text: 'Done.' },
        ],
      }),
      tools: [rank],
    }).invoke(question, { callbacks })
  })
  expect(tree).toMatchInlineSnapshot(`
    "support · ok · 80 in, 20 out
    ├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
    ├─ tool rank · ok
    │  └─ retrieval rerank · ok
    │     └─ llm chat gpt-4o-mini · ok · 20 in, 5 out
    ├─ tool rank · ok
    │  └─ retrieval rerank · ok
    │     └─ llm chat gpt-4o-mini · ok · 20 in, 5 out
    └─ llm chat gpt-4o-mini · ok · 20 in, 5 out"
  `)
})

test('a graph inside a chain has its own thread, which is the session of the turn', async () => {
  const { trace, tree } = await play(({ callbacks }) => {
    const desk = new StateGraph(MessagesAnnotation)
      .addNode('answer', async ({ messages }) => ({
        messages: [await replying('Yes.').invoke(messages)],
      }))
      .addEdge(START, 'answer')
      .compile({ name: 'desk' })
    return RunnableLambda.from((text: string) =>
      desk.invoke(
        { messages: [{ role: 'user', content: text }] },
        { configurable: { thread_id: 'inner' } },
      ),
    ).invoke('Hello', { callbacks, runName: 'route' })
  })
  expect(tree).toBe(`\
route · ok · 20 in, 5 out
└─ other desk · ok
   └─ other answer · ok
      └─ llm chat gpt-4o-mini · ok · 20 in, 5 out`)
  expect(trace.sessionId).toBe('inner')
})

test('a graph that a tool calls has a thread of its own, which is not the session of the turn', async () => {
  const { trace, tree } = await play(({ callbacks }) => {
    const desk = new StateGraph(MessagesAnnotation)
      .addNode('answer', async ({ messages }) => ({
        messages: [await replying('Yes.').invoke(messages)],
      }))
      .addEdge(START, 'answer')
      .compile({ name: 'desk' })
    const ask = tool(
      async () => {
        const { messages } = await desk.invoke(question, { configurable: { thread_id: 'inner' } })
        return messages.at(-1)?.text ?? ''
      },
      { name: 'ask', description: 'Asks', schema: z.object({}) },
    )
    return ask.invoke({}, { callbacks })
  })
  expect(tree).toBe(`\
ask · ok · 20 in, 5 out
└─ tool ask · ok
   └─ other desk · ok
      └─ other answer · ok
         └─ llm chat gpt-4o-mini · ok · 20 in, 5 out`)
  expect(trace.sessionId).toBe(trace.id)
})

test('a call that is handed the handler once more stays in its trace', async () => {
  const { trees } = await play(({ callbacks }) =>
    new StateGraph(MessagesAnnotation)
      .addNode('answer', async ({ messages }) => ({
        messages: [await replying('Yes.').invoke(messages, { callbacks })],
      }))
      .addEdge(START, 'answer')
      .compile({ name: 'desk' })
      .invoke(question, { callbacks }),
  )
  expect(trees).toMatchInlineSnapshot(`
    [
      "desk · ok · 20 in, 5 out
    └─ other answer · ok
       └─ llm chat gpt-4o-mini · ok · 20 in, 5 out",
    ]
  `)
})

test('a handler that is given twice records once', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const handler = new TruLayerCallbackHandler({ client })
  const another = new TruLayerCallbackHandler({ client })
  const model = new ScriptedChatModel({ script: [{ text: 'Hi.' }], callbacks: [handler] })
  const chain = model.pipe(RunnableLambda.from((message) => message.text))
  await chain
    .withConfig({ callbacks: [handler] })
    .invoke('Hello', { callbacks: [handler, another], runName: 'greet' })
  await capture.last()
  expect(capture.traces.map(spanTree)).toEqual([
    'greet · ok · 20 in, 5 out\n└─ llm chat gpt-4o-mini · ok · 20 in, 5 out',
  ])
  expect(capture.traces[0]?.spans[0]?.output).toHaveLength(1)
})

test('what is suppressed is not recorded', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const callbacks = [new TruLayerCallbackHandler({ client })]
  await client.suppress(() => support().invoke(question, { callbacks }))
  expect(capture.traces).toEqual([])
  expect(client.stats().traces).toMatchObject({ recorded: 0, open: 0, late: 0 })
})

test('a client that records nothing leaves no trace of the handler', async () => {
  const client = testClient()
  const callbacks = [new TruLayerCallbackHandler({ client })]
  await client.shutdown()
  const { messages } = await support().invoke(question, { callbacks })
  expect(messages.at(-1)?.text).toBe('Sunny in both, and 5.')
  expect(client.stats().traces.recorded).toBe(0)
})

test('a stream that outlives the function around it is waited for', async () => {
  const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false, limits: { grace: 20 } })
  const capture = captureOf(client)
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const stream = await client.trace('answer', async () => {
    const started = await replying('A long answer.').stream('Hello', { callbacks })
    const first = await started[Symbol.asyncIterator]().next()
    expect(first.done).toBe(false)
    return started
  })
  await setTimeout(200)
  expect(capture.traces).toEqual([])
  await collect(stream)
  expect(spanTree(await capture.last())).toBe(
    'answer · ok · 20 in, 5 out\n└─ llm chat gpt-4o-mini · ok · 20 in, 5 out',
  )
})
