import { expect } from 'vitest'

import type { Played } from '../../../packages/langchain/test/play.ts'
import type { Invocable } from '../frameworks.ts'
import {
  asking,
  LLM,
  question,
  replying,
  type Scenario,
  type ScenarioStage,
  stateOf,
  thread,
  toolsOf,
} from './scenario.ts'

/* A graph within a graph, whose node asks a person. */
function graphThatAsks({ set }: ScenarioStage) {
  const { StateGraph, START, interrupt, MemorySaver } = set.graph
  const State = stateOf(set)
  const model = replying(set, { text: 'Hm.' })
  const sub = new StateGraph(State)
    .addNode('ask', async () => {
      await model.invoke('hello')
      return { question: `answered ${String(interrupt('May I?'))}` }
    })
    .addEdge(START, 'ask')
    .compile({ name: 'Sub' })
  return new StateGraph(State)
    .addNode('first', () => ({ question: 'x' }))
    .addNode('sub', sub)
    .addNode('last', async () => {
      await model.invoke('bye')
      return {}
    })
    .addEdge(START, 'first')
    .addEdge('first', 'sub')
    .addEdge('sub', 'last')
    .compile({ name: 'Top', checkpointer: new MemorySaver() })
}

function decide(
  title: string,
  decision: object,
  after: string,
  check?: Scenario['check'],
): Scenario {
  return {
    number: 15,
    title: `an approval: ${title}`,
    turn: async ({ set, callbacks }) => {
      const agent: Invocable = set.langchain.createAgent({
        name: 'support',
        model: replying(set, asking('c1', 'weather', { city: 'Paris' }), { text: 'Done.' }),
        tools: [toolsOf(set).weather],
        middleware: [
          set.langchain.humanInTheLoopMiddleware({ interruptOn: { weather: true } } as never),
        ] as never,
        checkpointer: new set.graph.MemorySaver(),
      })
      await agent.invoke(question, { callbacks, ...thread })
      const resume = { decisions: [decision] }
      return await agent.invoke(new set.graph.Command({ resume }), { callbacks, ...thread })
    },
    trees: [`support · interrupted · 20 in, 5 out\n└─ ${LLM}`, after],
    sessions: ['T', 'T'],
    check: (played) => {
      expectResumed(played)
      expect(played.trace.output).toMatchObject({ actionRequests: [{ name: 'weather' }] })
      check?.(played)
    },
  }
}

function expectResumed({ traces }: Played<unknown>): void {
  expect(traces.map(({ metadata }) => metadata['trulayer.resumed_from'])).toEqual([
    undefined,
    traces[0]?.id,
  ])
}

const APPROVED = `\
support · ok · 20 in, 5 out
├─ tool weather · ok
└─ ${LLM}`

/** Turns that wait for a person, and go on. */
export const pauses: readonly Scenario[] = [
  {
    number: 13,
    title: 'an interrupt in a graph within a graph',
    turn: async (stage) => {
      const { set, callbacks } = stage
      const graph = graphThatAsks(stage)
      await graph.invoke({ question: '?' }, { callbacks, ...thread })
      return await graph.invoke(new set.graph.Command({ resume: 'yes' }), { callbacks, ...thread })
    },
    trees: [
      `\
Top · interrupted · 20 in, 5 out
├─ other first · ok
└─ other Sub · interrupted
   └─ other ask · interrupted
      └─ ${LLM}`,
      `\
Top · ok · 40 in, 10 out
├─ other Sub · ok
│  └─ other ask · ok
│     └─ ${LLM}
└─ other last · ok
   └─ ${LLM}`,
    ],
    sessions: ['T', 'T'],
    check: (played) => {
      expectResumed(played)
      expect(played.traces.map(({ output }) => output)).toEqual([
        'May I?',
        { messages: [], question: 'answered yes' },
      ])
    },
  },
  {
    number: 14,
    title: 'an interrupt in a tool',
    turn: async ({ set, callbacks }) => {
      const approve = set.tools.tool(() => `approved: ${String(set.graph.interrupt('May I?'))}`, {
        name: 'approve',
        description: 'Asks a person',
        schema: set.z.object({}),
      })
      const agent = set.prebuilt.createReactAgent({
        name: 'support',
        llm: replying(set, asking('c1', 'approve'), { text: 'Done.' }),
        tools: [approve],
        checkpointSaver: new set.graph.MemorySaver(),
      })
      await agent.invoke(question, { callbacks, ...thread })
      return await agent.invoke(new set.graph.Command({ resume: 'yes' }), { callbacks, ...thread })
    },
    trees: [
      `\
support · interrupted · 20 in, 5 out
├─ ${LLM}
└─ tool approve · interrupted`,
      `\
support · ok · 20 in, 5 out
├─ tool approve · ok
└─ ${LLM}`,
    ],
    sessions: ['T', 'T'],
    check: (played) => {
      expectResumed(played)
      expect(played.trace.output).toBe('May I?')
      const ids = played.traces.map(
        ({ spans }) => spans.find(({ type }) => type === 'tool')?.metadata['gen_ai.tool.call.id'],
      )
      expect(ids).toEqual(['c1', 'c1'])
    },
  },
  decide('approved', { type: 'approve' }, APPROVED),
  decide(
    'edited',
    { type: 'edit', editedAction: { name: 'weather', args: { city: 'Rome' } } },
    APPROVED,
    ({ traces }) => {
      expect(traces[1]?.spans[0]).toMatchObject({
        input: { city: 'Rome' },
        output: 'sunny in Rome',
        metadata: { 'gen_ai.tool.call.id': 'c1' },
      })
    },
  ),
  decide(
    'rejected',
    { type: 'reject', message: 'Not today.' },
    `\
support · ok · 20 in, 5 out
├─ tool weather · cancelled
└─ ${LLM}`,
    ({ traces }) => {
      expect(traces[1]?.spans[0]).toMatchObject({
        input: { city: 'Paris' },
        output: 'Not today.',
        metadata: {
          'gen_ai.tool.call.id': 'c1',
          'trulayer.reason': 'rejected',
          'trulayer.synthetic': true,
        },
      })
    },
  ),
  {
    number: 16,
    title: 'a pause before a node',
    turn: async ({ set, callbacks }) => {
      const { StateGraph, START, MemorySaver } = set.graph
      const graph = new StateGraph(stateOf(set))
        .addNode('a', () => ({ question: 'a' }))
        .addNode('b', () => ({ question: 'b' }))
        .addEdge(START, 'a')
        .addEdge('a', 'b')
        .compile({ name: 'Steps', checkpointer: new MemorySaver(), interruptBefore: ['b'] })
      await graph.invoke({ question: '?' }, { callbacks, ...thread })
      return await graph.invoke(null, { callbacks, ...thread })
    },
    trees: ['Steps · interrupted\n└─ other a · ok', 'Steps · ok\n└─ other b · ok'],
    sessions: ['T', 'T'],
    check: expectResumed,
  },
]
