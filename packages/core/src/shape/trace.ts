import type { JsonObject, JsonValue } from './json.ts'
import type { Usage } from './usage.ts'

/**
 * What a span is: a call of a model (chat, completion, embeddings), of a tool, a look-up in a store, or anything else
 * that the user named (agent, workflow, step, chain).
 */
export type SpanType = 'llm' | 'tool' | 'retrieval' | 'other'

/**
 * How a run ended.
 *
 * - `ok`: it did what it was asked for;
 * - `error`: it failed, and only then the wire's `error` is filled;
 * - `cancelled`: it was aborted, rejected, or its reader went away;
 * - `interrupted`: it waits for a person or a client and goes on in a later trace;
 * - `incomplete`: its end was never seen.
 */
export type SpanStatus = 'ok' | 'error' | 'cancelled' | 'interrupted' | 'incomplete'

/** A finished span of a trace. Instants are milliseconds since 1970 with a fraction, in UTC. */
export interface FinishedSpan {
  /** A lower-case UUID. */
  readonly id: string
  /** The span that contains this one; `undefined` for a top-level span. */
  readonly parentId?: string | undefined
  readonly name: string
  readonly type: SpanType
  readonly status: SpanStatus
  readonly startedAt: number
  readonly endedAt: number
  /** On an `llm` span the list of messages that the model saw, else what the run was given. */
  readonly input?: JsonValue | undefined
  /** On an `llm` span the list of messages that the model wrote, else what the run returned. */
  readonly output?: JsonValue | undefined
  /** The model that was asked for. */
  readonly model?: string | undefined
  /** Tokens, on `llm` spans alone. */
  readonly usage?: Usage | undefined
  /** What the call cost, in US dollars. */
  readonly cost?: number | undefined
  /** `Type: message`, when and only when the status is `error`. */
  readonly error?: string | undefined
  readonly metadata: JsonObject
}

/** Something that happened at one moment of a trace. */
export interface TraceEvent {
  readonly id: string
  /** The span that it belongs to; `undefined` when it belongs to the trace itself. */
  readonly spanId?: string | undefined
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  readonly metadata: JsonObject
}

/**
 * One finished turn: the outermost run, which is the trace itself, and every span in it, in order of start.
 * Instants are milliseconds since 1970 with a fraction, in UTC.
 */
export interface FinishedTrace {
  /** A lower-case UUID. */
  readonly id: string
  readonly name: string
  readonly status: SpanStatus
  /** The conversation or the run that the trace belongs to. */
  readonly sessionId: string
  readonly userId?: string | undefined
  readonly externalId?: string | undefined
  readonly startedAt: number
  readonly endedAt: number
  /** The user's latest text, or what the outermost run was given. */
  readonly input?: JsonValue | undefined
  /** The final answer. */
  readonly output?: JsonValue | undefined
  /** The model of the first model call. */
  readonly model?: string | undefined
  /** What it cost, in US dollars, where that was told of the trace itself. Else it is the sum of its spans. */
  readonly cost?: number | undefined
  /** `Type: message`, when and only when the status is `error`. */
  readonly error?: string | undefined
  readonly tags: Readonly<Record<string, string>>
  readonly metadata: JsonObject
  readonly spans: readonly FinishedSpan[]
  readonly events: readonly TraceEvent[]
}

/** A trace that is over. It is made when it is read, which is not on the stack of the host's call that ended it. */
export interface TraceSource {
  readonly traceId: string
  /** The trace, the same each time. */
  read(): FinishedTrace
}
