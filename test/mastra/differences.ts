import type { Scenario } from './play.ts'

/** How a version differs in what it tells, or does. */
export interface Difference {
  /** Why. */
  readonly reason: string
  /** True where the version has no such thing. */
  readonly isAbsent?: boolean
  readonly trees?: readonly string[]
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

/** By set, then by title. */
const DIFFERENCES: Readonly<Record<string, Readonly<Record<string, Difference>>>> = {
  'core-1.30': {
    'a tool that does not exist': {
      reason: 'there is no span for it before 1.45',
      isUnchecked: true,
      trees: [
        'support · ok · 20 in, 10 out\n├─ llm chat gpt-4o-mini · ok · 10 in, 5 out\n└─ llm chat gpt-4o-mini · ok · 10 in, 5 out',
      ],
    },
    'an abort in the middle of a stream': ABORT_UNTOLD,
    'an answer that a second model brings into shape': SHAPER_TOLD,
  },
  'core-1.0': {
    'a tool that does not exist': TOOL_MUST_EXIST,
    'a model that throws': MODEL_ERROR_UNTOLD,
    'an error in the stream of the second call': STREAM_ERROR_UNTOLD,
    'a tool that throws beside one that does not': NAME_UNTOLD,
    'an abort in the middle of a stream': ABORT_UNTOLD,
    'an answer that a second model brings into shape': SHAPER_TOLD,
    'arguments that a tool refuses': REFUSAL_UNTOLD,
  },
  'core-0.24': {
    'a tool that does not exist': TOOL_MUST_EXIST,
    'a model that throws': MODEL_ERROR_UNTOLD,
    'an error in the stream of the second call': STREAM_ERROR_UNTOLD,
    'a tool that throws beside one that does not': NAME_UNTOLD,
    'an abort in the middle of a stream': ABORT_UNTOLD,
    'an answer that a second model brings into shape': SHAPER_TOLD,
    'arguments that a tool refuses': REFUSAL_UNTOLD,
  },
}

/** What is different in a set; `undefined` where nothing is. */
export function differenceOf(set: string, scenario: Scenario): Difference | undefined {
  return DIFFERENCES[set]?.[scenario.title]
}
