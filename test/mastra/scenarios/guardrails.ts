import { expect } from 'vitest'

import { drain, type Scenario, spanNamed, type Stage } from '../play.ts'

const LLM = 'llm chat gpt-4o-mini · ok · 10 in, 5 out'
const CUT = 'llm chat gpt-4o-mini · cancelled'

/* What Mastra hands to a processor, as far as these need it. */
interface Processed {
  readonly messages: unknown
  readonly part: { readonly type: string; readonly payload: { readonly text?: string } }
  readonly stepNumber: number
  readonly retryCount?: number
  readonly abort: (reason: string, options?: { readonly retry?: boolean }) => never
}

/** An agent that one processor watches. */
interface Guarded {
  readonly title: string
  readonly processor: Readonly<Record<string, (given: Processed) => unknown>>
  /** The agent asks for a tool first. */
  readonly hasTool?: boolean
  readonly options?: object
  readonly structured?: (stage: Stage) => object
  readonly tree: string
  /** False where Mastra does not say what the model billed. */
  readonly isBilled?: boolean
  readonly status?: 'ok'
  /** The processor, where it is not ours. */
  readonly guardrail?: string
  readonly text?: string
}

/* What is among the processors of the input. */
const INPUT = /^process(?:Input|LLM)/

function blockText({ part, abort }: Processed): unknown {
  return part.type === 'text-delta' && part.payload.text?.includes('bad') === true
    ? abort('blocked')
    : part
}

const guarded: readonly Guarded[] = [
  {
    title: 'before the first call',
    processor: { processInput: ({ abort }) => abort('blocked') },
    tree: 'support · cancelled',
  },
  {
    title: 'before a step',
    processor: { processInputStep: ({ abort }) => abort('blocked') },
    tree: 'support · cancelled',
  },
  {
    title: 'before the second step',
    processor: {
      processInputStep: ({ stepNumber, abort, messages }) =>
        stepNumber === 1 ? abort('blocked') : { messages },
    },
    hasTool: true,
    tree: `support · cancelled · 10 in, 5 out\n├─ ${LLM}\n└─ tool weather · ok`,
  },
  {
    title: 'before a request',
    processor: { processLLMRequest: ({ abort }) => abort('blocked') },
    tree: 'support · cancelled',
  },
  {
    title: 'after a response',
    processor: { processLLMResponse: ({ abort }) => abort('blocked') },
    tree: `support · cancelled\n└─ ${CUT}`,
    isBilled: false,
  },
  {
    title: 'in the middle of an answer',
    processor: { processOutputStream: blockText },
    tree: `support · cancelled\n└─ ${CUT}`,
    isBilled: false,
  },
  {
    title: 'in the middle of the second answer',
    processor: { processOutputStream: blockText },
    hasTool: true,
    tree: `support · cancelled · 10 in, 5 out\n├─ ${LLM}\n├─ tool weather · ok\n└─ ${CUT}`,
    isBilled: false,
  },
  {
    title: 'after a step',
    processor: { processOutputStep: ({ abort }) => abort('blocked') },
    tree: `support · cancelled · 10 in, 5 out\n└─ ${LLM}`,
  },
  {
    title: 'after the answer',
    processor: { processOutputResult: ({ abort }) => abort('blocked') },
    tree: `support · cancelled · 10 in, 5 out\n└─ ${LLM}`,
  },
  {
    title: 'in the middle of an object',
    processor: { processOutputStream: blockText },
    structured: ({ set: { z } }) => ({ schema: z.object({ word: z.string() }) }),
    tree: `support · cancelled\n└─ ${CUT}`,
    isBilled: false,
  },
  {
    title: 'before a second model brings the answer into shape',
    processor: { processOutputStream: blockText },
    structured: ({ set: { z }, model }) => ({
      schema: z.object({ word: z.string() }),
      model: model([{ text: '{"word":"good"}' }], 'shaper'),
    }),
    tree: `support · cancelled\n└─ ${CUT}`,
    isBilled: false,
  },
  {
    title: 'for as long as it asks for another answer',
    processor: {
      processOutputStep: ({ abort, retryCount = 0, messages }) =>
        retryCount < 1 ? abort('blocked', { retry: true }) : messages,
    },
    options: { maxProcessorRetries: 2 },
    tree: `support · ok · 20 in, 10 out\n├─ ${LLM}\n└─ ${LLM}`,
    status: 'ok',
  },
  {
    title: 'once it has asked for another answer too often',
    processor: { processOutputStep: ({ abort }) => abort('blocked', { retry: true }) },
    options: { maxProcessorRetries: 1 },
    tree: `support · cancelled · 20 in, 10 out\n├─ ${LLM}\n└─ ${LLM}`,
  },
]

function scenarioOf(method: 'generate' | 'stream', turn: Guarded): Scenario {
  const { title, processor, hasTool = false, options, structured, tree, status } = turn
  const isInput = Object.keys(processor).some((key) => INPUT.test(key))
  return {
    number: 22,
    title: `a processor that stops the turn ${title}, ${method}`,
    turn: async (stage) => {
      const { agent, tool, mastra } = stage
      const guard = { id: 'guard', name: 'guard', ...processor }
      const asked = { tools: [{ id: 'c1', name: 'weather', args: { city: 'Paris' } }] }
      const support = agent('support', [...(hasTool ? [asked] : []), { text: '{"word": "bad"}' }], {
        tools: { weather: tool('weather', () => 'sunny') },
        [isInput ? 'inputProcessors' : 'outputProcessors']: [guard],
        ...options,
      })
      const observed = mastra({ agents: { support } }).getAgent('support')
      const call = structured === undefined ? {} : { structuredOutput: structured(stage) }
      if (method === 'generate') {
        return (await observed.generate('Hi', call)).finishReason
      }
      return await drain(await observed.stream('Hi', call))
    },
    trees: [tree],
    isBilled: turn.isBilled ?? true,
    check: ({ trace }) => {
      expect(trace.metadata).toMatchObject(
        status === 'ok'
          ? { 'trulayer.status': 'ok' }
          : { 'trulayer.reason': 'tripwire', 'trulayer.guardrail': 'guard' },
      )
    },
  }
}

const blocking = {
  id: 'guard',
  name: 'guard',
  processOutputStream: blockText,
}

function guardedAgent({ agent }: Stage, id: string, options: object) {
  return agent(id, [{ text: 'a bad word' }], options)
}

function failing(processor: Guarded['processor'], when: string, tree: string): Scenario {
  const isInput = Object.keys(processor).some((key) => INPUT.test(key))
  return {
    number: 22,
    title: `a processor that throws ${when}`,
    turn: async (stage) => {
      const guard = { id: 'guard', name: 'guard', ...processor }
      const processors = { [isInput ? 'inputProcessors' : 'outputProcessors']: [guard] }
      const support = guardedAgent(stage, 'support', { ...processors, maxRetries: 0 })
      const observed = stage.mastra({ agents: { support } }).getAgent('support')
      return (await observed.generate('Hi')).finishReason
    },
    trees: [tree],
    isBilled: false,
  }
}

/* A workflow of the host's in the place of a processor, with a step of its own and a processor as a step. */
function workflowAsProcessor(
  what: string,
  place: 'inputProcessors' | 'outputProcessors',
  process: (given: Processed) => unknown,
  tree: string,
): Scenario {
  const isStopped = tree.startsWith('support · cancelled')
  return {
    number: 22,
    title: `a workflow as a processor ${what}`,
    turn: async (stage) => {
      const { agent, step, mastra, set } = stage
      const method = place === 'inputProcessors' ? 'processInput' : 'processOutputResult'
      const workflow = set
        .createWorkflow({ id: 'my-guard', inputSchema: set.z.any(), outputSchema: set.z.any() })
        .then(step('check', ({ inputData }) => Promise.resolve(inputData)))
        .then(set.createStep({ id: 'guard', name: 'guard', [method]: process }))
        .commit()
      const support = agent('support', [{ text: 'Hello there.' }], { [place]: [workflow] })
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).finishReason
    },
    trees: [tree],
    check: ({ trace }) => {
      for (const { metadata } of isStopped ? [trace, spanNamed(trace, 'my-guard')] : []) {
        expect(metadata).toMatchObject({
          'trulayer.reason': 'tripwire',
          'trulayer.guardrail': 'guard',
        })
      }
    },
  }
}

function broken(): never {
  throw new Error('processor broke')
}

const BROKEN = 'error (Error: processor broke)'

/** Turns that a processor stops. */
export const guardrails: readonly Scenario[] = [
  ...guarded.flatMap((turn) => [scenarioOf('generate', turn), scenarioOf('stream', turn)]),
  {
    number: 22,
    title: 'an answer that cannot be brought into shape',
    turn: async ({ agent, model, mastra, set: { z } }) => {
      const support = agent('support', [{ text: 'a bad word' }])
      const structuredOutput = {
        schema: z.object({ n: z.number() }),
        model: model([{ text: 'no number' }], 'shaper'),
        errorStrategy: 'strict',
      }
      const answer = await mastra({ agents: { support } })
        .getAgent('support')
        .generate('Hi', { structuredOutput })
      return answer.finishReason
    },
    trees: [`support · cancelled · 10 in, 5 out\n└─ ${LLM}`],
    isBilled: false,
    check: ({ trace }) => {
      expect(trace.metadata['trulayer.reason']).toBe('tripwire')
      expect(trace.metadata['trulayer.guardrail']).toMatch(/structured.output/i)
    },
  },
  {
    number: 22,
    title: 'an agent inside another whose processor stops it',
    turn: async (stage) => {
      const { agent, mastra, tool } = stage
      const sub = guardedAgent(stage, 'sub', { outputProcessors: [blocking] })
      const ask = tool('ask', async (_, { tracingContext }) => {
        const { finishReason } = await sub.generate('x', { tracingContext })
        return { finishReason }
      })
      const support = agent(
        'support',
        [{ tools: [{ id: 'c1', name: 'ask', args: { city: 'Paris' } }] }, { text: 'sorry' }],
        { tools: { ask } },
      )
      return (await mastra({ agents: { support, sub } }).getAgent('support').generate('Hi')).text
    },
    trees: [
      `\
support · ok · 20 in, 10 out
├─ ${LLM}
├─ tool ask · ok
│  └─ other sub · cancelled
│     └─ ${CUT}
└─ ${LLM}`,
    ],
    isBilled: false,
    check: ({ trace }) => {
      expect(trace.metadata).not.toHaveProperty(['trulayer.reason'])
      expect(spanNamed(trace, 'sub').metadata).toMatchObject({
        'trulayer.reason': 'tripwire',
        'trulayer.guardrail': 'guard',
      })
    },
  },
  {
    number: 22,
    title: 'a workflow whose agent a processor stops',
    turn: async (stage) => {
      const { mastra, set } = stage
      const support = guardedAgent(stage, 'support', { outputProcessors: [blocking] })
      const flow = set
        .createWorkflow({ id: 'flow', inputSchema: set.z.any(), outputSchema: set.z.any() })
        .then(set.createStep(support))
        .commit()
      const observed = mastra({ agents: { support }, workflows: { flow } }).getWorkflow('flow')
      const run = await observed.createRun()
      return (await run.start({ inputData: { prompt: 'Hi' } })).status
    },
    trees: [
      `\
flow · cancelled
└─ other support · cancelled
   └─ ${CUT}`,
    ],
    isBilled: false,
    check: ({ trace }) => {
      for (const { metadata } of [trace, ...trace.spans.slice(0, 1)]) {
        expect(metadata).toMatchObject({
          'trulayer.reason': 'tripwire',
          'trulayer.guardrail': 'guard',
        })
      }
    },
  },
  {
    number: 22,
    title: 'an agent that survives its process and is stopped',
    turn: async (stage) => {
      const support = guardedAgent(stage, 'support', { outputProcessors: [blocking] })
      const durable = stage.set.createDurableAgent?.({ agent: support })
      stage.mastra({ agents: { support: durable } })
      const stream = await durable?.stream('Hi')
      const types = stream === undefined ? [] : await drain(stream.output)
      stream?.cleanup()
      return types
    },
    trees: [`support · cancelled · 10 in, 5 out\n└─ ${LLM}`],
  },
  workflowAsProcessor(
    'of the input',
    'inputProcessors',
    ({ messages }) => messages,
    `\
support · ok · 10 in, 5 out
├─ other my-guard · ok
│  ├─ other check · ok
│  └─ other guard · ok
├─ other my-guard · ok
│  ├─ other check · ok
│  └─ other guard · ok
└─ ${LLM}`,
  ),
  workflowAsProcessor(
    'that stops the turn',
    'inputProcessors',
    ({ abort }) => abort('blocked'),
    `\
support · cancelled
└─ other my-guard · cancelled
   ├─ other check · ok
   └─ other guard · cancelled`,
  ),
  workflowAsProcessor(
    'of the output',
    'outputProcessors',
    ({ messages }) => messages,
    `\
support · ok · 10 in, 5 out
├─ ${LLM}
├─ other my-guard · ok
│  ├─ other check · ok
│  └─ other guard · ok
└─ other my-guard · ok
   ├─ other check · ok
   └─ other guard · ok`,
  ),
  failing(
    { processInput: broken },
    'before the first call',
    `support · error (Error: [Agent:support] - Input processor error)\n└─ other guard · ${BROKEN}`,
  ),
  failing(
    { processInputStep: broken },
    'before a step',
    `support · ${BROKEN}\n└─ other guard · ${BROKEN}`,
  ),
  failing(
    { processOutputStep: broken },
    'after a step',
    `support · ${BROKEN}\n├─ llm chat gpt-4o-mini · ${BROKEN}\n└─ other guard · ${BROKEN}`,
  ),
  failing(
    { processOutputResult: broken },
    'after the answer',
    `support · ${BROKEN} · 10 in, 5 out\n├─ ${LLM}\n└─ other guard · ${BROKEN}`,
  ),
]
