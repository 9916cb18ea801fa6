import { RunnableLambda } from '@langchain/core/runnables'
import { tool as langchainTool } from '@langchain/core/tools'
import { instrumentAISDK } from '@trulayer/ai-sdk'
import { TruLayerCallbackHandler } from '@trulayer/langchain'
import * as ai from 'ai'
import { expect } from 'vitest'
import { z } from 'zod'

import { scriptedModel } from '../../support/ai-sdk-scripted-model.ts'
import { drain, type Scenario, spanNamed, type Stage } from '../play.ts'

const LLM = 'llm chat gpt-4o-mini · ok · 10 in, 5 out'

/* An agent whose one tool runs another agent that it holds on to. */
function asking(stage: Stage, ...ids: readonly string[]) {
  const { agent, model, tool, mastra } = stage
  const sub = agent('sub', [], { model: model([{ text: 'sub answer', delay: 10 }], 'sub-model') })
  const ask = tool('ask', async ({ city }) => ({
    city,
    answer: (await sub.generate(`About ${String(city)}`)).text,
  }))
  const support = agent(
    'support',
    [
      { tools: ids.map((id) => ({ id, name: 'ask', args: { city: id } })) },
      { text: 'final answer' },
    ],
    { tools: { ask } },
  )
  return mastra({ agents: { support, sub } }).getAgent('support')
}

const SUB = 'llm chat sub-model · ok · 10 in, 5 out'

/** Agents in agents, and Mastra in and around others. */
export const nested: readonly Scenario[] = [
  {
    number: 10,
    title: 'an agent that is another one’s tool',
    turn: async ({ agent, model, tool, mastra, set }) => {
      const sub = agent('sub', [], {
        description: 'Knows the weather',
        model: model(
          [{ tools: [{ id: 's1', name: 'weather', args: { city: 'Paris' } }] }, { text: 'sunny' }],
          'sub-model',
        ),
        tools: { weather: tool('weather', () => 'sunny') },
      })
      const support = agent(
        'support',
        [
          {
            tools: [
              {
                id: 'c1',
                name: 'agent-sub',
                args: {
                  prompt: 'go',
                  threadId: null,
                  resourceId: null,
                  instructions: null,
                  maxSteps: null,
                },
              },
            ],
          },
          { text: 'final' },
        ],
        { agents: { sub }, ...(set.MockMemory && { memory: new set.MockMemory() }) },
      )
      const conversation =
        set.MockMemory === undefined
          ? { tracingOptions: { metadata: { threadId: 'T' } } }
          : { memory: { thread: 'T', resource: 'R' } }
      const answer = await mastra({ agents: { support, sub } })
        .getAgent('support')
        .generate('Hi', conversation)
      return answer.text
    },
    trees: [
      `\
support · ok · 40 in, 20 out
├─ ${LLM}
├─ tool agent-sub · ok
│  └─ other sub · ok
│     ├─ ${SUB}
│     ├─ tool weather · ok
│     └─ ${SUB}
└─ ${LLM}`,
    ],
    sessions: ['T'],
  },
  {
    number: 11,
    title: 'an agent that a tool holds on to',
    turn: async (stage) => (await asking(stage, 'c1').generate('Hi')).text,
    trees: [
      `\
support · ok · 30 in, 15 out
├─ ${LLM}
├─ tool ask · ok
│  └─ other sub · ok
│     └─ ${SUB}
└─ ${LLM}`,
    ],
  },
  {
    number: 12,
    title: 'two tools that run the same agent at once',
    turn: async (stage) => (await asking(stage, 'c1', 'c2').generate('Hi')).text,
    trees: [
      `\
support · ok · 40 in, 20 out
├─ ${LLM}
├─ tool ask · ok
│  └─ other sub · ok
│     └─ ${SUB}
├─ tool ask · ok
│  └─ other sub · ok
│     └─ ${SUB}
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      const [first, second] = trace.spans.filter(({ name }) => name === 'sub')
      expect(first?.parentId).not.toBe(second?.parentId)
    },
  },
  {
    number: 14,
    title: 'a network of two agents',
    turn: async ({ agent, model, mastra, set }) => {
      const choose = (primitiveId: string) => ({
        primitiveId,
        primitiveType: 'agent',
        prompt: `Ask ${primitiveId}`,
        selectionReason: 'it knows',
      })
      const router = agent('router', [], {
        agents: { one: agent('one', [{ text: '1' }]), two: agent('two', [{ text: '2' }]) },
        model: model(
          [
            choose('one'),
            { isComplete: false, completionReason: 'there is more', finalResult: '' },
            choose('two'),
            { isComplete: true, completionReason: 'both are asked', finalResult: 'done' },
          ].map((object) => ({ text: JSON.stringify(object) })),
          'router-model',
          { inSequence: true },
        ),
        ...(set.MockMemory && { memory: new set.MockMemory() }),
      })
      const network = await mastra({ agents: { router } })
        .getAgent('router')
        .network('Ask both', { memory: { thread: 'T', resource: 'R' }, maxSteps: 4 })
      return await drain({ fullStream: network })
    },
    trees: [`one · ok · 10 in, 5 out\n└─ ${LLM}`, `two · ok · 10 in, 5 out\n└─ ${LLM}`],
    sessions: ['T', 'T'],
    isBilled: false,
  },
  {
    number: 14,
    title: 'a network of an agent and a workflow',
    turn: async ({ agent, model, step, mastra, set }) => {
      const schema = set.z.object({ text: set.z.string() })
      const shout = step('shout', ({ inputData }) => Promise.resolve(inputData), {
        inputSchema: schema,
        outputSchema: schema,
      })
      const shouter = set
        .createWorkflow({
          id: 'shouter',
          description: 'Shouts',
          inputSchema: schema,
          outputSchema: schema,
        })
        .then(shout)
        .commit()
      const choose = (primitiveId: string, primitiveType: string, prompt: string) => ({
        primitiveId,
        primitiveType,
        prompt,
        selectionReason: 'it knows',
      })
      const router = agent('router', [], {
        agents: { one: agent('one', [{ text: '1' }], { description: 'Knows' }) },
        workflows: { shouter },
        model: model(
          [
            choose('one', 'agent', 'Ask one'),
            { isComplete: false, completionReason: 'there is more', finalResult: '' },
            choose('shouter', 'workflow', '{"text":"hey"}'),
            { isComplete: true, completionReason: 'both are asked', finalResult: 'done' },
          ].map((object) => ({ text: JSON.stringify(object) })),
          'router-model',
          { inSequence: true },
        ),
        ...(set.MockMemory && { memory: new set.MockMemory() }),
      })
      const network = await mastra({ agents: { router } })
        .getAgent('router')
        .network('Ask both', { memory: { thread: 'T', resource: 'R' }, maxSteps: 4 })
      return await drain({ fullStream: network })
    },
    trees: [`one · ok · 10 in, 5 out\n└─ ${LLM}`, 'shouter · ok\n└─ other shout · ok'],
    sessions: ['T', 'T'],
    isBilled: false,
    check: ({ traces }) => {
      expect(traces.map(({ userId }) => userId)).toEqual(['R', 'R'])
    },
  },
  {
    number: 21,
    title: 'a call of the AI SDK inside a tool',
    turn: async ({ agent, tool, mastra, client }) => {
      const { generateText } = instrumentAISDK(ai, { client })
      const ask = tool('ask', async () => {
        const { text } = await generateText({
          model: scriptedModel([{ text: 'from below' }], { modelId: 'below' }),
          prompt: 'x',
        })
        return text
      })
      const support = agent(
        'support',
        [{ tools: [{ id: 'c1', name: 'ask', args: { city: 'Paris' } }] }, { text: 'done' }],
        { tools: { ask } },
      )
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).text
    },
    trees: [
      `\
support · ok · 40 in, 15 out
├─ ${LLM}
├─ tool ask · ok
│  └─ llm chat below · ok · 20 in, 5 out
└─ ${LLM}`,
    ],
    // The model of the AI SDK keeps no bill.
    isBilled: false,
  },
  {
    number: 21,
    title: 'an agent inside a tool of LangChain',
    turn: async ({ agent, mastra, client }) => {
      const support = agent('support', [{ text: 'Hello.' }])
      const observed = mastra({ agents: { support } }).getAgent('support')
      const ask = langchainTool(async () => (await observed.generate('Hi')).text ?? '', {
        name: 'ask',
        description: 'Asks',
        schema: z.object({}),
      })
      // LangChain's core alone has no async context, so that the tool is called with the config of a run.
      const chain = RunnableLambda.from((_: string, config) => ask.invoke({}, config))
      const callbacks = [new TruLayerCallbackHandler({ client })]
      return await chain.invoke('Hi', { callbacks, runName: 'ask' })
    },
    trees: [`ask · ok · 10 in, 5 out\n└─ tool ask · ok\n   └─ other support · ok\n      └─ ${LLM}`],
  },
  {
    number: 21,
    title: 'an agent inside a trace of the host',
    turn: async ({ agent, mastra, client }) => {
      const support = agent('support', [{ text: 'Hello.' }])
      const observed = mastra({ agents: { support } }).getAgent('support')
      return await client.trace('request', async () => (await observed.generate('Hi')).text, {
        sessionId: 'S',
      })
    },
    trees: [`request · ok · 10 in, 5 out\n└─ other support · ok\n   └─ ${LLM}`],
    sessions: ['S'],
  },
  {
    number: 21,
    title: 'a span of the host inside a tool',
    turn: async ({ agent, tool, mastra, client }) => {
      const search = tool('search', () => client.span('rerank', 'retrieval', () => 'found'))
      const support = agent(
        'support',
        [{ tools: [{ id: 'c1', name: 'search', args: { city: 'Paris' } }] }, { text: 'done' }],
        { tools: { search } },
      )
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).text
    },
    trees: [
      `\
support · ok · 20 in, 10 out
├─ ${LLM}
├─ tool search · ok
│  └─ retrieval rerank · ok
└─ ${LLM}`,
    ],
  },
  {
    number: 21,
    title: 'a session of the host around an agent',
    turn: ({ agent, mastra, client }) => {
      const support = agent('support', [{ text: 'Hello.' }])
      const observed = mastra({ agents: { support } }).getAgent('support')
      return client.withSession({ sessionId: 'S', userId: 'U' }, async () => {
        const tracingOptions = { metadata: { threadId: 'T' } }
        return (await observed.generate('Hi', { tracingOptions })).text
      })
    },
    trees: [`support · ok · 10 in, 5 out\n└─ ${LLM}`],
    sessions: ['S'],
    check: ({ trace }) => {
      expect(trace.userId).toBe('U')
      expect(spanNamed(trace, 'chat gpt-4o-mini').model).toBe('gpt-4o-mini')
    },
  },
]
