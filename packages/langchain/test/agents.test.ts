import type { Callbacks } from '@langchain/core/callbacks/manager'
import { HumanMessage } from '@langchain/core/messages'
import { StructuredTool, tool } from '@langchain/core/tools'
import { Command, interrupt, MemorySaver } from '@langchain/langgraph'
import { createReactAgent } from '@langchain/langgraph/prebuilt'
import { createAgent } from 'langchain'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { calculator, canonicalModel, weather } from '../../../test/support/langchain-agents.ts'
import { ScriptedChatModel } from '../../../test/support/langchain-scripted-model.ts'
import { collect, play, spanNamed } from './play.ts'

const CANONICAL = `\
support · ok · 40 in, 10 out
├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
├─ tool calculator · ok
├─ tool weather · ok
├─ tool weather · ok
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`

const question = {
  messages: [{ role: 'user', content: 'Weather in Paris and Berlin, and 2 + 3?' }],
}
const thread = { configurable: { thread_id: 'thread-1' } }

const tools = [weather, calculator]

function modernAgent(name?: string) {
  return createAgent({ ...(name === undefined ? {} : { name }), model: canonicalModel(), tools })
}

function prebuiltAgent(name?: string) {
  return createReactAgent({ ...(name === undefined ? {} : { name }), llm: canonicalModel(), tools })
}

const kinds = [
  {
    kind: 'createAgent',
    make: modernAgent,
    events: (callbacks: Callbacks) =>
      modernAgent('support').streamEvents(question, { callbacks, version: 'v2' }),
    protocol: (callbacks: Callbacks) =>
      modernAgent('support').streamEvents(question, { callbacks, version: 'v3' }),
  },
  {
    kind: 'createReactAgent',
    make: prebuiltAgent,
    events: (callbacks: Callbacks) =>
      prebuiltAgent('support').streamEvents(question, { callbacks, version: 'v2' }),
    protocol: (callbacks: Callbacks) =>
      prebuiltAgent('support').streamEvents(question, { callbacks, version: 'v3' }),
  },
]

describe.each(kinds)('the canonical turn of $kind', ({ make, events, protocol }) => {
  test('invoked', async () => {
    const { tree, trace } = await play(({ callbacks }) =>
      make('support').invoke(question, { callbacks, ...thread }),
    )
    expect(tree).toBe(CANONICAL)
    expect(trace).toMatchObject({
      name: 'support',
      sessionId: 'thread-1',
      input: 'Weather in Paris and Berlin, and 2 + 3?',
      output: 'Sunny in both, and 5.',
      model: 'gpt-4o-mini',
      metadata: {
        'gen_ai.agent.name': 'support',
        'trulayer.framework': 'langchain',
        'trulayer.status': 'ok',
      },
    })
    const [first] = trace.spans
    expect(first).toMatchObject({
      input: [
        {
          role: 'user',
          parts: [{ type: 'text', content: 'Weather in Paris and Berlin, and 2 + 3?' }],
        },
      ],
      output: [
        {
          role: 'assistant',
          parts: [
            { type: 'tool_call', id: 'call_1', name: 'weather', arguments: { city: 'Paris' } },
            { type: 'tool_call', id: 'call_2', name: 'weather', arguments: { city: 'Berlin' } },
            { type: 'tool_call', id: 'call_3', name: 'calculator', arguments: { a: 2, b: 3 } },
          ],
        },
      ],
      usage: {
        promptTokens: 20,
        completionTokens: 5,
        cachedTokens: 4,
        cacheWriteTokens: 2,
        reasoningTokens: 3,
      },
    })
    expect(first?.metadata).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.request.temperature': 0.2,
      'gen_ai.request.max_tokens': 256,
      'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
      'gen_ai.response.finish_reasons': ['tool_calls'],
      'gen_ai.usage.cache_read.input_tokens': 4,
      'gen_ai.usage.cache_write.input_tokens': 2,
      'gen_ai.usage.reasoning.output_tokens': 3,
      // The scripted model is given Zod schemas, which are not JSON Schemas.
      'gen_ai.tool.definitions': [
        { type: 'function', name: 'weather', description: 'The weather of a city' },
        { type: 'function', name: 'calculator', description: 'The sum of two numbers' },
      ],
      'trulayer.status': 'ok',
    })
    const calls = trace.spans.filter((span) => span.type === 'tool')
    expect(
      calls.map(({ input, output, metadata }) => [input, output, metadata['gen_ai.tool.call.id']]),
    ).toEqual([
      [{ city: 'Paris' }, 'sunny in Paris', 'call_1'],
      [{ city: 'Berlin' }, 'sunny in Berlin', 'call_2'],
      [{ a: 2, b: 3 }, '5', 'call_3'],
    ])
    expect(trace.spans.at(-1)?.input).toHaveLength(5)
    expect(trace.spans.at(-1)?.output).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'Sunny in both, and 5.' }] },
    ])
  })

  test.each(['messages', 'values'] as const)('streamed as %s', async (streamMode) => {
    const { tree, trace } = await play(async ({ callbacks }) =>
      collect(await make('support').stream(question, { callbacks, streamMode, ...thread })),
    )
    expect(tree).toBe(CANONICAL)
    expect(trace).toMatchObject({ sessionId: 'thread-1', output: 'Sunny in both, and 5.' })
    const times = trace.spans
      .filter((span) => span.type === 'llm')
      .map((span) => span.metadata['trulayer.ttft_ms'])
    // Only a stream of messages makes LangGraph stream the model.
    const expected: unknown = streamMode === 'messages' ? expect.any(Number) : undefined
    expect(times).toEqual([expected, expected])
  })

  test('streamed as events', async () => {
    const { tree, trace } = await play(async ({ callbacks }) => {
      const told = await collect(events(callbacks))
      return told.map(({ event, name }) => [event, name])
    })
    expect(tree).toBe(CANONICAL)
    expect(trace.spans[0]?.metadata['trulayer.ttft_ms']).toEqual(expect.any(Number))
  })

  test('streamed as protocol events', async () => {
    const { tree, trace } = await play(async ({ callbacks }) => {
      const run = await protocol(callbacks)
      return await run.output
    })
    expect(tree).toBe(CANONICAL)
    expect(trace.spans[0]?.metadata['trulayer.ttft_ms']).toEqual(expect.any(Number))
  })

  test('without a name, and without a thread', async () => {
    const { tree, trace } = await play(({ callbacks }) => make().invoke(question, { callbacks }))
    expect(tree).toBe(CANONICAL.replace('support', 'agent'))
    expect(trace.sessionId).toBe(trace.id)
  })
})

test('the folding can be turned off', async () => {
  const { tree } = await play(
    ({ callbacks }) => prebuiltAgent('support').invoke(question, { callbacks }),
    { nodes: 'all' },
  )
  expect(tree).toMatchInlineSnapshot(`
    "support · ok · 40 in, 10 out
    ├─ other __start__ · ok
    ├─ other agent · ok
    │  ├─ other RunnableSequence · ok
    │  │  ├─ other prompt · ok
    │  │  └─ llm chat gpt-4o-mini · ok · 20 in, 5 out
    │  └─ other RunnableLambda · ok
    ├─ other tools · ok
    │  ├─ tool calculator · ok
    │  ├─ tool weather · ok
    │  └─ tool weather · ok
    └─ other agent · ok
       ├─ other RunnableSequence · ok
       │  ├─ other prompt · ok
       │  └─ llm chat gpt-4o-mini · ok · 20 in, 5 out
       └─ other RunnableLambda · ok"
  `)
})

test('a tool that throws is an error of the tool alone when the agent recovers', async () => {
  const broken = tool(
    () => {
      throw new RangeError('no such order')
    },
    { name: 'lookup', description: 'Looks up an order', schema: z.object({ order: z.number() }) },
  )
  const { tree, trace } = await play(({ callbacks }) =>
    createAgent({
      name: 'support',
      model: new ScriptedChatModel({
        script: [
          { toolCalls: [{ id: 'call_1', name: 'lookup', args: { order: 7 } }] },
          { text: 'I could not find it.' },
        ],
      }),
      tools: [broken],
    }).invoke(question, { callbacks }),
  )
  expect(tree).toMatchInlineSnapshot(`
    "support · ok · 40 in, 10 out
    ├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
    ├─ tool lookup · error (RangeError: no such order)
    └─ llm chat gpt-4o-mini · ok · 20 in, 5 out"
  `)
  expect(trace.error).toBeUndefined()
})

test('a tool that is a class goes by the name that the model calls', async () => {
  class LookupTool extends StructuredTool {
    override readonly name = 'lookup'
    override readonly description = 'Looks up an order'
    override readonly schema = z.object({ order: z.number() })
    protected override _call({ order }: { order: number }): Promise<string> {
      return order === 7 ? Promise.resolve('shipped') : Promise.reject(new Error('no such order'))
    }
  }
  const { tree } = await play(({ callbacks }) =>
    createAgent({
      name: 'support',
      model: new ScriptedChatModel({
        script: [
          {
            toolCalls: [
              { id: 'call_1', name: 'lookup', args: { order: 7 } },
              { id: 'call_2', name: 'lookup', args: { order: 8 } },
            ],
          },
          { text: 'One is shipped.' },
        ],
      }),
      tools: [new LookupTool()],
    }).invoke(question, { callbacks }),
  )
  expect(tree).toMatchInlineSnapshot(`
    "support · ok · 40 in, 10 out
    ├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
    ├─ tool lookup · ok
    ├─ tool lookup · error (Error: no such order)
    └─ llm chat gpt-4o-mini · ok · 20 in, 5 out"
  `)
})

test.each([
  { forwarded: true, how: 'with the config' },
  { forwarded: false, how: 'without the config' },
])('an agent that is a tool of another, called $how', async ({ forwarded }) => {
  const { tree, trace } = await play(({ callbacks }) => {
    const researcher = createAgent({
      name: 'researcher',
      model: canonicalModel(),
      tools: [weather, calculator],
    })
    const ask = tool(
      async ({ topic }, config) => {
        const input = { messages: [new HumanMessage(topic)] }
        const { messages } = await researcher.invoke(input, forwarded ? config : undefined)
        return messages.at(-1)?.text ?? ''
      },
      { name: 'ask', description: 'Asks', schema: z.object({ topic: z.string() }) },
    )
    return createAgent({
      name: 'boss',
      model: new ScriptedChatModel({
        model: 'gpt-4o',
        script: [
          { toolCalls: [{ id: 'call_a', name: 'ask', args: { topic: 'rain' } }] },
          { text: 'No rain.' },
        ],
      }),
      tools: [ask],
    }).invoke(question, { callbacks, ...thread })
  })
  expect(tree).toBe(`\
boss · ok · 80 in, 20 out
├─ llm chat gpt-4o · ok · 20 in, 5 out
├─ tool ask · ok
│  └─ other researcher · ok
│     ├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
│     ├─ tool calculator · ok
│     ├─ tool weather · ok
│     ├─ tool weather · ok
│     └─ llm chat gpt-4o-mini · ok · 20 in, 5 out
└─ llm chat gpt-4o · ok · 20 in, 5 out`)
  expect(spanNamed(trace, 'researcher')).toMatchObject({
    input: 'rain',
    output: 'Sunny in both, and 5.',
  })
})

test('a model that a tool calls without a config', async () => {
  const { tree } = await play(({ callbacks }) => {
    const inner = new ScriptedChatModel({ model: 'gpt-4o', script: [{ text: 'Short.' }] })
    const summarize = tool(async ({ text }) => (await inner.invoke(text)).text, {
      name: 'summarize',
      description: 'Summarizes',
      schema: z.object({ text: z.string() }),
    })
    return createAgent({
      name: 'support',
      model: new ScriptedChatModel({
        script: [
          { toolCalls: [{ id: 'call_1', name: 'summarize', args: { text: 'Long.' } }] },
          { text: 'Done.' },
        ],
      }),
      tools: [summarize],
    }).invoke(question, { callbacks })
  })
  expect(tree).toBe(`\
support · ok · 60 in, 15 out
├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
├─ tool summarize · ok
│  └─ llm chat gpt-4o · ok · 20 in, 5 out
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`)
})

test('an interrupt in a tool, and the resumed turn', async () => {
  const { trees, traces } = await play(async ({ callbacks }) => {
    const approve = tool(() => `approved: ${interrupt('May I?')}`, {
      name: 'approve',
      description: 'Asks a person',
      schema: z.object({}),
    })
    const agent = createAgent({
      name: 'support',
      model: new ScriptedChatModel({
        script: [{ toolCalls: [{ id: 'call_1', name: 'approve', args: {} }] }, { text: 'Done.' }],
      }),
      tools: [approve],
      checkpointer: new MemorySaver(),
    })
    const first = await agent.invoke(question, { callbacks, ...thread })
    const second = await agent.invoke(new Command({ resume: 'yes' }), { callbacks, ...thread })
    return [first, second]
  })
  expect(trees).toEqual([
    `\
support · interrupted · 20 in, 5 out
├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
└─ tool approve · interrupted`,
    `\
support · ok · 20 in, 5 out
├─ tool approve · ok
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`,
  ])
  expect(traces.map(({ sessionId, input, output }) => ({ sessionId, input, output }))).toEqual([
    { sessionId: 'thread-1', input: question.messages[0]?.content, output: 'May I?' },
    { sessionId: 'thread-1', input: 'yes', output: 'Done.' },
  ])
  expect(traces[0]?.error).toBeUndefined()
  expect(traces[0]?.metadata).not.toHaveProperty('trulayer.resumed_from')
  expect(traces[1]?.metadata['trulayer.resumed_from']).toBe(traces[0]?.id)
})

test('two turns of one thread are two traces of one session', async () => {
  const { trees, traces } = await play(async ({ callbacks }) => {
    const agent = createAgent({
      name: 'support',
      model: canonicalModel(),
      tools: [weather, calculator],
      checkpointer: new MemorySaver(),
    })
    await agent.invoke(question, { callbacks, ...thread })
    const next = { messages: [new HumanMessage('And once more?')] }
    return await agent.invoke(next, { callbacks, ...thread })
  })
  expect(trees).toEqual([CANONICAL, CANONICAL])
  expect(traces.map(({ sessionId, input }) => [sessionId, input])).toEqual([
    ['thread-1', question.messages[0]?.content],
    ['thread-1', 'And once more?'],
  ])
})

test('an aborted turn is cancelled, not failed', async () => {
  const { tree, trace, outcome } = await play(async ({ callbacks }) => {
    const slow = new ScriptedChatModel({ script: [{ text: 'Never said.', delay: 5000 }] })
    const agent = createAgent({ name: 'support', model: slow, tools: [weather] })
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 50)
    return await agent.invoke(question, { callbacks, signal: controller.signal, ...thread })
  })
  expect(outcome).toMatchObject({ status: 'threw', error: { name: 'AbortError' } })
  expect(tree).toMatchInlineSnapshot(`
    "support · cancelled
    └─ llm chat gpt-4o-mini · cancelled"
  `)
  expect(trace.error).toBeUndefined()
})
