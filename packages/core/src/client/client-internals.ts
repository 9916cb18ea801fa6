import type { Recorder } from '../record/recorder.ts'
import type { WaitUntil } from '../runtime/wait-until.ts'
import type { FinishedTrace } from '../shape/trace.ts'
import type { OnceLogger } from './logger.ts'

/** What adapters and the testing helpers of this library need of a client; not for users. */
export interface ClientInternals {
  readonly recorder: Recorder
  readonly logger: OnceLogger
  /**
   * Takes a trace that was recorded elsewhere, through the policy of this client as one of its own.
   *
   * @returns false where nothing is recorded
   */
  accept(trace: FinishedTrace): boolean
  /** Takes finished traces through the policy to the exporters, now. */
  drain(): void
  /** The option of that name. */
  readonly waitUntil: WaitUntil | undefined
  /** Delivers what has finished, in so many milliseconds, waiting for nothing that belongs to another request. */
  flush(timeout: number): Promise<void>
}

/** Where a client keeps its internals, the same in every copy of the library. */
export const INTERNALS: unique symbol = Symbol.for('trulayer.internals')
