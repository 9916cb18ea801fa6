import type { FinishedTrace } from '@trulayer/core'
import { expect } from 'vitest'

import type { Context, WorkflowLike, WorkflowRun } from '../frameworks.ts'
import { drain, type Scenario, type Stage } from '../play.ts'

const LLM = 'llm chat gpt-4o-mini · ok · 10 in, 5 out'
const call = { tracingOptions: { metadata: { sessionId: 'S' } } }

function workflow({ set }: Stage): WorkflowLike {
  return set.createWorkflow({ id: 'flow', inputSchema: set.z.any(), outputSchema: set.z.any() })
}

async function runOf(flow: WorkflowLike): Promise<WorkflowRun> {
  return flow.createRunAsync === undefined ? await flow.createRun() : await flow.createRunAsync()
}

/* A workflow with one step that asks a person. */
function askingFlow(stage: Stage): WorkflowLike {
  const { step, set, mastra } = stage
  const human = step(
    'human',
    async (context) => {
      const { resumeData, suspend } = context
      return resumeData === undefined && typeof suspend === 'function'
        ? await suspend({ question: 'May I?' })
        : { resumeData }
    },
    { suspendSchema: set.z.any(), resumeSchema: set.z.any() },
  )
  const flow = workflow(stage).then(human).commit()
  return mastra({ workflows: { flow } }).getWorkflow('flow')
}

/* An agent with a tool that has to be approved. */
function payingAgent({ agent, tool, mastra }: Stage) {
  const support = agent(
    'support',
    [{ tools: [{ id: 'c1', name: 'pay', args: { city: 'Paris' } }] }, { text: 'done' }],
    { tools: { pay: tool('pay', () => ({ paid: true }), { requireApproval: true }) } },
  )
  return mastra({ agents: { support } }).getAgent('support')
}

/* Where Mastra does not tell that the first half is over, it leaves after the second. */
function expectResumed(traces: readonly FinishedTrace[]) {
  const first = traces.find(({ status }) => status === 'interrupted')
  const second = traces.find(({ status }) => status !== 'interrupted')
  expect(second?.metadata).toMatchObject({ 'trulayer.resumed_from': first?.id })
  expect(second?.id).not.toBe(first?.id)
}

/** Workflows, and what waits for a person. */
export const workflows: readonly Scenario[] = [
  {
    number: 15,
    title: 'a workflow of every kind of step',
    turn: async (stage) => {
      const { agent, step, mastra } = stage
      const sub = agent('sub', [{ text: 'sub answer' }])
      const ask = step('pb', async (context: Context) => {
        const { tracingContext } = context
        const answer = await context.mastra?.getAgent('sub').generate('x', { tracingContext })
        return { b: answer?.text }
      })
      const flow = workflow(stage)
        .then(step('one', () => Promise.resolve({ n: 1 })))
        .parallel([step('pa', () => Promise.resolve({ a: 1 })), ask])
        .branch([
          [() => Promise.resolve(false), step('small', () => Promise.resolve({ s: 1 }))],
          [() => Promise.resolve(true), step('big', () => Promise.resolve({ s: 2 }))],
        ])
        .map(() => Promise.resolve([1, 2, 3]))
        .foreach(
          step('each', ({ inputData }) => Promise.resolve(Number(inputData) * 2)),
          { concurrency: 2 },
        )
        .map(() => Promise.resolve({ i: 0 }))
        .dowhile(
          step('again', ({ inputData }) =>
            Promise.resolve({ i: (inputData as { i: number }).i + 1 }),
          ),
          ({ inputData }: Context) => Promise.resolve((inputData as { i: number }).i < 2),
        )
        .sleep(5)
        .commit()
      const run = await runOf(mastra({ agents: { sub }, workflows: { flow } }).getWorkflow('flow'))
      const { status, result } = await run.start({ inputData: { q: 1 }, ...call })
      return { status, result }
    },
    trees: [
      `\
flow · ok · 10 in, 5 out
├─ other one · ok
├─ other pa · ok
├─ other pb · ok
│  └─ other sub · ok
│     └─ ${LLM}
├─ other big · ok
├─ other each · ok
├─ other each · ok
├─ other each · ok
├─ other again · ok
├─ other again · ok
└─ other sleep · ok`,
    ],
    sessions: ['S'],
    check: ({ trace }) => {
      const places = trace.spans
        .filter(({ parentId, type }) => parentId === undefined && type === 'other')
        .map(({ name, metadata }) => [
          name,
          metadata['trulayer.branch'],
          metadata['trulayer.iteration'],
        ])
      expect(places).toEqual([
        ['one', undefined, undefined],
        ['pa', 0, undefined],
        ['pb', 1, undefined],
        ['big', 1, undefined],
        ['each', undefined, 0],
        ['each', undefined, 1],
        ['each', undefined, 2],
        ['again', undefined, 0],
        ['again', undefined, 1],
        ['sleep', undefined, undefined],
      ])
      expect(trace.output).toEqual({ i: 2 })
    },
  },
  {
    number: 15,
    title: 'a step that throws beside one that does not',
    turn: async (stage) => {
      const { step, mastra } = stage
      const bad = step('bad', () => Promise.reject(new RangeError('step broke')))
      const flow = workflow(stage)
        .parallel([bad, step('good', () => Promise.resolve(1))])
        .commit()
      const run = await runOf(mastra({ workflows: { flow } }).getWorkflow('flow'))
      return (await run.start({ inputData: { q: 1 }, ...call })).status
    },
    trees: [
      `\
flow · error (RangeError: step broke)
├─ other bad · error (Error: step broke)
└─ other good · ok`,
    ],
  },
  {
    number: 16,
    title: 'a workflow that waits and goes on',
    turn: async (stage) => {
      const run = await runOf(askingFlow(stage))
      const first = await run.start({ inputData: { q: 1 }, ...call })
      const second = await run.resume({ step: 'human', resumeData: { yes: true } })
      return [first.status, second.status]
    },
    trees: ['flow · interrupted\n└─ other human · interrupted', 'flow · ok\n└─ other human · ok'],
    sessions: ['S', 'S'],
    check: ({ traces }) => expectResumed(traces),
  },
  {
    number: 17,
    title: 'a tool that is approved',
    turn: async (stage) => {
      const agent = payingAgent(stage)
      const stream = await agent.stream('Pay', call)
      await drain(stream)
      await drain(await agent.approveToolCall({ runId: stream.runId, toolCallId: 'c1' }))
    },
    trees: [
      'support · interrupted\n└─ llm chat gpt-4o-mini · interrupted',
      `\
support · ok · 20 in, 10 out
├─ tool pay · ok
├─ ${LLM}
└─ ${LLM}`,
    ],
    sessions: ['S', 'S'],
    check: ({ traces }) => {
      expectResumed(traces)
      const synthetic = traces.flatMap(({ spans }) =>
        spans.filter(({ metadata }) => metadata['trulayer.synthetic'] === true),
      )
      expect(synthetic.map(({ usage }) => usage?.promptTokens)).toEqual([10])
    },
  },
  {
    number: 17,
    title: 'a tool that is declined',
    turn: async (stage) => {
      const agent = payingAgent(stage)
      const stream = await agent.stream('Pay', call)
      await drain(stream)
      await drain(await agent.declineToolCall({ runId: stream.runId, toolCallId: 'c1' }))
    },
    trees: [
      'support · interrupted\n└─ llm chat gpt-4o-mini · interrupted',
      'support · ok · 20 in, 10 out\n└─ llm chat gpt-4o-mini · ok · 20 in, 10 out',
    ],
    sessions: ['S', 'S'],
    check: ({ traces }) => expectResumed(traces),
  },
]
