import { monotonicClock } from '../runtime/clock.ts'
import { sleep } from '../runtime/timers.ts'
import { findWaitUntil, type WaitUntil } from '../runtime/wait-until.ts'
import type { OnceLogger } from './logger.ts'

/* For what a request leaves behind on a serverless platform. */
const TIMEOUT = 10_000
/* Traces of one request end close to each other. */
const DEBOUNCE = 20
const LONGEST_DEBOUNCE = 500

/** What is needed to deliver with a request. */
export interface RequestFlushOptions {
  /** What the client was handed. @defaultValue what is found on the platform, asked for anew each time */
  readonly waitUntil: WaitUntil | undefined
  readonly logger: OnceLogger
  flush(options: { readonly timeout: number; readonly polls: true }): Promise<void>
}

/**
 * Delivers with the request on platforms that stop a program with its answer: what is handed to `waitUntil` may go on after
 * it. What is found belongs to one request.
 */
export class RequestFlush {
  readonly #options: RequestFlushOptions
  #finishedAt = Number.NEGATIVE_INFINITY

  constructor(options: RequestFlushOptions) {
    this.#options = options
  }

  /** A trace has finished, and its request may be the last that this program sees for long. */
  begin(): void {
    const waitUntil = this.#options.waitUntil ?? findWaitUntil()
    if (waitUntil === undefined) {
      return
    }
    try {
      waitUntil(this.#flushSoon())
    } catch (error) {
      this.#options.logger.warn(`waitUntil threw: ${String(error)}`, 'wait-until')
    }
  }

  /* Waits with timers of its own alone, since on Workers no request may wait for what belongs to another. */
  async #flushSoon(): Promise<void> {
    const startedAt = monotonicClock()
    this.#finishedAt = startedAt
    let now = startedAt
    do {
      // oxlint-disable-next-line no-await-in-loop -- until it is quiet
      await sleep(DEBOUNCE, { keepAlive: true })
      now = monotonicClock()
    } while (now - this.#finishedAt < DEBOUNCE && now - startedAt < LONGEST_DEBOUNCE)
    await this.#options.flush({ timeout: TIMEOUT, polls: true })
  }
}
