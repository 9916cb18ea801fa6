import { expect } from 'vitest'

import type { Played } from '../../../packages/langchain/test/play.ts'
import type { Invocable, VersionSet } from '../frameworks.ts'
import {
  asking,
  collect,
  inTurn,
  LLM,
  question,
  replying,
  type Scenario,
  thread,
  toolsOf,
} from './scenario.ts'

const CANONICAL = `\
support · ok · 40 in, 10 out
├─ ${LLM}
├─ tool calculator · ok
├─ tool weather · ok
├─ tool weather · ok
└─ ${LLM}`

const canonicalScript = [
  {
    toolCalls: [
      { id: 'c1', name: 'weather', args: { city: 'Paris' } },
      { id: 'c2', name: 'weather', args: { city: 'Berlin' } },
      { id: 'c3', name: 'calculator', args: { a: 2, b: 3 } },
    ],
  },
  { text: 'Sunny in both, and 5.' },
]

function reactAgent(set: VersionSet, name = 'support') {
  return set.prebuilt.createReactAgent({
    name,
    llm: replying(set, ...canonicalScript),
    tools: Object.values(toolsOf(set)),
  })
}

function modernAgent(set: VersionSet, name = 'support') {
  return set.langchain.createAgent({
    name,
    model: replying(set, ...canonicalScript),
    tools: Object.values(toolsOf(set)),
  })
}

function expectTimes({ trace }: Played<unknown>): void {
  for (const span of trace.spans.filter(({ type }) => type === 'llm')) {
    expect(span.metadata).toHaveProperty(['trulayer.ttft_ms'])
  }
}

function expectCallIds({ trace }: Played<unknown>): void {
  const calls = trace.spans.filter(({ type }) => type === 'tool')
  expect(calls.map(({ metadata }) => metadata['gen_ai.tool.call.id'])).toEqual(['c1', 'c2', 'c3'])
}

/* An agent whose tool is an agent. */
async function nested({ set, callbacks }: Parameters<Scenario['turn']>[0], isForwarded: boolean) {
  const researcher = reactAgent(set, 'researcher')
  const ask = set.tools.tool(
    async (_input: object, config) => {
      const { messages } = await researcher.invoke(question, isForwarded ? config : undefined)
      return messages.at(-1)?.text ?? ''
    },
    { name: 'ask', description: 'Asks', schema: set.z.object({}) },
  )
  return await set.prebuilt
    .createReactAgent({
      name: 'boss',
      llm: replying(set, asking('b1', 'ask'), { text: 'Fine.' }),
      tools: [ask],
    })
    .invoke(question, { callbacks, ...thread })
}

const NESTED = `\
boss · ok · 80 in, 20 out
├─ ${LLM}
├─ tool ask · ok
│  └─ other researcher · ok
│     ├─ ${LLM}
│     ├─ tool calculator · ok
│     ├─ tool weather · ok
│     ├─ tool weather · ok
│     └─ ${LLM}
└─ ${LLM}`

/** Agents as they come: prebuilt, within one another, supervised, of the time before graphs. */
export const agents: readonly Scenario[] = [
  {
    number: 1,
    title: 'createReactAgent, two model calls and three tools at once',
    turn: ({ set, callbacks }) => reactAgent(set).invoke(question, { callbacks, ...thread }),
    trees: [CANONICAL],
    sessions: ['T'],
    check: expectCallIds,
  },
  {
    number: 1,
    title: 'createAgent, two model calls and three tools at once',
    turn: ({ set, callbacks }) => modernAgent(set).invoke(question, { callbacks, ...thread }),
    trees: [CANONICAL],
    sessions: ['T'],
    check: expectCallIds,
  },
  {
    number: 2,
    title: 'createReactAgent, streamed as messages',
    turn: async ({ set, callbacks }) =>
      collect(
        await reactAgent(set).stream(question, { callbacks, streamMode: 'messages', ...thread }),
      ),
    trees: [CANONICAL],
    check: expectTimes,
  },
  {
    number: 2,
    title: 'createAgent, streamed as messages',
    turn: async ({ set, callbacks }) =>
      collect(
        await modernAgent(set).stream(question, { callbacks, streamMode: 'messages', ...thread }),
      ),
    trees: [CANONICAL],
    check: expectTimes,
  },
  {
    number: 3,
    title: 'streamed as protocol events',
    turn: async ({ set, callbacks }) => {
      const run = await reactAgent(set).streamEvents(question, { callbacks, version: 'v3' })
      return await run.output
    },
    trees: [CANONICAL],
    check: expectTimes,
  },
  {
    number: 3,
    title: 'streamed as events',
    turn: async ({ set, callbacks }) => {
      const events = reactAgent(set).streamEvents(question, { callbacks, version: 'v2' })
      return (await collect(events)).map(({ event, name }) => [event, name])
    },
    trees: [CANONICAL],
    check: expectTimes,
  },
  {
    number: 11,
    title: 'an agent as a tool of another, with the config',
    turn: (stage) => nested(stage, true),
    trees: [NESTED],
    sessions: ['T'],
  },
  {
    number: 11,
    title: 'an agent as a tool of another, without the config',
    turn: (stage) => nested(stage, false),
    trees: [NESTED],
    sessions: ['T'],
  },
  {
    number: 11,
    title: 'a deep agent that hands a task to another',
    turn: ({ set, callbacks }) => {
      const { weather } = toolsOf(set)
      const helper = {
        name: 'helper',
        description: 'Helps',
        systemPrompt: 'Help.',
        model: replying(set, asking('h1', 'weather', { city: 'Paris' }), { text: 'Sunny.' }),
        tools: [weather],
      }
      const task = { description: 'Find out', subagent_type: 'helper' }
      return set.deepagents
        .createDeepAgent({
          name: 'deep',
          model: replying(set, asking('d1', 'task', task), { text: 'Done.' }),
          subagents: [helper],
        })
        .invoke(question, { callbacks, ...thread })
    },
    trees: [
      `\
deep · ok · 80 in, 20 out
├─ ${LLM}
├─ tool task · ok
│  └─ other helper · ok
│     ├─ ${LLM}
│     ├─ tool weather · ok
│     └─ ${LLM}
└─ ${LLM}`,
    ],
    sessions: ['T'],
  },
  {
    number: 12,
    title: 'a supervisor that hands over',
    turn: ({ set, callbacks }) => {
      const { calculator } = toolsOf(set)
      const math = set.prebuilt.createReactAgent({
        name: 'math',
        llm: inTurn(set, asking('m1', 'calculator', { a: 1, b: 2 }), { text: 'Three.' }),
        tools: [calculator],
      })
      const llm = inTurn(set, asking('s1', 'transfer_to_math'), { text: 'It is three.' })
      return set.supervisor
        .createSupervisor({ agents: [math], llm, supervisorName: 'supervisor' })
        .compile({ name: 'desk' })
        .invoke(question, { callbacks, ...thread })
    },
    trees: [
      `\
desk · ok · 80 in, 20 out
├─ other supervisor · ok
│  ├─ ${LLM}
│  └─ tool transfer_to_math · ok
├─ other math · ok
│  ├─ ${LLM}
│  ├─ tool calculator · ok
│  └─ ${LLM}
└─ other supervisor · ok
   └─ ${LLM}`,
    ],
    sessions: ['T'],
  },
  {
    number: 32,
    title: 'an AgentExecutor',
    turn: async ({ set, callbacks }) => {
      const { weather } = toolsOf(set)
      const llm = replying(set, asking('c1', 'weather', { city: 'Paris' }), { text: 'Sunny.' })
      const prompt = set.prompts.ChatPromptTemplate.fromMessages([
        ['human', '{input}'],
        ['placeholder', '{agent_scratchpad}'],
      ])
      const agent = set.agents.createToolCallingAgent({ llm, tools: [weather], prompt })
      const executor = new set.agents.AgentExecutor({ agent, tools: [weather] })
      return await executor.invoke({ input: 'Weather?' }, { callbacks })
    },
    trees: [
      `\
agent · ok · 40 in, 10 out
├─ ${LLM}
├─ tool weather · ok
└─ ${LLM}`,
    ],
  },
  {
    number: 35,
    title: 'middleware that summarizes',
    turn: ({ set, callbacks }) => {
      const { weather } = toolsOf(set)
      const summarizer = new set.Model({ model: 'summarizer', script: [{ text: 'They talked.' }] })
      const middleware = set.langchain.summarizationMiddleware({
        model: summarizer,
        trigger: { messages: 3 },
        keep: { messages: 1 },
        // The names of these two before 1.2.
        maxTokensBeforeSummary: 5,
        messagesToKeep: 1,
      } as never)
      const talk = ['Hello there', 'Hi', 'And the weather?', 'Where?', 'In Paris, I said.'].map(
        (content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content }),
      )
      const agent: Invocable = set.langchain.createAgent({
        name: 'support',
        model: new set.Model({ script: () => ({ text: 'Sunny.' }) }),
        tools: [weather],
        middleware: [middleware as never],
      })
      return agent.invoke({ messages: talk }, { callbacks, ...thread })
    },
    trees: [
      `\
support · ok · 40 in, 10 out
├─ llm chat summarizer · ok · 20 in, 5 out
└─ ${LLM}`,
    ],
  },
  {
    number: 36,
    title: 'two turns of one thread',
    turn: async ({ set, callbacks }) => {
      const agent = set.prebuilt.createReactAgent({
        name: 'support',
        llm: inTurn(
          set,
          asking('c1', 'weather', { city: 'Paris' }),
          { text: 'Sunny.' },
          asking('c2', 'weather', { city: 'Berlin' }),
          { text: 'Sunny too.' },
        ),
        tools: Object.values(toolsOf(set)),
        checkpointSaver: new set.graph.MemorySaver(),
      })
      await agent.invoke(question, { callbacks, ...thread })
      return await agent.invoke(question, { callbacks, ...thread })
    },
    trees: Array(2).fill(`\
support · ok · 40 in, 10 out
├─ ${LLM}
├─ tool weather · ok
└─ ${LLM}`),
    sessions: ['T', 'T'],
  },
]
