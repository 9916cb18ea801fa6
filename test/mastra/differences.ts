import type { Scenario } from './play.ts'

/** How a version differs in what it tells, or does. */
export interface Difference {
  /** Why. */
  readonly reason: string
  /** True where the version has no such thing. */
  readonly isAbsent?: boolean
  readonly trees?: readonly string[]
  readonly sessions?: readonly string[]
  /** True where nothing more is told of the turn. */
  readonly isLeftOpen?: boolean
  /** True where what no tree shows is different too. */
  readonly isUnchecked?: boolean
  /** False where Mastra does not tell all that a model billed. */
  readonly isBilled?: boolean
}

const LLM = 'llm chat gpt-4o-mini · ok · 10 in, 5 out'

const ABORT_UNTOLD: Difference = {
  reason: 'before 1.45 nothing ends when a stream is aborted',
  isLeftOpen: true,
  isBilled: false,
  trees: ['support · incomplete\n└─ llm chat gpt-4o-mini · incomplete'],
}

const TOOL_MUST_EXIST: Difference = {
  reason: 'before 1.30 Mastra throws where nobody can catch it',
  isAbsent: true,
}

const MODEL_ERROR_UNTOLD: Difference = {
  reason: 'before 1.30 neither the error of a model nor the end of its agent is told',
  trees: [
    'support · error (Error: the model call failed)\n└─ llm chat gpt-4o-mini · error (Error: the model call failed)',
  ],
}

const STREAM_ERROR_UNTOLD: Difference = {
  ...MODEL_ERROR_UNTOLD,
  trees: [
    `support · error (Error: the model call failed) · 10 in, 5 out\n├─ ${LLM}\n├─ tool weather · ok\n└─ llm chat gpt-4o-mini · error (Error: the model call failed)`,
  ],
}

const REFUSAL_UNTOLD: Difference = {
  reason: 'before 1.30 a tool that refuses its arguments is not told',
  isUnchecked: true,
  trees: [`support · ok · 20 in, 10 out\n├─ ${LLM}\n└─ ${LLM}`],
}

const NAME_UNTOLD: Difference = {
  reason: 'before 1.30 the name of an error is lost',
  trees: [
    `support · ok · 20 in, 10 out\n├─ ${LLM}\n├─ tool bad · error (Error: tool exploded)\n├─ tool good · ok\n└─ ${LLM}`,
  ],
}

const SHAPER_TOLD: Difference = {
  reason: 'before 1.45 the calls that Mastra makes for itself are spans',
  trees: [`support · ok · 87 in, 12 out\n├─ ${LLM}\n└─ llm chat shaper · ok · 77 in, 7 out`],
}

const PAUSE_UNTOLD: Pick<Difference, 'reason'> = {
  reason:
    'up to 1.45 an agent that waits for a person never ends: its trace leaves once it goes on',
}

const APPROVED: Difference = {
  ...PAUSE_UNTOLD,
  trees: [
    `support · ok · 20 in, 10 out\n├─ tool pay · ok\n├─ ${LLM}\n└─ ${LLM}`,
    'support · interrupted\n└─ llm chat gpt-4o-mini · interrupted',
  ],
}

const DECLINED: Difference = {
  ...PAUSE_UNTOLD,
  trees: [
    `support · ok · 20 in, 10 out\n├─ ${LLM}\n└─ ${LLM}`,
    'support · interrupted\n└─ llm chat gpt-4o-mini · interrupted',
  ],
}

const PROVIDER_TOOL_UNTOLD: Difference = {
  reason: 'up to 1.45 there is no span for what a provider runs',
  trees: [`support · ok · 10 in, 5 out\n└─ ${LLM}`],
}

const CLIENT_TOOL_UNTOLD: Difference = {
  reason: 'before 1.45 there is no span for what a client runs',
  isUnchecked: true,
  trees: [`support · ok · 10 in, 5 out\n└─ ${LLM}`],
}

const OTHER_LEVELS: Difference = {
  reason: 'the levels of a model call differ before 1.45',
  isAbsent: true,
}

const STEP_IS_CALL: Difference = {
  reason: 'before 1.45 the step is the call, and without it the generation has all of them',
  trees: [
    'support · ok · 20 in, 10 out\n├─ llm chat gpt-4o-mini · ok · 20 in, 10 out\n└─ tool weather · ok',
  ],
}

const CONTEXT_UNKNOWN: Pick<Difference, 'reason'> = {
  reason: 'before 1.30 nobody can tell which span is under way',
}

const SUB = 'sub · ok · 10 in, 5 out\n└─ llm chat sub-model · ok · 10 in, 5 out'

const HELD_AGENT_APART: Difference = {
  ...CONTEXT_UNKNOWN,
  isUnchecked: true,
  trees: [SUB, `support · ok · 20 in, 10 out\n├─ ${LLM}\n├─ tool ask · ok\n└─ ${LLM}`],
}

const HELD_AGENTS_APART: Difference = {
  ...CONTEXT_UNKNOWN,
  isUnchecked: true,
  trees: [
    SUB,
    SUB,
    `support · ok · 20 in, 10 out\n├─ ${LLM}\n├─ tool ask · ok\n├─ tool ask · ok\n└─ ${LLM}`,
  ],
}

const HOST_SPAN_APART: Difference = {
  ...CONTEXT_UNKNOWN,
  trees: [
    'rerank · ok\n└─ retrieval rerank · ok',
    `support · ok · 20 in, 10 out\n├─ ${LLM}\n├─ tool search · ok\n└─ ${LLM}`,
  ],
}

const STEP_NAME_UNTOLD: Difference = {
  reason: 'before 1.30 the name of an error is lost',
  trees: [
    'flow · error (Error: step broke)\n├─ other bad · error (Error: step broke)\n└─ other good · ok',
  ],
}

const STOP_UNREPORTED: Difference = {
  reason: 'version 0 reports nothing of a processor that stops the turn before the first call',
  isLeftOpen: true,
  isUnchecked: true,
  trees: ['support · incomplete'],
}

const END_UNREPORTED: Difference = {
  reason: 'version 0 reports nothing of a processor that stops the turn after the answer',
  isUnchecked: true,
  trees: [`support · ok · 10 in, 5 out\n└─ ${LLM}`],
}

const NO_STEP_PROCESSORS: Difference = {
  reason: 'version 0 has no processors of steps',
  isAbsent: true,
}

const SHAPE_TRIED: Difference = {
  reason: 'up to 1.45 a processor of the stream calls the second model',
  isBilled: false,
  trees: [
    'support · cancelled · 10 in, 5 out\n├─ llm Structured Output · cancelled · 10 in, 5 out\n└─ llm chat gpt-4o-mini · cancelled',
  ],
}

const SHAPE_FAILED: Difference = {
  reason: 'up to 1.30 the agent that Mastra makes for it is visible',
  trees: [
    `support · cancelled · 10 in, 5 out
├─ llm chat gpt-4o-mini · cancelled
└─ other structured-output-structurer · error (Error: Structured output validation failed)
   └─ llm chat shaper · error (Error: unknown) · 10 in, 5 out`,
  ],
}

const SHAPE_FAILED_UNNAMED: Difference = {
  reason: 'before 1.30 the error of that agent is not reported',
  trees: [
    'support · cancelled · 10 in, 5 out\n├─ llm chat gpt-4o-mini · cancelled\n└─ llm chat shaper · error (Error: unknown) · 10 in, 5 out',
  ],
}

const REQUEST_STOP_UNREPORTED: Difference = {
  reason: '1.45 reports nothing of processors of requests and responses',
  isLeftOpen: true,
  isUnchecked: true,
  trees: ['support · incomplete\n└─ llm chat gpt-4o-mini · incomplete'],
}

const NO_REQUEST_PROCESSORS: Difference = {
  reason: 'up to 1.30 there are no processors of requests and responses',
  isAbsent: true,
}

const STOP_IGNORED: Difference = {
  reason: 'up to 1.45 no processor watches the answers of durable agents',
  isAbsent: true,
}

const BROKEN = 'error (Error: processor broke)'

const INPUT_ERROR_UNTOLD: Difference = {
  reason: 'up to 1.45 the agent never ends',
  trees: [`support · ${BROKEN}\n└─ other guard · ${BROKEN}`],
}

const PARALLEL_SHOWN: Difference = {
  reason: 'before 1.10 the steps around an agent are visible',
  trees: [
    `support · ${BROKEN}\n├─ other guard · ${BROKEN}\n└─ other parallel: '2 branches' · error (Error: [Agent:support] - Input processor error)`,
  ],
}

const ROUTED = 'llm chat gpt-4o-mini · ok · 10 in, 5 out'

const NETWORK_TOLD: Difference = {
  reason: 'up to 1.30 the workflow around a network is told',
  isUnchecked: true,
  trees: [
    `network · ok · 20 in, 10 out\n├─ other one · ok\n│  └─ ${ROUTED}\n└─ other two · ok\n   └─ ${ROUTED}`,
  ],
  sessions: ['T'],
}

const NETWORK_BESIDE: Difference = {
  ...CONTEXT_UNKNOWN,
  trees: [
    `one · ok · 10 in, 5 out\n└─ ${ROUTED}`,
    `two · ok · 10 in, 5 out\n└─ ${ROUTED}`,
    'network · ok',
  ],
  sessions: ['T', 'T', 'T'],
}

const SHOUTER = 'other shouter · ok\n   └─ other shout · ok'

const WORKFLOW_NETWORK_TOLD: Difference = {
  ...NETWORK_TOLD,
  trees: [`network · ok · 10 in, 5 out\n├─ other one · ok\n│  └─ ${ROUTED}\n└─ ${SHOUTER}`],
}

const WORKFLOW_NETWORK_BESIDE: Difference = {
  ...NETWORK_BESIDE,
  isUnchecked: true,
  trees: [
    `one · ok · 10 in, 5 out\n└─ ${ROUTED}`,
    'shouter · ok\n└─ other shout · ok',
    'network · ok',
  ],
}

const GUARD_INSIDE_STEP: Difference = {
  reason: 'before 1.45 the span of a call begins before the processors of its step',
  trees: [
    `\
support · ok · 10 in, 5 out
├─ other my-guard · ok
│  ├─ other check · ok
│  └─ other guard · ok
├─ ${ROUTED}
└─ other my-guard · ok
   ├─ other check · ok
   └─ other guard · ok`,
  ],
}

const NO_WORKFLOW_PROCESSORS: Difference = {
  reason: 'version 0 takes no workflow for a processor',
  isAbsent: true,
}

const NO_MEMORY: Difference = {
  reason: 'it needs a memory, of which none is there',
  isAbsent: true,
}

const AI_SDK_APART: Difference = {
  ...CONTEXT_UNKNOWN,
  trees: [
    'generateText · ok · 20 in, 5 out\n└─ llm chat below · ok · 20 in, 5 out',
    `support · ok · 20 in, 10 out\n├─ ${LLM}\n├─ tool ask · ok\n└─ ${LLM}`,
  ],
}

const DURABLE_CALLS_UNTOLD: Difference = {
  reason: 'before 1.45 no call of a durable agent is told',
  isBilled: false,
  trees: ['support · ok\n└─ tool weather · ok'],
}

const SECRETS_SHOWN: Difference = {
  reason: 'before 1.45 Mastra looks for no secrets unless it is told to',
  isUnchecked: true,
}

const LOG_UNTOLD: Difference = { reason: 'before 1.10 exporters hear of no log', isUnchecked: true }

const NO_TIME_LIMITS: Difference = {
  reason: 'up to 1.45 Mastra has no time limits of its own',
  isAbsent: true,
}

const COST_UNTOLD: Difference = {
  reason: 'up to 1.45 Mastra does not pass on what a provider reports',
  isUnchecked: true,
}

const OFFER_UNTOLD: Difference = {
  reason: 'up to 1.30 Mastra does not report which tools a call offers',
  isUnchecked: true,
}

const CACHE_UNTOLD: Difference = {
  reason: 'up to 1.45 a cached answer is reported like any other',
  isAbsent: true,
}

const LOOP_LEFT_OPEN: Difference = {
  reason: 'up to 1.30 a foreach that waits does not end, so its traces leave a little later',
  trees: [
    'flow · ok\n└─ other review · ok',
    'flow · interrupted\n├─ other review · ok\n├─ other review · interrupted\n└─ other review · interrupted',
    'flow · interrupted\n└─ other review · ok',
  ],
}

const UP_TO_1_45: Readonly<Record<string, Difference>> = {
  ...bothMethods('before a request', REQUEST_STOP_UNREPORTED),
  ...bothMethods('after a response', REQUEST_STOP_UNREPORTED),
  'a gateway that reports what a call cost': COST_UNTOLD,
  'the time limit totalMs': NO_TIME_LIMITS,
  'the time limit stepMs': NO_TIME_LIMITS,
  'the time limit firstChunkMs': NO_TIME_LIMITS,
  'an answer from a cache of responses': CACHE_UNTOLD,
  'a tool that is approved': APPROVED,
  'a tool that is declined': DECLINED,
  'a tool that the provider runs': PROVIDER_TOOL_UNTOLD,
  'an answer that cannot be brought into shape': SHAPE_TRIED,
  'an agent that survives its process and is stopped': STOP_IGNORED,
  'a processor that throws before the first call': INPUT_ERROR_UNTOLD,
}

const UP_TO_1_30: Readonly<Record<string, Difference>> = {
  ...UP_TO_1_45,
  ...bothMethods('before a request', NO_REQUEST_PROCESSORS),
  ...bothMethods('after a response', NO_REQUEST_PROCESSORS),
  'the tools that a call offers': OFFER_UNTOLD,
  'an abort in the middle of a stream': ABORT_UNTOLD,
  'an answer that a second model brings into shape': SHAPER_TOLD,
  'a tool of the client': CLIENT_TOOL_UNTOLD,
  'everything that Mastra tells': OTHER_LEVELS,
  'a network of two agents': NETWORK_TOLD,
  'a network of an agent and a workflow': WORKFLOW_NETWORK_TOLD,
  'a workflow as a processor of the input': GUARD_INSIDE_STEP,
  'an agent that survives its process': DURABLE_CALLS_UNTOLD,
  'arguments that Mastra takes for secrets': SECRETS_SHOWN,
  'an answer that cannot be brought into shape': SHAPE_FAILED,
  'a foreach whose items wait and go on one by one': LOOP_LEFT_OPEN,
}

const UP_TO_1_0: Readonly<Record<string, Difference>> = {
  ...UP_TO_1_30,
  'a tool that does not exist': TOOL_MUST_EXIST,
  'a model that throws': MODEL_ERROR_UNTOLD,
  'an error in the stream of the second call': STREAM_ERROR_UNTOLD,
  'a tool that throws beside one that does not': NAME_UNTOLD,
  'arguments that a tool refuses': REFUSAL_UNTOLD,
  'a step that throws beside one that does not': STEP_NAME_UNTOLD,
  'an agent that a tool holds on to': HELD_AGENT_APART,
  'two tools that run the same agent at once': HELD_AGENTS_APART,
  'a span of the host inside a tool': HOST_SPAN_APART,
  'an answer that cannot be brought into shape': SHAPE_FAILED_UNNAMED,
  'a processor that throws before the first call': PARALLEL_SHOWN,
  'a network of two agents': NETWORK_BESIDE,
  'a network of an agent and a workflow': WORKFLOW_NETWORK_BESIDE,
  'a call of the AI SDK inside a tool': AI_SDK_APART,
  'an agent that survives its process': { reason: 'there is none before 1.30', isAbsent: true },
  'a warning in the log of a tool': LOG_UNTOLD,
}

/** By set, then by title. */
const DIFFERENCES: Readonly<Record<string, Readonly<Record<string, Difference>>>> = {
  newest: {
    'agents that the host excludes': {
      reason: 'of a span whose agent is excluded the entity is not told either',
      trees: [`agent · ok · 20 in, 10 out\n├─ ${LLM}\n├─ tool weather · ok\n└─ ${LLM}`],
    },
  },
  'core-1.45': UP_TO_1_45,
  'core-1.30': {
    ...UP_TO_1_30,
    'a tool that does not exist': {
      reason: 'before 1.45 there is no span for it',
      isUnchecked: true,
      trees: [`support · ok · 20 in, 10 out\n├─ ${LLM}\n└─ ${LLM}`],
    },
    'a signal with a time limit, generate': ABORT_UNTOLD,
    'a signal with a time limit, stream': ABORT_UNTOLD,
    'steps that the host excludes': STEP_IS_CALL,
    'steps that the host filters': STEP_IS_CALL,
  },
  'core-1.0': UP_TO_1_0,
  'core-0.24': {
    ...UP_TO_1_0,
    'a network of two agents': NO_MEMORY,
    'a network of an agent and a workflow': NO_MEMORY,
    'a title for the thread, generate': NO_MEMORY,
    'a title for the thread, stream': NO_MEMORY,
    'a workflow as a processor of the input': NO_WORKFLOW_PROCESSORS,
    'a workflow as a processor that stops the turn': NO_WORKFLOW_PROCESSORS,
    'a workflow as a processor of the output': NO_WORKFLOW_PROCESSORS,
    'a processor that stops the turn': STOP_UNREPORTED,
    ...bothMethods('before the first call', STOP_UNREPORTED),
    ...bothMethods('before a step', NO_STEP_PROCESSORS),
    ...bothMethods('before the second step', NO_STEP_PROCESSORS),
    ...bothMethods('after a step', NO_STEP_PROCESSORS),
    ...bothMethods('after the answer', END_UNREPORTED),
    ...bothMethods('for as long as it asks for another answer', NO_STEP_PROCESSORS),
    ...bothMethods('once it has asked for another answer too often', NO_STEP_PROCESSORS),
    'a processor that throws before the first call': STOP_UNREPORTED,
    'a processor that throws before a step': NO_STEP_PROCESSORS,
    'a processor that throws after a step': NO_STEP_PROCESSORS,
    'a processor that throws after the answer': END_UNREPORTED,
    'an agent inside another whose processor stops it': {
      reason: 'version 0 hands a tool the span around it',
      trees: [
        `support · ok · 20 in, 10 out\n├─ ${LLM}\n├─ tool ask · ok\n├─ other sub · cancelled\n│  └─ llm chat gpt-4o-mini · cancelled\n└─ ${LLM}`,
      ],
    },
    'a workflow whose agent a processor stops': {
      reason: 'such a workflow never ends',
      isAbsent: true,
    },
    'spans that a tool makes of its own': {
      reason: 'a tool is given the span that it is in',
      isUnchecked: true,
      trees: [
        `\
support · ok · 38 in, 12 out
├─ ${LLM}
├─ tool search · ok
├─ other http get · ok
│  └─ other parse · ok
├─ llm chat tiny-1 · ok · 9 in, 1 out
├─ llm chat tiny-1 · ok · 9 in, 1 out
└─ ${LLM}`,
      ],
    },
    'a thread of 61 messages': { reason: 'there is no option for it', isAbsent: true },
    'an image, and a result that contains itself': {
      reason: 'Mastra stops at such a result',
      trees: [`support · ok · 10 in, 5 out\n├─ ${LLM}\n└─ tool weather · ok`],
    },
  },
}

function bothMethods(title: string, difference: Difference): Readonly<Record<string, Difference>> {
  return Object.fromEntries(
    ['generate', 'stream'].map((method) => [
      `a processor that stops the turn ${title}, ${method}`,
      difference,
    ]),
  )
}

/** What is different in a set; `undefined` where nothing is. */
export function differenceOf(set: string, scenario: Scenario): Difference | undefined {
  return DIFFERENCES[set]?.[scenario.title]
}
