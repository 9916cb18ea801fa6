import { LLM, question, replying, type Scenario, type ScenarioStage, thread } from './scenario.ts'

const DRAFT = { messages: [{ role: 'assistant', content: 'My own draft.' }] }

/* A graph of two steps, with an edge that a function decides. */
function writer({ set }: ScenarioStage, decide: () => unknown = () => undefined) {
  const { StateGraph, START, MessagesAnnotation, MemorySaver } = set.graph
  const model = new set.Model({ script: () => ({ text: 'A draft.' }) })
  const write = async ({ messages }: { messages: never }) => ({
    messages: [await model.invoke(messages)],
  })
  return new StateGraph(MessagesAnnotation)
    .addNode('write', write)
    .addNode('polish', write)
    .addEdge(START, 'write')
    .addConditionalEdges(
      'write',
      async () => {
        await decide()
        return 'polish'
      },
      ['polish'],
    )
    .compile({ name: 'writer', checkpointer: new MemorySaver() })
}

const WRITTEN = `\
writer · ok · 40 in, 10 out
├─ other write · ok
│  └─ ${LLM}
└─ other polish · ok
   └─ ${LLM}`

/** Checkpoints that a program edits. */
export const checkpoints: readonly Scenario[] = [
  {
    number: 16,
    title: 'a state that is edited between two turns',
    turn: async (stage) => {
      const graph = writer(stage)
      const config = { ...thread, callbacks: stage.callbacks }
      await graph.invoke(question, config)
      await graph.updateState(config, DRAFT, 'write')
      await graph.updateState({ ...config, runName: 'edit' }, DRAFT, 'polish')
      await graph.updateState(config, DRAFT, 'write')
      const { messages } = await graph.invoke(null, config)
      return messages.length
    },
    trees: [WRITTEN, `writer · ok · 20 in, 5 out\n└─ other polish · ok\n   └─ ${LLM}`],
    sessions: ['T', 'T'],
  },
  {
    number: 16,
    title: 'a state of the functional interface that is edited',
    turn: async ({ set, callbacks }) => {
      const { entrypoint, MemorySaver } = set.graph
      const shout = entrypoint({ name: 'shout', checkpointer: new MemorySaver() }, (text: string) =>
        Promise.resolve(`${text}!`),
      )
      const config = { ...thread, callbacks }
      await shout.invoke('hello', config)
      await shout.updateState(config, 'hi!', 'shout')
      return (await shout.getState(config)).values as unknown
    },
    trees: ['shout · ok'],
  },
  {
    number: 16,
    title: 'a state that is edited in a turn',
    turn: async (stage) => {
      const { set, callbacks } = stage
      const { StateGraph, START, MessagesAnnotation } = set.graph
      const graph = writer(stage)
      await graph.invoke(question, { callbacks, ...thread })
      const desk = new StateGraph(MessagesAnnotation)
        .addNode('edit', async (_state, config) => {
          await graph.updateState({ ...config, ...thread }, DRAFT, 'write')
          await graph.updateState({ callbacks, ...thread }, DRAFT, 'write')
          return {}
        })
        .addEdge(START, 'edit')
        .compile({ name: 'desk' })
      return (await desk.invoke(question, { callbacks })).messages.length
    },
    trees: [WRITTEN, 'desk · ok\n└─ other edit · ok'],
  },
  {
    number: 16,
    title: 'a model that decides where an edited state goes on',
    turn: async (stage) => {
      const judge = replying(stage.set, { text: 'Polish it.' })
      const graph = writer(stage, async () => judge.invoke('Good?'))
      const config = { ...thread, callbacks: stage.callbacks }
      await graph.invoke(question, config)
      await graph.updateState(config, DRAFT, 'write')
    },
    trees: [
      WRITTEN.replace('40 in, 10 out', '60 in, 15 out').replace('  └─', `  ├─ ${LLM}\n│  └─`),
      `chat gpt-4o-mini · ok · 20 in, 5 out\n└─ ${LLM}`,
    ],
  },
]
