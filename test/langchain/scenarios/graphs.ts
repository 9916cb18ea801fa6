import { expect } from 'vitest'

import { spanNamed } from '../../../packages/langchain/test/play.ts'
import { LLM, question, replying, type Scenario, stateOf, thread } from './scenario.ts'

const WORKER = `other worker · ok`

/** Graphs of one's own. */
export const graphs: readonly Scenario[] = [
  {
    number: 12,
    title: 'a hand-over to the graph above',
    turn: ({ set, callbacks }) => {
      const { StateGraph, START, Command } = set.graph
      const State = stateOf(set)
      const clerk = new StateGraph(State)
        .addNode('decide', () => new Command({ goto: 'expert', graph: Command.PARENT }), {
          ends: [],
        })
        .addEdge(START, 'decide')
        .compile({ name: 'clerk' })
      return new StateGraph(State)
        .addNode('clerk', clerk, { ends: ['expert'] })
        .addNode('expert', async () => {
          await replying(set, { text: 'Solved.' }).invoke('?')
          return {}
        })
        .addEdge(START, 'clerk')
        .compile({ name: 'office' })
        .invoke({ question: '?' }, { callbacks })
    },
    trees: [
      `\
office · ok · 20 in, 5 out
├─ other clerk · ok
│  └─ other decide · ok
└─ other expert · ok
   └─ ${LLM}`,
    ],
    check: ({ trace }) => {
      expect(spanNamed(trace, 'decide').metadata['trulayer.handoff_to']).toBe('expert')
    },
  },
  {
    number: 17,
    title: 'a node that throws',
    turn: ({ set, callbacks }) =>
      new set.graph.StateGraph(stateOf(set))
        .addNode('first', () => ({ question: 'x' }))
        .addNode('stock', () => {
          throw new TypeError('no stock')
        })
        .addEdge(set.graph.START, 'first')
        .addEdge('first', 'stock')
        .compile({ name: 'shop' })
        .invoke({ question: '?' }, { callbacks, ...thread }),
    trees: [
      `\
shop · error (TypeError: no stock)
├─ other first · ok
└─ other stock · error (TypeError: no stock)`,
    ],
    sessions: ['T'],
  },
  ...[
    { what: 'a long text', answer: 'Yes. '.repeat(1000) },
    { what: 'an object', answer: { text: 'Yes.', isSure: true } },
    { what: 'a list', answer: [{ id: 1 }, { id: 2 }] },
  ].flatMap(({ what, answer }): Scenario[] => [
    {
      number: 18,
      title: `a graph without messages that answers with ${what}`,
      turn: async ({ set, callbacks }) =>
        await new set.graph.StateGraph(
          set.graph.Annotation.Root({
            question: set.graph.Annotation<string>,
            answer: set.graph.Annotation<unknown>,
          }),
        )
          .addNode('reply', () => ({ answer }))
          .addEdge(set.graph.START, 'reply')
          .compile({ name: 'qa' })
          .invoke({ question: 'Why?' }, { callbacks }),
      trees: ['qa · ok\n└─ other reply · ok'],
      check: ({ trace }) => {
        expect(trace.output).toEqual({ question: 'Why?', answer })
      },
    },
    {
      number: 18,
      title: `an entrypoint that answers with ${what}`,
      turn: async ({ set, callbacks }) =>
        await set.graph
          .entrypoint('qa', async () => await Promise.resolve(answer))
          .invoke({ question: { text: 'Why?' } }, { callbacks }),
      trees: ['qa · ok'],
      check: ({ trace }) => {
        expect(trace.input).toEqual({ question: { text: 'Why?' } })
        expect(trace.output).toEqual(answer)
      },
    },
  ]),
  {
    number: 18,
    title: 'a graph in a trace of the host',
    turn: ({ set, callbacks, client }) =>
      client.trace('job', async () =>
        new set.graph.StateGraph(
          set.graph.Annotation.Root({ facts: set.graph.Annotation<readonly object[]> }),
        )
          .addNode('search', () => ({ facts: [{ id: 1 }] }))
          .addEdge(set.graph.START, 'search')
          .compile({ name: 'qa' })
          .invoke({ facts: [{ id: 0 }] }, { callbacks }),
      ),
    trees: ['job · ok\n└─ other qa · ok\n   └─ other search · ok'],
    check: ({ trace }) => {
      expect(trace.input).toEqual({ facts: [{ id: 0 }] })
      expect(trace.output).toEqual({ facts: [{ id: 1 }] })
    },
  },
  {
    number: 18,
    title: 'a graph that goes round and round',
    turn: ({ set, callbacks }) =>
      new set.graph.StateGraph(stateOf(set))
        .addNode('again', () => ({ question: 'x' }))
        .addEdge(set.graph.START, 'again')
        .addConditionalEdges('again', () => 'again')
        .compile({ name: 'loop' })
        .invoke({ question: '?' }, { callbacks, recursionLimit: 3 }),
    trees: [
      `\
loop · error (GraphRecursionError: Recursion limit of 3 reached without hitting a stop condition. You can increase the limit by setting the "recu)
├─ other again · ok
├─ other again · ok
└─ other again · ok`,
    ],
  },
  {
    number: 20,
    title: 'a node that is tried again',
    turn: ({ set, callbacks }) => {
      let attempts = 0
      return new set.graph.StateGraph(stateOf(set))
        .addNode(
          'shaky',
          async () => {
            attempts += 1
            if (attempts === 1) {
              throw new Error('shaky')
            }
            await replying(set, { text: 'Hi.' }).invoke('?')
            return {}
          },
          { retryPolicy: { maxAttempts: 2, initialInterval: 1, logWarning: false } },
        )
        .addEdge(set.graph.START, 'shaky')
        .compile({ name: 'retry' })
        .invoke({ question: '?' }, { callbacks })
    },
    trees: [
      `\
retry · ok · 20 in, 5 out
├─ other shaky · error (Error: shaky)
└─ other shaky · ok
   └─ ${LLM}`,
    ],
    check: ({ trace }) => {
      expect(trace.spans.map(({ metadata }) => metadata['trulayer.attempt'])).toEqual([
        undefined,
        2,
        undefined,
      ])
    },
  },
  {
    number: 24,
    title: 'a branch that fails beside another',
    turn: ({ set, callbacks }) =>
      new set.graph.StateGraph(stateOf(set))
        .addNode('quick', () => Promise.reject(new Error('quick failed')))
        .addNode('slow', async (_state, config) => {
          await replying(set, { text: 'Late.', delay: 150 }).invoke('?', config)
          return {}
        })
        .addEdge(set.graph.START, 'quick')
        .addEdge(set.graph.START, 'slow')
        .compile({ name: 'race' })
        .invoke({ question: '?' }, { callbacks }),
    trees: [
      `\
race · error (Error: quick failed)
├─ other quick · error (Error: quick failed)
└─ other slow · cancelled
   └─ llm chat gpt-4o-mini · cancelled`,
    ],
  },
  {
    number: 30,
    title: 'a model in a conditional edge from the start',
    turn: ({ set, callbacks }) =>
      new set.graph.StateGraph(stateOf(set))
        .addNode('answer', () => ({ question: 'x' }))
        .addConditionalEdges(set.graph.START, async (_state, config) => {
          await replying(set, { text: 'answer' }).invoke('?', config)
          return 'answer'
        })
        .compile({ name: 'router' })
        .invoke(question, { callbacks }),
    trees: [
      `\
router · ok · 20 in, 5 out
├─ ${LLM}
└─ other answer · ok`,
    ],
  },
  {
    number: 31,
    title: 'a node fanned out',
    turn: ({ set, callbacks }) =>
      new set.graph.StateGraph(stateOf(set))
        .addNode('worker', async () => {
          await replying(set, { text: 'Hi.' }).invoke('?')
          return {}
        })
        .addConditionalEdges(set.graph.START, () =>
          ['a', 'b', 'c'].map((letter) => new set.graph.Send('worker', { question: letter })),
        )
        .compile({ name: 'fan' })
        .invoke({ question: '?' }, { callbacks }),
    trees: [
      `\
fan · ok · 60 in, 15 out
├─ ${WORKER}
│  └─ ${LLM}
├─ ${WORKER}
│  └─ ${LLM}
└─ ${WORKER}
   └─ ${LLM}`,
    ],
  },
  {
    number: 31,
    title: 'tasks of the functional interface',
    turn: ({ set, callbacks }) => {
      const translate = set.graph.task('translate', async (text: string) => {
        await replying(set, { text: 'Bonjour.' }).invoke(text)
        return `${text} in French`
      })
      return set.graph
        .entrypoint('letters', async (texts: string[]) =>
          Promise.all(texts.map((text) => translate(text))),
        )
        .invoke(['a', 'b'], { callbacks })
    },
    trees: [
      `\
letters · ok · 40 in, 10 out
├─ other translate · ok
│  └─ ${LLM}
└─ other translate · ok
   └─ ${LLM}`,
    ],
  },
]
