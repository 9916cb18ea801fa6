import type { OnceLogger } from '../client/logger.ts'
import type { DeliveryProblem } from './exporter.ts'

/**
 * Why a trace was given up.
 *
 * - `overflow`: the queue was full;
 * - `rejected`: the service found it malformed, or left it out of its answer twice;
 * - `too_large`: it is more than the service takes at once, or than the queue holds;
 * - `duplicate_id`: another trace has its id;
 * - `unserializable`: it could not be encoded;
 * - `expired`: faults kept it from leaving for too long;
 * - `unauthorized`, `scope_forbidden`, `archived`: the service refuses the key or the project for good;
 * - `insecure_endpoint`, `invalid_endpoint`, `invalid_header`: no request can be made with these options;
 * - `closed`: it came after `shutdown`;
 * - `shutdown`: it was left when the time of `shutdown` was over;
 * - `exit`: the process ended before it was sent;
 * - `spool_full`: it had to leave the spool, or could not be written to it;
 * - `spool_damaged`: its file in the spool, or its line there, could not be read.
 */
export type DropReason =
  | 'overflow'
  | 'rejected'
  | 'too_large'
  | 'duplicate_id'
  | 'unserializable'
  | 'expired'
  | 'unauthorized'
  | 'scope_forbidden'
  | 'archived'
  | 'insecure_endpoint'
  | 'invalid_endpoint'
  | 'invalid_header'
  | 'closed'
  | 'shutdown'
  | 'exit'
  | 'spool_full'
  | 'spool_damaged'

/** A problem in front of or inside an exporter. With `overflow`, `policy_failed` and `export_failed` traces are dropped. */
export type PipelineReason =
  | 'overflow'
  | 'policy_failed'
  | 'export_failed'
  | 'flush_failed'
  | 'shutdown_failed'
  | 'listener_failed'

/** Something that is wrong while nothing is lost. */
export type Trouble =
  | 'unreachable'
  | 'limited'
  | 'quota'
  | 'refused'
  | 'feedback'
  | 'spool'
  | 'internal'

const TOLD_EVERY = 60_000

/** Counts what is given up and tells what goes wrong: every drop to the host, one line a minute per reason to the log. */
export class DeliveryReport {
  readonly #logger: OnceLogger
  readonly #onProblem: ((problem: DeliveryProblem) => void) | undefined
  readonly #now: () => number
  readonly #dropped: Partial<Record<DropReason, number>> = {}
  readonly #toldAt = new Map<string, number>()
  readonly #untold = new Map<string, number>()
  readonly #unreported = new Map<DropReason, number>()

  constructor(options: {
    readonly logger: OnceLogger
    readonly onProblem: ((problem: DeliveryProblem) => void) | undefined
    /** Milliseconds by the monotonic clock. */
    readonly now: () => number
  }) {
    this.#logger = options.logger
    this.#onProblem = options.onProblem
    this.#now = options.now
  }

  /** Traces given up, by reason. */
  get dropped(): Readonly<Record<string, number>> {
    return { ...this.#dropped }
  }

  /** What was given up and not told to the service yet. */
  get unreported(): ReadonlyMap<DropReason, number> {
    return new Map(this.#unreported)
  }

  /** Tells that the service was told of these. What was given up meanwhile stays unreported. */
  reported(told: ReadonlyMap<DropReason, number>): void {
    for (const [reason, count] of told) {
      const left = (this.#unreported.get(reason) ?? 0) - count
      if (left > 0) {
        this.#unreported.set(reason, left)
      } else {
        this.#unreported.delete(reason)
      }
    }
  }

  /** Writes a detail, only where debugging is on. */
  debug(message: string): void {
    this.#logger.debug(message)
  }

  /** Counts and tells traces that were given up. */
  drop(
    reason: DropReason,
    count: number,
    details: {
      /** What happened and what to do, in sentences. */
      readonly why: string
      /** Whether nothing will be sent any more, which is said a single time. */
      readonly isFinal?: boolean
      readonly cause?: unknown
    },
  ): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + count
    this.#unreported.set(reason, (this.#unreported.get(reason) ?? 0) + count)
    const message = `${tracesText(count)} dropped: ${details.why}`
    this.#tell({ reason, message, dropped: count, cause: details.cause })
    if (details.isFinal === true) {
      this.#logger.error(message, `dropped-${reason}`)
      return
    }
    const untold = (this.#untold.get(reason) ?? 0) + count
    this.#untold.set(reason, untold)
    if (this.#isTime(reason)) {
      this.#untold.delete(reason)
      this.#logger.warn(`${tracesText(untold)} dropped: ${details.why}`)
    }
  }

  /** Tells of something that is wrong while everything is kept. */
  trouble(reason: Trouble, message: string, cause?: unknown): void {
    if (this.#isTime(reason)) {
      this.#tell({ reason, message, dropped: 0, cause })
      this.#logger.warn(message)
    }
  }

  #isTime(reason: string): boolean {
    const now = this.#now()
    if (now - (this.#toldAt.get(reason) ?? Number.NEGATIVE_INFINITY) < TOLD_EVERY) {
      return false
    }
    this.#toldAt.set(reason, now)
    return true
  }

  #tell(problem: DeliveryProblem): void {
    try {
      this.#onProblem?.(problem)
    } catch {
      // A listener that fails has nobody left to be told.
    }
  }
}

function tracesText(count: number): string {
  return count === 1 ? '1 trace was' : `${count} traces were`
}
