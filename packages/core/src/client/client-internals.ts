import type { Recorder } from '../record/recorder.ts'
import type { WaitUntil } from '../runtime/wait-until.ts'
import { isObject } from '../shape/read.ts'
import type { FinishedTrace } from '../shape/trace.ts'
import type { TruLayer } from './client.ts'
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
  /** Whether it was told to shut down, and so records nothing for much longer. */
  isShutDown(): boolean
  /** Takes finished traces through the policy to the exporters, now. */
  drain(): void
  /** The option of that name. */
  readonly waitUntil: WaitUntil | undefined
  /** Delivers what has finished, in so many milliseconds, waiting for nothing that belongs to another request. */
  flush(timeout: number): Promise<void>
}

/** Where a client keeps its internals, the same in every copy of the library. */
export const INTERNALS: unique symbol = Symbol.for('trulayer.internals')

/** True for a client of any copy of the library. */
export function isClient(value: unknown): value is TruLayer {
  return isObject(value) && INTERNALS in value
}

/** What adapters and the testing helpers need of a client. */
export function internalsOf(client: TruLayer): ClientInternals {
  // Typed as unknown, so that the types which users see hold nothing of the inside.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the constructor puts them there
  return client[INTERNALS] as ClientInternals
}
