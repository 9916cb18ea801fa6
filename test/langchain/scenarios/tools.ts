import { expect } from 'vitest'

import { spanNamed } from '../../../packages/langchain/test/play.ts'
import type { ScriptedToolCall } from '../../support/langchain-scripted-model.ts'
import type { Invocable } from '../frameworks.ts'
import {
  asking,
  collect,
  inTurn,
  LLM,
  question,
  replying,
  type Scenario,
  type ScenarioStage,
  toolsOf,
} from './scenario.ts'

/* An agent whose model asks for the calls all at once and is content with whatever comes. */
function withCalls(
  { set, callbacks }: ScenarioStage,
  calls: readonly ScriptedToolCall[],
  tools: unknown,
  kind: 'createAgent' | 'createReactAgent' = 'createReactAgent',
): Promise<unknown> {
  const model = replying(set, { toolCalls: calls }, { text: 'Done.' })
  const agent =
    kind === 'createAgent'
      ? set.langchain.createAgent({ name: 'support', model, tools: tools as [] })
      : set.prebuilt.createReactAgent({ name: 'support', llm: model, tools: tools as [] })
  return agent.invoke(question, { callbacks })
}

function tree(...tools: readonly string[]): string {
  return [
    'support · ok · 40 in, 10 out',
    `├─ ${LLM}`,
    ...tools.map((tool) => `├─ ${tool}`),
    `└─ ${LLM}`,
  ].join('\n')
}

function failing({ tools: { tool }, z }: ScenarioStage['set']) {
  return tool(
    () => {
      throw new RangeError('no such order')
    },
    { name: 'lookup', description: 'Looks up', schema: z.object({ order: z.number() }) },
  )
}

const failed = 'tool lookup · error (RangeError: no such order)'

const invalidCalls = [
  { id: 'c1', name: 'calculator', args: { a: 'one' } },
  { id: 'c2', name: 'nothing', args: { a: 1 } },
]

const IMAGE = Buffer.alloc(3000, 7).toString('base64')
const BLOB = { type: 'blob', mime_type: 'image/png', bytes: 3000 }
const imageUrl = { type: 'image_url', image_url: { url: `data:image/png;base64,${IMAGE}` } }
const mcpImage = { content: [{ type: 'image', data: IMAGE, mimeType: 'image/png' }] }

/* What tools answer, and what is recorded of it. */
const IMAGES: Readonly<Record<string, { readonly answer: unknown; readonly recorded: unknown }>> = {
  alone: { answer: [imageUrl], recorded: [BLOB] },
  beside_text: {
    answer: [{ type: 'text', text: 'here' }, imageUrl],
    recorded: [{ type: 'text', content: 'here' }, BLOB],
  },
  in_json: { answer: mcpImage, recorded: JSON.stringify({ content: [BLOB] }) },
}

/** Tools as they fail, and as they answer in other ways than with a text. */
export const tools: readonly Scenario[] = [
  {
    number: 6,
    title: 'a gateway that reports what a call cost',
    turn: async ({ set, callbacks }) => {
      const model = inTurn(set, { text: 'Sunny.', cost: 0.002 }, { text: 'Sunny.', cost: 0.003 })
      await model.invoke('Weather?', { callbacks })
      await collect(await model.stream('Weather?', { callbacks }))
    },
    trees: [
      `chat gpt-4o-mini · ok · 20 in, 5 out\n└─ ${LLM}`,
      `chat gpt-4o-mini · ok · 20 in, 5 out\n└─ ${LLM}`,
    ],
    check: ({ traces }) => {
      expect(traces.map(({ spans }) => spans[0]?.cost)).toEqual([0.002, 0.003])
    },
  },
  {
    number: 6,
    title: 'tools that answer with images',
    turn: (stage) => {
      const { tool } = stage.set.tools
      const schema = stage.set.z.object({})
      return withCalls(
        stage,
        Object.keys(IMAGES).map((name) => ({ id: name, name, args: {} })),
        Object.entries(IMAGES).map(([name, { answer }]) =>
          tool(() => answer, { name, description: name, schema }),
        ),
      )
    },
    trees: [tree('tool alone · ok', 'tool beside_text · ok', 'tool in_json · ok')],
    check: ({ trace }) => {
      for (const [name, { recorded }] of Object.entries(IMAGES)) {
        expect(spanNamed(trace, name).output).toEqual(recorded)
      }
      expect(JSON.stringify(trace)).not.toContain(IMAGE.slice(-200))
    },
  },
  {
    number: 6,
    title: 'a tool that returns a failed result of MCP',
    turn: (stage) =>
      withCalls(
        stage,
        [{ id: 'c1', name: 'remove', args: {} }],
        [
          stage.set.tools.tool(
            () => ({ content: [{ type: 'text', text: 'EACCES' }], isError: true }),
            { name: 'remove', description: 'Removes', schema: stage.set.z.object({}) },
          ),
        ],
      ),
    trees: [tree('tool remove · error (Error: EACCES)')],
  },
  ...(['createReactAgent', 'createAgent'] as const).map((kind): Scenario => ({
    number: 6,
    title: `tools that throw, in ${kind}`,
    turn: (stage) =>
      withCalls(
        stage,
        [
          { id: 'c1', name: 'lookup', args: { order: 1 } },
          { id: 'c2', name: 'lookup', args: { order: 2 } },
        ],
        [failing(stage.set)],
        kind,
      ),
    trees: [tree(failed, failed)],
    check: ({ trace }) => {
      expect(
        trace.spans
          .slice(1, 3)
          .map(({ input, metadata }) => [input, metadata['gen_ai.tool.call.id']]),
      ).toEqual([
        [{ order: 1 }, 'c1'],
        [{ order: 2 }, 'c2'],
      ])
    },
  })),
  {
    number: 7,
    title: 'invalid arguments and an unknown tool, in createReactAgent',
    turn: (stage) => withCalls(stage, invalidCalls, [toolsOf(stage.set).calculator]),
    trees: [
      tree(
        'tool calculator · error (Error: Received tool input did not match expected schema)',
        'tool nothing · error (Error: Tool "nothing" not found.)',
      ),
    ],
    check: ({ trace }) => {
      expect(spanNamed(trace, 'calculator')).toMatchObject({
        input: { a: 'one' },
        metadata: { 'gen_ai.tool.call.id': 'c1', 'trulayer.synthetic': true },
      })
    },
  },
  {
    number: 6,
    title: 'calls of one id in one step',
    turn: (stage) =>
      withCalls(
        stage,
        [
          { id: 'c1', name: 'lookup', args: { order: 1 } },
          { id: 'c1', name: 'lookup', args: { order: 2 } },
          { id: 'c1', name: 'nothing', args: { a: 1 } },
        ],
        [failing(stage.set)],
      ),
    trees: [tree(failed, failed, 'tool nothing · error (Error: Tool "nothing" not found.)')],
    check: ({ trace }) => {
      const calls = trace.spans.slice(1, 4)
      expect(calls.map(({ input }) => input)).toEqual([{ order: 1 }, { order: 2 }, { a: 1 }])
      for (const { metadata } of calls) {
        expect(metadata['gen_ai.tool.call.id']).toBe('c1')
        expect(metadata['trulayer.attempt']).toBeUndefined()
      }
    },
  },
  {
    number: 7,
    title: 'an id that a call of an earlier turn had',
    turn: async ({ set, callbacks }) => {
      const { StateGraph, START, MessagesAnnotation } = set.graph
      const model = inTurn(set, asking('c1', 'weather', { city: 'Rome' }))
      const call = { id: 'c1', name: 'weather', args: { city: 'Rome' }, type: 'tool_call' }
      const graph = new StateGraph(MessagesAnnotation)
        .addNode('model', async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
        // Returns the whole conversation, as a node that reviews it may.
        .addNode('review', ({ messages }) => ({ messages }))
        .addNode('tools', async () => ({
          messages: [await toolsOf(set).weather.invoke(call as never)],
        }))
        .addEdge(START, 'model')
        .addEdge('model', 'review')
        .addEdge('review', 'tools')
        .compile({ name: 'support' })
      const { AIMessage, HumanMessage, ToolMessage } = set.messages
      const earlier = { id: 'c1', name: 'weather', args: { city: 'Paris' } }
      const messages = [
        new HumanMessage('Weather in Paris?'),
        new AIMessage({ content: '', tool_calls: [earlier] }),
        new ToolMessage({ content: 'rainy', tool_call_id: 'c1', name: 'weather' }),
        new AIMessage('Rainy.'),
        new HumanMessage('And in Rome?'),
      ]
      const { messages: all } = await graph.invoke({ messages }, { callbacks })
      return all.length
    },
    trees: [
      `support · ok · 20 in, 5 out
├─ ${LLM}
├─ other review · ok
└─ tool weather · ok`,
    ],
  },
  {
    number: 7,
    title: 'invalid arguments and an unknown tool, in createAgent',
    turn: (stage) => withCalls(stage, invalidCalls, [toolsOf(stage.set).calculator], 'createAgent'),
    trees: [
      tree(
        "tool calculator · error (Error: Error invoking tool 'calculator' with kwargs)",
        'tool nothing · error (Error: nothing is not a valid tool, try one of [calculator].)',
      ),
    ],
  },
  {
    number: 7,
    title: 'a tool in whose place middleware answers',
    turn: ({ set, callbacks }) =>
      set.langchain
        .createAgent({
          name: 'support',
          model: replying(set, asking('c1', 'weather', { city: 'Paris' }), { text: 'Done.' }),
          tools: [toolsOf(set).weather],
          middleware: [
            set.langchain.createMiddleware({
              name: 'Closed',
              wrapToolCall: () =>
                new set.messages.ToolMessage({
                  content: 'rainy',
                  name: 'weather',
                  tool_call_id: 'c1',
                  status: 'success',
                }) as never,
            }),
          ],
        })
        .invoke(question, { callbacks }),
    trees: [tree('tool weather · ok')],
    check: ({ trace }) => {
      expect(spanNamed(trace, 'weather')).toMatchObject({
        input: { city: 'Paris' },
        output: 'rainy',
        metadata: { 'trulayer.synthetic': true },
      })
    },
  },
  {
    number: 20,
    title: 'a tool and a model that middleware tries again',
    turn: ({ set, callbacks }) => {
      const { createAgent, modelRetryMiddleware, toolRetryMiddleware } = set.langchain
      let attempts = 0
      const shaky = (): string => {
        attempts += 1
        if (attempts === 1) {
          throw new RangeError('shaky')
        }
        return 'found'
      }
      const search = set.tools.tool(shaky, {
        name: 'search',
        description: 'Searches',
        schema: set.z.object({}),
      })
      const again = { maxRetries: 2, initialDelayMs: 1, jitter: false }
      const agent: Invocable = createAgent({
        name: 'support',
        model: inTurn(set, { error: new Error('busy') }, asking('c1', 'search'), { text: 'Done.' }),
        tools: [search],
        middleware: [modelRetryMiddleware(again), toolRetryMiddleware(again)] as never,
      })
      return agent.invoke(question, { callbacks })
    },
    trees: [
      `\
support · ok · 40 in, 10 out
├─ llm chat gpt-4o-mini · error (Error: busy)
├─ ${LLM}
├─ tool search · error (RangeError: shaky)
├─ tool search · ok
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      const calls = trace.spans.filter(({ type }) => type === 'tool')
      expect(calls.map(({ metadata }) => metadata['gen_ai.tool.call.id'])).toEqual(['c1', 'c1'])
      expect(trace.spans.map(({ metadata }) => metadata['trulayer.attempt'])).toEqual([
        undefined,
        2,
        undefined,
        2,
        undefined,
      ])
    },
  },
  {
    number: 8,
    title: 'a tool that promises an artifact and has none',
    turn: (stage) => {
      const { tools: kit, z } = stage.set
      const picture = kit.tool(() => 'no pair', {
        name: 'picture',
        description: 'Draws',
        schema: z.object({}),
        responseFormat: 'content_and_artifact',
      })
      return withCalls(stage, [{ id: 'c1', name: 'picture', args: {} }], [picture])
    },
    trees: [
      tree(
        'tool picture · error (Error: Tool response format is "content_and_artifact" but the output was not a two-tuple. Result: "no pair")',
      ),
    ],
  },
  {
    number: 9,
    title: 'tools that answer with a command, a failure and an artifact',
    turn: (stage) => {
      const { tools: kit, z, graph, messages } = stage.set
      const options = (name: string) => ({ name, description: name, schema: z.object({}) })
      const answer = (content: string, id: string, status?: 'error') =>
        new messages.ToolMessage({ content, tool_call_id: id, ...(status && { status }) })
      const goTo = kit.tool(
        () => new graph.Command({ update: { messages: [answer('moved', 'c1')] } }),
        options('go'),
      )
      const refuse = kit.tool(() => answer('closed today', 'c2', 'error'), options('refuse'))
      const draw = kit.tool(() => ['a cat', { pixels: 'x'.repeat(500) }], {
        ...options('draw'),
        responseFormat: 'content_and_artifact',
      })
      return withCalls(
        stage,
        [
          { id: 'c1', name: 'go', args: {} },
          { id: 'c2', name: 'refuse', args: {} },
          { id: 'c3', name: 'draw', args: {} },
        ],
        [goTo, refuse, draw],
      )
    },
    trees: [tree('tool draw · ok', 'tool go · ok', 'tool refuse · error (Error: closed today)')],
    check: ({ trace }) => {
      expect(spanNamed(trace, 'go').output).toBe('moved')
      expect(spanNamed(trace, 'draw')).toMatchObject({
        output: 'a cat',
        metadata: { 'trulayer.artifact': true },
      })
      expect(JSON.stringify(trace)).not.toContain('xxx')
    },
  },
  {
    number: 10,
    title: 'a model and a tool that a tool calls, without a config',
    turn: (stage) => {
      const { set } = stage
      const { weather } = toolsOf(set)
      const outer = set.tools.tool(
        async () => {
          await replying(set, { text: 'Hm.' }).invoke('hello')
          return await weather.invoke({ city: 'Paris' })
        },
        { name: 'outer', description: 'Calls others', schema: set.z.object({}) },
      )
      return withCalls(stage, [{ id: 'c1', name: 'outer', args: {} }], [outer])
    },
    trees: [
      `\
support · ok · 60 in, 15 out
├─ ${LLM}
├─ tool outer · ok
│  ├─ ${LLM}
│  └─ tool weather · ok
└─ ${LLM}`,
    ],
  },
]
