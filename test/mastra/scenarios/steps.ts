import type { FinishedTrace } from '@trulayer/core'
import { expect } from 'vitest'

import type { Context, WorkflowLike, WorkflowRun } from '../frameworks.ts'
import { pause, type Scenario, spanNamed, type Stage } from '../play.ts'

const LLM = 'llm chat gpt-4o-mini · ok · 10 in, 5 out'
const call = { tracingOptions: { metadata: { sessionId: 'S', customer: 'acme' } } }

/** A span of Mastra's, as a tool holds it. */
interface CurrentSpan {
  createChildSpan(options: object): CurrentSpan
  update(options: object): void
  end(options?: object): void
}

function workflow({ set }: Stage, id = 'flow'): WorkflowLike {
  return set.createWorkflow({ id, inputSchema: set.z.any(), outputSchema: set.z.any() })
}

async function runOf({ mastra }: Stage, parts: object): Promise<WorkflowRun> {
  const flow = mastra(parts).getWorkflow('flow')
  return flow.createRunAsync === undefined ? await flow.createRun() : await flow.createRunAsync()
}

/* A step that waits for a person where `mayGoOn` does not hold of its input. */
function reviewStep(
  { step, set }: Stage,
  mayGoOn: (input: unknown) => boolean,
  result: (input: unknown) => unknown = (input) => input,
): object {
  return step(
    'review',
    async ({ inputData, resumeData, suspend }) =>
      resumeData === undefined && !mayGoOn(inputData) && typeof suspend === 'function'
        ? await suspend({ question: 'May I?' })
        : result(inputData),
    { suspendSchema: set.z.any(), resumeSchema: set.z.any() },
  )
}

function currentSpanOf({ tracingContext }: Context): CurrentSpan {
  return (tracingContext as { readonly currentSpan: CurrentSpan }).currentSpan
}

/* Some versions let the traces leave in another order. */
function iterationsOf(traces: readonly FinishedTrace[]): unknown[] {
  const inOrder = traces.toSorted((one, other) => one.startedAt - other.startedAt)
  return inOrder.map(({ spans }) => spans.map(({ metadata }) => metadata['trulayer.iteration']))
}

function numberOf(value: unknown, key: string): number {
  return Number((value as Readonly<Record<string, unknown>>)[key])
}

/** Steps of workflows: which of them are shown, and how often they ran; and what a program records inside its own. */
export const steps: readonly Scenario[] = [
  {
    number: 15,
    title: 'steps that are a workflow and an agent',
    turn: async (stage) => {
      const { agent, step, set } = stage
      const writer = agent('writer', [{ text: 'draft' }])
      const inner = workflow(stage, 'inner')
        .then(step('prepare', () => Promise.resolve({ prompt: 'Write' })))
        .then(set.createStep(writer))
        .commit()
      const flow = workflow(stage).foreach(inner).commit()
      const run = await runOf(stage, { agents: { writer }, workflows: { flow } })
      return (await run.start({ inputData: [1, 2], ...call })).result
    },
    trees: [
      `\
flow · ok · 20 in, 10 out
├─ other inner · ok
│  ├─ other prepare · ok
│  └─ other writer · ok
│     └─ ${LLM}
└─ other inner · ok
   ├─ other prepare · ok
   └─ other writer · ok
      └─ ${LLM}`,
    ],
    check: ({ trace }) => {
      const inner = trace.spans.filter(({ name }) => name === 'inner')
      expect(inner.map(({ metadata }) => metadata['trulayer.iteration'])).toEqual([0, 1])
      expect(spanNamed(trace, 'writer')).toMatchObject({ input: 'Write', output: 'draft' })
    },
  },
  {
    number: 15,
    title: 'a nested workflow that fails',
    turn: async (stage) => {
      const bad = stage.step('bad', () => Promise.reject(new Error('step broke')))
      const inner = workflow(stage, 'inner').then(bad).commit()
      const flow = workflow(stage).then(inner).commit()
      const run = await runOf(stage, { workflows: { flow } })
      return (await run.start({ inputData: {}, ...call })).status
    },
    trees: [
      `\
flow · error (Error: step broke)
└─ other inner · error (Error: step broke)
   └─ other bad · error (Error: step broke)`,
    ],
  },
  {
    number: 15,
    title: 'a step of the host that asks an agent of its name twice',
    turn: async (stage) => {
      const { agent, step } = stage
      const writer = agent('writer', [{ text: 'draft' }])
      const twice = step('writer', async ({ mastra, tracingContext }) => {
        await mastra?.getAgent('writer').generate('Write', { tracingContext })
        await mastra?.getAgent('writer').generate('Write again', { tracingContext })
        return {}
      })
      const flow = workflow(stage).then(twice).commit()
      const run = await runOf(stage, { agents: { writer }, workflows: { flow } })
      return (await run.start({ inputData: {}, ...call })).status
    },
    trees: [
      `\
flow · ok · 20 in, 10 out
└─ other writer · ok
   ├─ other writer · ok
   │  └─ ${LLM}
   └─ other writer · ok
      └─ ${LLM}`,
    ],
  },
  {
    number: 16,
    title: 'a foreach whose items wait and go on one by one',
    turn: async (stage) => {
      const flow = workflow(stage)
        .foreach(
          reviewStep(stage, (input) => numberOf(input, 'n') === 0),
          { concurrency: 3 },
        )
        .commit()
      const run = await runOf(stage, { workflows: { flow } })
      const inputData = [{ n: 0 }, { n: 1 }, { n: 2 }]
      const first = await run.start({ inputData, ...call })
      const resumed = { step: 'review', resumeData: { yes: true } }
      await pause(5)
      const second = await run.resume({ ...resumed, forEachIndex: 2 })
      await pause(5)
      const third = await run.resume(resumed)
      return [first.status, second.status, third.status]
    },
    trees: [
      `\
flow · interrupted
├─ other review · ok
├─ other review · interrupted
└─ other review · interrupted`,
      'flow · interrupted\n└─ other review · ok',
      'flow · ok\n└─ other review · ok',
    ],
    check: ({ traces }) => {
      expect(iterationsOf(traces)).toEqual([[0, 1, 2], [2], [1]])
    },
  },
  {
    number: 16,
    title: 'a foreach over equal items that goes on',
    turn: async (stage) => {
      const flow = workflow(stage)
        .foreach(reviewStep(stage, () => false))
        .commit()
      const run = await runOf(stage, { workflows: { flow } })
      const first = await run.start({ inputData: [1, 1], ...call })
      await pause(5)
      const second = await run.resume({ step: 'review', resumeData: { yes: true } })
      return [first.status, second.status]
    },
    trees: [
      'flow · interrupted\n└─ other review · interrupted',
      'flow · interrupted\n├─ other review · ok\n└─ other review · interrupted',
    ],
    check: ({ traces }) => {
      expect(iterationsOf(traces)).toEqual([[0], [undefined, 1]])
    },
  },
  {
    number: 16,
    title: 'a loop that waits in its second round and goes on',
    turn: async (stage) => {
      const review = reviewStep(
        stage,
        (input) => numberOf(input, 'i') !== 1,
        (input) => ({ i: numberOf(input, 'i') + 1 }),
      )
      const flow = workflow(stage)
        .dowhile(review, ({ inputData }: Context) => Promise.resolve(numberOf(inputData, 'i') < 3))
        .commit()
      const run = await runOf(stage, { workflows: { flow } })
      const first = await run.start({ inputData: { i: 0 }, ...call })
      await pause(5)
      const second = await run.resume({ step: 'review', resumeData: { yes: true } })
      return [first.status, second.status]
    },
    trees: [
      'flow · interrupted\n├─ other review · ok\n└─ other review · interrupted',
      'flow · ok\n├─ other review · ok\n└─ other review · ok',
    ],
    check: ({ traces }) => {
      expect(iterationsOf(traces)).toEqual([
        [0, 1],
        [1, 2],
      ])
    },
  },
  {
    number: 21,
    title: 'spans that a tool makes of its own',
    turn: async ({ agent, tool, mastra }) => {
      const search = tool('search', (_, context) => {
        const span = currentSpanOf(context)
        const http = span.createChildSpan({
          type: 'generic',
          name: 'http get',
          input: 'a text',
          // Memory puts a key of Mastra's own beside those of the program.
          metadata: { url: 'https://example.com', __mastraObservationalMemoryCallerThreadId: 'T' },
        })
        http.createChildSpan({ type: 'generic', name: 'parse', metadata: { lines: 3 } }).end()
        http.end({ output: 'an answer', metadata: { cached: false } })
        const model = { model: 'tiny-1', provider: 'me' }
        for (const input of ['Sum up', { prompt: 'Sum up' }]) {
          span
            .createChildSpan({
              type: 'model_generation',
              name: 'my own call',
              input,
              attributes: model,
              metadata: { purpose: 'summary' },
            })
            .end({
              output: typeof input === 'string' ? 'In short' : { text: 'In short' },
              attributes: { usage: { inputTokens: 9, outputTokens: 1 } },
            })
        }
        span.update({ metadata: { vendor: 'exa' } })
        return 'found'
      })
      const support = agent(
        'support',
        [{ tools: [{ id: 'c1', name: 'search', args: { city: 'Paris' } }] }, { text: 'done' }],
        { tools: { search } },
      )
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi', call)).text
    },
    trees: [
      `\
support · ok · 38 in, 12 out
├─ ${LLM}
├─ tool search · ok
│  ├─ other http get · ok
│  │  └─ other parse · ok
│  ├─ llm chat tiny-1 · ok · 9 in, 1 out
│  └─ llm chat tiny-1 · ok · 9 in, 1 out
└─ ${LLM}`,
    ],
    // The calls that the tool reports are not those of a scripted model.
    isBilled: false,
    check: ({ trace }) => {
      expect(trace.metadata['customer']).toBe('acme')
      const http = spanNamed(trace, 'http get')
      expect([http.input, http.output]).toEqual(['a text', 'an answer'])
      const own = trace.spans.map(({ name, metadata }) => [
        name,
        Object.fromEntries(Object.entries(metadata).filter(([key]) => !key.includes('.'))),
      ])
      expect(own).toEqual([
        ['chat gpt-4o-mini', {}],
        ['search', { vendor: 'exa' }],
        ['http get', { url: 'https://example.com', cached: false }],
        ['parse', { lines: 3 }],
        ['chat tiny-1', { purpose: 'summary' }],
        ['chat tiny-1', { purpose: 'summary' }],
        ['chat gpt-4o-mini', {}],
      ])
      for (const { name, input, output } of trace.spans) {
        if (name === 'chat tiny-1') {
          expect(input).toEqual([{ role: 'user', parts: [{ type: 'text', content: 'Sum up' }] }])
          expect(output).toEqual([
            { role: 'assistant', parts: [{ type: 'text', content: 'In short' }] },
          ])
        }
      }
    },
  },
]
