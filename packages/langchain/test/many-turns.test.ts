import { spanTree } from '@trulayer/core/testing'
import { MemorySaver } from '@langchain/langgraph'
import { createReactAgent } from '@langchain/langgraph/prebuilt'
import { createAgent } from 'langchain'
import { expect, test } from 'vitest'

import { calculator, canonicalModel, weather } from '../../../test/support/langchain-agents.ts'
import { ScriptedChatModel } from '../../../test/support/langchain-scripted-model.ts'
import { TruLayerCallbackHandler } from '../src/index.ts'
import { captureOf, collect, testClient } from './play.ts'

test('turns at the same time keep apart: a hundred threads, one agent, one handler', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const agent = createAgent({
    name: 'support',
    model: new ScriptedChatModel({
      script: (messages) => {
        const city = messages[0]?.text ?? ''
        return messages.length === 1
          ? { delay: 5, toolCalls: [{ id: `call_${city}`, name: 'weather', args: { city } }] }
          : { delay: 5, text: `Sunny in ${city}.` }
      },
    }),
    tools: [weather],
    checkpointer: new MemorySaver(),
  })
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const cities = Array.from({ length: 100 }, (_, index) => `city-${String(index).padStart(2, '0')}`)
  await Promise.all(
    cities.map((city) =>
      agent.invoke(
        { messages: [{ role: 'user', content: city }] },
        { callbacks, configurable: { thread_id: `thread-${city}` } },
      ),
    ),
  )
  await capture.last()
  expect(client.stats().traces).toMatchObject({ open: 0, late: 0 })
  const traces = capture.traces.toSorted((one, other) =>
    one.sessionId.localeCompare(other.sessionId),
  )
  expect(
    traces.map((trace) => [
      trace.sessionId,
      trace.input,
      trace.output,
      trace.spans.map((span) => span.metadata['gen_ai.tool.call.id']).filter(Boolean),
      trace.spans[1]?.input,
    ]),
  ).toEqual(
    cities.map((city) => [`thread-${city}`, city, `Sunny in ${city}.`, [`call_${city}`], { city }]),
  )
  expect(new Set(traces.map(spanTree)).size).toBe(1)
})

test('secrets in configurable and in the parameters of a model never leave', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const agent = createAgent({
    name: 'support',
    model: canonicalModel(),
    tools: [weather, calculator],
  })
  await agent.invoke(
    { messages: [{ role: 'user', content: 'Weather?' }] },
    {
      callbacks,
      configurable: { thread_id: 'thread', api_key: 'sk-secret', user_token: 'sk-secret' },
      metadata: { api_key: 'sk-secret' },
    },
  )
  const trace = await capture.last()
  expect(trace.sessionId).toBe('thread')
  expect(JSON.stringify(trace)).not.toContain('sk-secret')
})

test('a thousand turns leave nothing open', async () => {
  const client = testClient()
  let spans = 0
  const capture = captureOf(client)
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const agent = createReactAgent({
    name: 'support',
    llm: new ScriptedChatModel({ script: [{ text: 'Hi.' }] }),
    tools: [],
  })
  for (let turn = 0; turn < 1000; turn += 1) {
    await agent.invoke({ messages: [{ role: 'user', content: 'Hello' }] }, { callbacks })
    spans += capture.traces[0]?.spans.length ?? 0
    capture.clear()
  }
  expect(spans).toBe(1000)
  expect(client.stats().traces).toMatchObject({ recorded: 1000, open: 0, late: 0 })
}, 30_000)

test('a stream that its reader left is cancelled, and closed', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const agent = createAgent({
    name: 'support',
    model: new ScriptedChatModel({ script: [{ text: 'A long answer.', delay: 10 }] }),
    tools: [weather],
  })
  const stream = await agent.stream(
    { messages: [{ role: 'user', content: 'Hello' }] },
    { callbacks, streamMode: 'messages' },
  )
  const chunks: unknown[] = []
  for await (const chunk of stream) {
    chunks.push(chunk)
    break
  }
  const trace = await capture.last()
  expect(spanTree(trace)).toMatchInlineSnapshot(`
    "support · cancelled
    └─ llm chat gpt-4o-mini · cancelled"
  `)
  expect(client.stats().traces.open).toBe(0)
})

test('a stream of a model that nobody reads to the end is held until it is closed', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const model = new ScriptedChatModel({ script: [{ text: 'A long answer.' }] })
  const stream = await model.stream('Hello', { callbacks })
  const reader = stream[Symbol.asyncIterator]()
  await reader.next()
  await reader.next()
  expect(client.stats().traces.open).toBe(1)
  await client.flush({ open: 'close' })
  expect(capture.traces.map(spanTree)).toMatchInlineSnapshot(`
    [
      "chat gpt-4o-mini · incomplete
    └─ llm chat gpt-4o-mini · incomplete",
    ]
  `)
  expect(capture.traces[0]?.spans[0]?.metadata['trulayer.ttft_ms']).toEqual(expect.any(Number))
})

test('the turns of a stream and of a reader that goes on are whole', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const model = new ScriptedChatModel({ script: [{ text: 'A long answer.' }] })
  await collect(await model.stream('Hello', { callbacks }))
  const trace = await capture.last()
  expect(trace).toMatchObject({ status: 'ok', output: 'A long answer.' })
})
