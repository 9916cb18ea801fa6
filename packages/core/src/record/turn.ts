import type { JsonValue } from '../shape/json.ts'
import type { Run } from './run.ts'

/** How well a session id is known; a better source replaces a worse one (rule 9 of the trace). */
export const sessionRank = { own: 0, conversation: 1, context: 2, call: 3 } as const

/** One of the ranks of a session id. */
export type SessionRank = (typeof sessionRank)[keyof typeof sessionRank]

/** An event that was told inside a turn. */
export interface RecordedEvent {
  readonly id: string
  readonly run: Run | undefined
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  readonly metadata: Record<string, JsonValue>
}

/** A turn as it is recorded: everything from the start of its outermost run until its trace leaves. */
export class Turn {
  /** The id of the trace. */
  readonly id: string
  /** The recorder that keeps it: runs of another client are no parents. */
  readonly owner: object
  /** The wall clock's reading when the turn began, and the monotonic one's at the same moment. */
  readonly wallAnchor: number
  readonly monotonicAnchor: number
  /** The call of a wrapped handler that it began in. */
  readonly call: object | undefined
  /** Every run, in order of start; the first is the root. */
  readonly runs: Run[] = []
  readonly events: RecordedEvent[] = []
  readonly tags: Record<string, string> = {}
  readonly metadata: Record<string, JsonValue> = {}
  /* Made when they are needed, which in most turns is never. */
  #openHiddenRuns: Set<Run> | undefined
  /* Errors that a run has told already, so that an error which travels up has one origin. */
  #errors: WeakSet<object> | undefined
  #primitiveErrors: Set<unknown> | undefined
  /** Its name, where that is not the root's. */
  name: string | undefined
  sessionId: string
  sessionRank: SessionRank = sessionRank.own
  userId: string | undefined
  externalId: string | undefined
  /** Runs that have not ended. */
  openRuns = 0
  /** Open runs whose stream the host holds. */
  heldRuns = 0
  /** Runs that are not plumbing. */
  shownRuns = 0
  /** Runs beyond the limit. */
  hiddenRuns = 0
  /** Rough size of what it holds. */
  bytes = 0
  /** By the monotonic clock. */
  lastEventAt: number
  hasLeft = false

  constructor(start: {
    readonly id: string
    readonly owner: object
    readonly wallAnchor: number
    readonly monotonicAnchor: number
    readonly call?: object | undefined
  }) {
    this.id = start.id
    this.owner = start.owner
    this.call = start.call
    this.wallAnchor = start.wallAnchor
    this.monotonicAnchor = start.monotonicAnchor
    this.lastEventAt = start.monotonicAnchor
    this.sessionId = start.id
  }

  /** The outermost run, which is the trace. */
  get root(): Run | undefined {
    return this.runs[0]
  }

  /** Takes a session id unless a better one is known. Of two equally good ones the first stays. */
  offerSession(sessionId: string | undefined, rank: SessionRank): void {
    if (sessionId !== undefined && sessionId !== '' && rank > this.sessionRank) {
      this.sessionId = sessionId
      this.sessionRank = rank
    }
  }

  /** An instant of the monotonic clock as milliseconds since 1970, by the turn's one reading of the wall clock. */
  toWallClock(instant: number): number {
    return this.wallAnchor + (instant - this.monotonicAnchor)
  }

  /** Keeps an open run that is beyond the limit, and so not among `runs`. */
  hide(run: Run): void {
    this.#openHiddenRuns ??= new Set()
    this.#openHiddenRuns.add(run)
  }

  /** Lets go of a hidden run that has ended. */
  unhide(run: Run): void {
    this.#openHiddenRuns?.delete(run)
  }

  /** The open runs beyond the limit. */
  hiddenOpenRuns(): readonly Run[] {
    return this.#openHiddenRuns === undefined ? [] : [...this.#openHiddenRuns]
  }

  /** Remembers an error, and answers whether no run has told it before. */
  noteError(error: unknown): boolean {
    if (typeof error === 'object' && error !== null) {
      this.#errors ??= new WeakSet()
      const isNew = !this.#errors.has(error)
      this.#errors.add(error)
      return isNew
    }
    this.#primitiveErrors ??= new Set()
    const isNew = !this.#primitiveErrors.has(error)
    this.#primitiveErrors.add(error)
    return isNew
  }

  /** Lets go of what its runs were given and returned, once its trace is made: contexts of the host may hold a run for long. */
  release(): void {
    for (const run of this.runs) {
      run.input = undefined
      run.output = undefined
    }
    this.events.length = 0
    this.#openHiddenRuns = undefined
    this.#primitiveErrors = undefined
  }

  /** Lets go of everything but ids. */
  forget(): void {
    for (const run of this.runs) {
      run.metadata = undefined
      run.notes = undefined
    }
    this.runs.length = 0
  }
}
