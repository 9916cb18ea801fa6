import { expect } from 'vitest'

import { asking, inTurn, LLM, question, replying, type Scenario, stateOf } from './scenario.ts'
import type { ScenarioStage } from './scenario.ts'

const LIMIT = 30
const TIMED_OUT = 'error (TimeoutError: The operation was aborted due to timeout)'
/* Long after every time limit here. The model and the tool end as soon as their signal fires. */
const NEVER = 20_000

type Config = { readonly signal?: AbortSignal; readonly timeout?: number }

/** Work that its caller stops, or a time limit. */
interface Work {
  readonly title: string
  /** `asked` is called when the work has begun. */
  run(stage: ScenarioStage, config: Config, asked: () => void): Promise<unknown>
  /** The tree with the status of what was stopped. */
  tree(stopped: string): string
}

const slowModel = ({ set }: ScenarioStage, asked: () => void) =>
  new set.Model({
    script: () => {
      asked()
      return { text: 'Never said.', delay: NEVER }
    },
  })

/* Rejects with what its signal carries once that fires, or not at all. */
function untilStopped(signal: AbortSignal | undefined, onStop: (reason: unknown) => unknown) {
  return new Promise<string>((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(onStop(signal.reason)), { once: true })
  })
}

const agentWithTool = (
  stage: ScenarioStage,
  config: Config,
  use: (own?: AbortSignal) => Promise<string>,
) => {
  const { set, callbacks } = stage
  const crawl = set.tools.tool((_input: object, tool) => use(tool?.signal), {
    name: 'crawl',
    description: 'Crawls a site',
    schema: set.z.object({}),
  })
  return set.prebuilt
    .createReactAgent({
      name: 'support',
      llm: inTurn(set, asking('c1', 'crawl'), { text: 'Sorry.' }),
      tools: [crawl],
    })
    .invoke(question, { ...config, callbacks })
}

const graphOf = (
  { set, callbacks }: ScenarioStage,
  node: (config: Config) => Promise<unknown>,
  config: Config,
  stepTimeout?: number,
) => {
  const graph = new set.graph.StateGraph(stateOf(set))
    .addNode('think', async (_state, own: Config) => {
      await node(own)
      return {}
    })
    .addEdge(set.graph.START, 'think')
    .compile({ name: 'steps' })
  if (stepTimeout !== undefined) {
    graph.stepTimeout = stepTimeout
  }
  return graph.invoke({ question: '?' }, { ...config, callbacks })
}

const modelOfAgent: Work = {
  title: 'a model of an agent',
  run: (stage, config, asked) =>
    stage.set.prebuilt
      .createReactAgent({ name: 'support', llm: slowModel(stage, asked), tools: [] })
      .invoke(question, { ...config, callbacks: stage.callbacks }),
  tree: (stopped) => `support · ${stopped}\n└─ llm chat gpt-4o-mini · ${stopped}`,
}

const toolOfAgent: Work = {
  title: 'a tool of an agent',
  run: (stage, config, asked) =>
    agentWithTool(stage, config, (own) => {
      asked()
      return untilStopped(own, (reason) => reason)
    }),
  tree: (stopped) => `support · ${stopped} · 20 in, 5 out\n├─ ${LLM}\n└─ tool crawl · ${stopped}`,
}

const nodeOfGraph: Work = {
  title: 'a node without a model',
  run: (stage, config, asked) =>
    graphOf(
      stage,
      ({ signal }) => {
        asked()
        return untilStopped(signal, (reason) => reason)
      },
      config,
    ),
  tree: (stopped) => `steps · ${stopped}\n└─ other think · ${stopped}`,
}

const modelOfChain: Work = {
  title: 'a model of a chain',
  run: (stage, config, asked) =>
    slowModel(stage, asked)
      .pipe(new stage.set.parsers.StringOutputParser())
      .invoke('hello', { ...config, callbacks: stage.callbacks, runName: 'say' }),
  tree: (stopped) => `say · ${stopped}\n└─ llm chat gpt-4o-mini · ${stopped}`,
}

const modelAlone: Work = {
  title: 'a model on its own',
  run: (stage, config, asked) =>
    slowModel(stage, asked).invoke('hello', { ...config, callbacks: stage.callbacks }),
  tree: (stopped) => `chat gpt-4o-mini · ${stopped}\n└─ llm chat gpt-4o-mini · ${stopped}`,
}

const works = [modelOfAgent, toolOfAgent, nodeOfGraph, modelOfChain, modelAlone]

const reasonsOfCallers = [
  { name: 'without a reason', reason: undefined },
  { name: 'with an error of its own', reason: new TypeError('client closed the tab') },
  { name: 'with a text', reason: 'tab closed' },
  { name: 'with an object', reason: { code: 499 } },
]

const timeLimits = [
  { name: 'a signal with a time limit', config: () => ({ signal: AbortSignal.timeout(LIMIT) }) },
  { name: 'the option `timeout`', config: () => ({ timeout: LIMIT }) },
]

const checkReason =
  (reason: string): NonNullable<Scenario['check']> =>
  ({ trace }) => {
    expect(trace.metadata['trulayer.reason'] ?? trace.spans[0]?.metadata['trulayer.reason']).toBe(
      reason,
    )
  }

function stoppedByCaller(
  work: Work,
  { name, reason }: (typeof reasonsOfCallers)[number],
): Scenario {
  return {
    number: 23,
    title: `${work.title}, stopped ${name}`,
    turn: async (stage) => {
      const controller = new AbortController()
      return await work.run(stage, { signal: controller.signal }, () => {
        setTimeout(() => controller.abort(reason), 5)
      })
    },
    trees: [work.tree('cancelled')],
    check: checkReason('aborted'),
  }
}

function stoppedByLimit(work: Work, { name, config }: (typeof timeLimits)[number]): Scenario {
  return {
    number: 23,
    title: `${work.title}, stopped by ${name}`,
    turn: (stage) => work.run(stage, config(), () => {}),
    trees: [work.tree(TIMED_OUT)],
    check: checkReason('timeout'),
  }
}

/** Turns that their caller or a time limit stops. */
export const stops: readonly Scenario[] = [
  ...works.flatMap((work) => reasonsOfCallers.map((caller) => stoppedByCaller(work, caller))),
  ...works.flatMap((work) => timeLimits.map((limit) => stoppedByLimit(work, limit))),
  {
    number: 23,
    title: 'fallbacks that are stopped',
    turn: async (stage) => {
      const controller = new AbortController()
      const model = slowModel(stage, () => {
        setTimeout(() => controller.abort(new RangeError('gone')), 5)
      })
      return await model
        .withFallbacks([replying(stage.set, { text: 'Never asked.' })])
        .invoke('hello', { callbacks: stage.callbacks, runName: 'job', signal: controller.signal })
    },
    trees: ['job · cancelled\n└─ llm chat gpt-4o-mini · cancelled'],
    check: checkReason('aborted'),
  },
  {
    number: 23,
    title: 'fallbacks of which the first is stopped',
    turn: async ({ set, callbacks }) =>
      (
        await replying(set, { error: new DOMException('stopped', 'AbortError') })
          .withFallbacks([replying(set, { text: 'Late.', delay: 300 })])
          .invoke('hello', { callbacks, runName: 'job' })
      ).content,
    trees: [`job · ok · 20 in, 5 out\n├─ llm chat gpt-4o-mini · cancelled\n└─ ${LLM}`],
  },
  {
    number: 23,
    title: 'the time limit of a step',
    turn: (stage) =>
      graphOf(
        stage,
        (config) => replying(stage.set, { text: 'Late.', delay: NEVER }).invoke('?', config),
        {},
        LIMIT,
      ),
    trees: [
      `steps · ${TIMED_OUT}\n└─ other think · ${TIMED_OUT}\n   └─ llm chat gpt-4o-mini · ${TIMED_OUT}`,
    ],
    check: checkReason('timeout'),
  },
  {
    number: 23,
    title: 'a tool with a time limit of its own',
    turn: (stage) =>
      agentWithTool(stage, {}, () =>
        untilStopped(AbortSignal.timeout(LIMIT), (reason) => reason),
      ).then(({ messages }) => messages.length),
    trees: [`support · ok · 40 in, 10 out\n├─ ${LLM}\n├─ tool crawl · ${TIMED_OUT}\n└─ ${LLM}`],
  },
  {
    number: 23,
    title: 'a tool that fails because its signal fires',
    turn: (stage) => {
      const controller = new AbortController()
      return agentWithTool(stage, { signal: controller.signal }, (own) => {
        setTimeout(() => controller.abort(new RangeError('gone')), 5)
        return untilStopped(own, () => new Error('the crawler was shut down'))
      })
    },
    trees: [`support · cancelled · 20 in, 5 out\n├─ ${LLM}\n└─ tool crawl · cancelled`],
    check: checkReason('aborted'),
  },
  {
    number: 23,
    title: 'a node that fails before its turn is stopped',
    turn: ({ set, callbacks }) => {
      const controller = new AbortController()
      const chain = set.runnables.RunnableLambda.from(async (_input: string, config) => {
        await set.runnables.RunnableLambda.from(() => Promise.reject(new Error('disk full')))
          .invoke('', { ...config, runName: 'save' })
          .catch(() => {})
        setTimeout(() => controller.abort(new RangeError('gone')), 200)
        await replying(set, { text: 'Late.', delay: NEVER }).invoke('?', config)
        return ''
      })
      return chain.invoke('', { callbacks, runName: 'job', signal: controller.signal })
    },
    trees: [
      `job · cancelled\n├─ other save · error (Error: disk full)\n└─ llm chat gpt-4o-mini · cancelled`,
    ],
  },
  {
    number: 23,
    title: 'the time limit of a node',
    turn: ({ set, callbacks }) =>
      new set.graph.StateGraph(stateOf(set))
        .addNode(
          'think',
          async (_state, config) => {
            await replying(set, { text: 'Late.', delay: NEVER }).invoke('?', config)
            return {}
          },
          { timeout: LIMIT },
        )
        .addEdge(set.graph.START, 'think')
        .compile({ name: 'steps' })
        .invoke({ question: '?' }, { callbacks })
        // The message has the milliseconds.
        .catch(({ name }: Error) => name),
    trees: [
      `steps · error (TimeoutError: Node "think" exceeded its run…)\n└─ other think · error (TimeoutError: Node "think" exceeded its run…)\n   └─ llm chat gpt-4o-mini · error (TimeoutError: Node "think" exceeded its run…)`,
    ],
    check: checkReason('timeout'),
  },
]
