import type { Usage } from '@trulayer/core'
import type { Run, Snapshot } from '@trulayer/core/internal'

import type { AgentStop } from './map-stop.ts'
import type { KnownMessage } from './reported-prompt.ts'

/** A call of a model that is under way, or whose end did not tell how it ended. */
export interface ModelCall {
  readonly run: Run
  /** The messages that it was given, as far as they are known. */
  input: Snapshot | undefined
  /** When the first tool of its step began. The span itself ends only after its tools. */
  toolsBeganAt: number | undefined
  /** True once a part of the answer has come. */
  hasBegun: boolean
  /** True where a processor answers in place of the model. */
  isCached: boolean
}

/** What a tool's `toModelOutput` made of its result. */
export interface ModelOutput {
  readonly callId: string
  readonly output: unknown
}

/** A call that Mastra repeats after an approval. */
export interface RepeatedCall {
  readonly run: Run
  readonly answer: Snapshot
}

/** A tool that ran, or was asked for, since the last answer of the model. */
export interface ToolUse {
  readonly run: Run
  readonly name: string
  readonly input: unknown
  callId: string | undefined
  output: unknown
}

/** One generation: the outermost level of a model call, which may contain many calls. */
export interface Generation {
  readonly run: Run
  /** Its calls, in order of start. */
  readonly calls: Run[]
  /** What its calls have reported. */
  counted: Usage | undefined
}

/** A run that has ended without telling how. */
export interface UndecidedRun {
  readonly run: Run
  /** By the monotonic clock. */
  readonly endedAt: number
  /** A model call that failed, one that did not come to its end, or a tool. */
  readonly kind: 'failed' | 'cut' | 'tool'
}

/** What is remembered of one run of an agent while it goes on. */
export interface Conversation {
  /** The agent's run; the generation itself where a model is called without an agent. */
  owner: Run | undefined
  generation: Generation | undefined
  /** The model and provider as the generation tells them, which follow a fallback. */
  model: string | undefined
  provider: string | undefined
  /** What the next call is given, as far as it is known before a step reports it. */
  messages: readonly KnownMessage[]
  /** Every message that is known, in order. Processors may drop one for a single step. */
  known: readonly KnownMessage[]
  /** What models see in place of results of tools, since the last answer. */
  readonly modelOutputs: ModelOutput[]
  /** A call of the interrupted turn that is repeated in the one that resumes it, until a step reports its messages. */
  repeated: RepeatedCall | undefined
  /** The call that began last, as long as its span is open. */
  call: ModelCall | undefined
  /** Calls and tools whose outcome only the end of the agent tells. */
  readonly undecided: UndecidedRun[]
  /** How the generation says that it ended. */
  finishReason: string | undefined
  /** Tools that run in a client, or do not exist: the latter if the model goes on. */
  readonly waiting: UndecidedRun[]
  readonly tools: ToolUse[]
  /** The latest answer of the model. */
  answer: string | undefined
  /** How a processor stopped the agent, as long as no other call of its model begins. */
  stop: (AgentStop & { readonly at: number }) | undefined
}

/** The beginning of what is remembered of an agent's run. */
export function beginConversation(): Conversation {
  return {
    owner: undefined,
    generation: undefined,
    model: undefined,
    provider: undefined,
    messages: [],
    known: [],
    modelOutputs: [],
    repeated: undefined,
    call: undefined,
    undecided: [],
    finishReason: undefined,
    waiting: [],
    tools: [],
    answer: undefined,
    stop: undefined,
  }
}
