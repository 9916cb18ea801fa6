import { createId } from '../shape/ids.ts'
import type { JsonValue } from '../shape/json.ts'
import type { Message } from '../shape/messages.ts'
import type { Reason } from '../shape/reasons.ts'
import type { Snapshot } from '../shape/safe-json.ts'
import type { SpanStatus, SpanType } from '../shape/trace.ts'
import type { Usage } from '../shape/usage.ts'
import type { AskedModel, CallClaim } from './claims.ts'
import type { KeptDefinitions } from './definitions.ts'
import type { Turn } from './turn.ts'

/** Tags of a trace: a map, or a list in which `key:value` is one tag and any other word is `true`. */
export type Tags = Readonly<Record<string, string>> | readonly string[]

/** What may be told of a run, when it starts or at any time until its trace leaves. */
export interface RunFields {
  readonly name?: string | undefined
  /** What it turned out to be: some frameworks tell of a call and of what contains calls in the same way. */
  readonly type?: SpanType | undefined
  /** What the run was given. Copied at once, since frameworks go on changing what they hand over. */
  readonly input?: unknown
  /** What the run returned. Copied at once. */
  readonly output?: unknown
  /** What the run was given, as messages that the adapter has made of it and nobody else holds. */
  readonly inputMessages?: readonly Message[] | undefined
  /** What the run returned, likewise. */
  readonly outputMessages?: readonly Message[] | undefined
  /** What the run was given, as `keep` has copied it. */
  readonly keptInput?: Snapshot | undefined
  /** What the run returned, likewise. */
  readonly keptOutput?: Snapshot | undefined
  /** The model that was asked for. */
  readonly model?: string | undefined
  readonly usage?: Usage | undefined
  /** US dollars. */
  readonly cost?: number | undefined
  /** US dollars, as the provider of a model reports them. The client's `costOf` may know better. */
  readonly reportedCost?: number | undefined
  /** Further data that the provider of a model reported, for the client's `costOf`. It is not part of the trace. */
  readonly providerMetadata?: unknown
  /** The tools that a model may call and the schema of its answer, as `keepDefinitions` has copied them: a part of its input. */
  readonly definitions?: KeptDefinitions | undefined
  /** Merged into what is there. Keys with `undefined` are left out. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  /** Merged into the tags of the trace. */
  readonly tags?: Tags | undefined
  /** The session as it was given on the call. */
  readonly sessionId?: string | undefined
  /** The framework's own conversation or thread, the session of a turn that was given none. */
  readonly conversationId?: string | undefined
  readonly userId?: string | undefined
  /** The framework's own id of whom it works for, the user of a turn that was given none. */
  readonly resourceId?: string | undefined
  readonly externalId?: string | undefined
  /** A failure that the program handled: the run will end as `error` although it goes on. */
  readonly handledError?: unknown
  /**
   * True for plumbing of the framework: the run is left out of the trace and its children move up, unless an error
   * arose in it.
   */
  readonly folded?: boolean | undefined
  /** True while the host holds a stream of this run: work that goes on as long as somebody reads. */
  readonly held?: boolean | undefined
}

/** A run that starts. */
export interface RunStart extends RunFields {
  readonly name: string
  readonly type: SpanType
  /**
   * The framework's own id of the run, with the adapter's name in front unless it is random. A key that is open already
   * starts nothing: the same event often arrives twice.
   */
  readonly key?: string | undefined
  /** The run that contains this one, where the adapter knows it. */
  readonly parent?: Run | undefined
  /** The key of the run that contains this one. A parent whose trace has left makes this run late. */
  readonly parentKey?: string | undefined
  /**
   * True where the framework takes `parentKey` from a context of its own, which another framework's run inside it does
   * not change: an active span that lies inside that parent is then nearer.
   */
  readonly isParentAmbient?: boolean | undefined
  /**
   * Set for the call of a framework which is made by a library below that may be instrumented as well: what is recorded of
   * the same call there is not shown again.
   */
  readonly claims?: CallClaim | undefined
  /** What an operation is about to ask a model, for a framework whose context does not reach the operation. */
  readonly asks?: (() => AskedModel | undefined) | undefined
  /** True for a run that begins a trace of its own wherever it starts. */
  readonly newTrace?: boolean | undefined
  /** The name that the trace is to have in place of the run's own, should this run be its root. */
  readonly traceName?: string | undefined
  /** The id that the trace is to have, should this run be its root. */
  readonly traceId?: string | undefined
  /** When it started, by the monotonic clock, where that lies before now: what a framework tells of only afterwards. */
  readonly startedAt?: number | undefined
  /** False keeps inputs out of this run and of those inside it. @defaultValue as in the run above, else in the client */
  readonly recordInputs?: boolean | undefined
  /** False keeps outputs out, likewise. Without either, messages of errors are left out too. */
  readonly recordOutputs?: boolean | undefined
  /**
   * Called when the trace leaves while the run is open, nothing else having ended it: the last chance to tell what has
   * come so far.
   */
  readonly onClose?: (() => RunFields) | undefined
}

/** How a run ends. */
export interface RunEnd extends RunFields {
  /** @defaultValue `ok`; `error` where an error was told before */
  readonly status?: SpanStatus | undefined
  /** Why it has a status other than `ok`. */
  readonly reason?: Reason | undefined
  /** The error behind the status `error`. */
  readonly error?: unknown
  /** The text to show in place of the error's own message, where a framework put more into it than what went wrong. */
  readonly errorMessage?: string | undefined
  /** When it ended, by the monotonic clock, where that lies before now. */
  readonly endedAt?: number | undefined
}

/**
 * A run as it is recorded: one call of a model, a tool, a store, or of anything that contains such calls. Only the
 * recorder changes it.
 */
export class Run {
  readonly key: string | undefined
  readonly turn: Turn
  readonly parent: Run | undefined
  type: SpanType
  /** By the monotonic clock. */
  readonly startedAt: number
  readonly recordInputs: boolean
  readonly recordOutputs: boolean
  /** Tells of what has come so far, should the trace leave before the run has ended. */
  onClose: (() => RunFields) | undefined
  /** The framework's run that is the same call, where this one is what the library below tells of it: never shown. */
  readonly claimedBy: Run | undefined
  /** What the library below was billed for this call. */
  usageBelow: Usage | undefined
  name: string
  isFolded = false
  isHeld = false
  /** False for a run beyond the limit of its trace: it keeps its children's parents and is not shown. */
  isShown = true
  /** True where the error of this run arose in it and not in a run below. */
  isErrorOrigin = false
  endedAt: number | undefined
  status: SpanStatus | undefined
  error: string | undefined
  input: JsonValue | undefined
  output: JsonValue | undefined
  model: string | undefined
  usage: Usage | undefined
  cost: number | undefined
  /** Cost in US dollars that the provider reported. */
  reportedCost: number | undefined
  /** Cost in US dollars that the library below reported for this call. */
  costBelow: number | undefined
  /** Kept only where the client has a `costOf`. */
  providerMetadata: JsonValue | undefined
  metadata: Record<string, JsonValue> | undefined
  /**
   * What the adapter that started it remembers besides, and other copies of that adapter as well. A field and not a
   * `WeakMap`, since each collection of garbage pays for every entry of one.
   */
  notes: unknown
  #id: string | undefined

  constructor(start: {
    readonly key: string | undefined
    readonly turn: Turn
    readonly parent: Run | undefined
    readonly type: SpanType
    readonly startedAt: number
    readonly name: string
    readonly recordInputs: boolean
    readonly recordOutputs: boolean
    readonly onClose: (() => RunFields) | undefined
    readonly claimedBy: Run | undefined
  }) {
    this.key = start.key
    this.turn = start.turn
    this.parent = start.parent
    this.type = start.type
    this.startedAt = start.startedAt
    this.recordInputs = start.recordInputs
    this.recordOutputs = start.recordOutputs
    this.onClose = start.onClose
    this.claimedBy = start.claimedBy
    this.isFolded = start.claimedBy !== undefined
    this.name = start.name
    this.notes = undefined
  }

  /** The id of its span. Made when it is asked for, as that of plumbing never is. */
  get id(): string {
    this.#id ??= createId(this.turn.toWallClock(this.startedAt))
    return this.#id
  }

  /** True until its end was told. */
  get isOpen(): boolean {
    return this.status === undefined
  }

  /** True for a run that is `other` or that lies below it, itself included. */
  isInside(other: Run): boolean {
    return findUpwards(this, (run) => run === other) !== undefined
  }

  /** The run itself or the nearest one above it that is still open; `undefined` once its trace has left. */
  nearestOpen(): Run | undefined {
    return this.turn.hasLeft ? undefined : findUpwards(this, (run) => run.isOpen)
  }
}

/* A loop, since graphs that call themselves are deeper than a stack. */
function findUpwards(start: Run, matches: (run: Run) => boolean): Run | undefined {
  let run: Run | undefined = start
  while (run !== undefined && !matches(run)) {
    run = run.parent
  }
  return run
}
