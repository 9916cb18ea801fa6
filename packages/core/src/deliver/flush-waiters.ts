import { startTimer, type Timer } from '../runtime/timers.ts'

interface Waiter {
  readonly sequence: number
  readonly deadline: number
  readonly timer: Timer
  readonly resolve: () => void
  remaining: number
}

const LONGEST_TIMER = 2 ** 31 - 1

/** Callers of `flush`, each waiting for everything that was handed over before its call. */
export class FlushWaiters {
  readonly #waiters = new Set<Waiter>()

  /** How many wait. */
  get size(): number {
    return this.#waiters.size
  }

  /**
   * Resolves when `remaining` of what has a position up to `sequence` is settled, or the time is over. Meanwhile the
   * process stays alive.
   *
   * @param options.timeout - milliseconds
   */
  wait(options: {
    readonly sequence: number
    readonly remaining: number
    readonly timeout: number
    readonly now: number
  }): Promise<void> {
    if (options.remaining === 0) {
      return Promise.resolve()
    }
    const timeout = Math.min(LONGEST_TIMER, Math.max(0, options.timeout))
    return new Promise((resolve) => {
      const waiter: Waiter = {
        sequence: options.sequence,
        remaining: options.remaining,
        deadline: options.now + timeout,
        resolve,
        timer: startTimer(() => this.#end(waiter), timeout, {
          keepAlive: true,
          detached: true,
        }),
      }
      this.#waiters.add(waiter)
    })
  }

  /** Tells that what was handed over at this position was answered or given up. */
  settle(sequence: number): void {
    for (const waiter of this.#waiters) {
      if (sequence <= waiter.sequence) {
        waiter.remaining -= 1
        if (waiter.remaining === 0) {
          this.#end(waiter)
        }
      }
    }
  }

  /** Ends the waiting of those for whom nothing more can happen in time, since nothing will be sent before `nextAt`. */
  giveUp(nextAt: number): void {
    for (const waiter of this.#waiters) {
      if (waiter.deadline < nextAt) {
        this.#end(waiter)
      }
    }
  }

  #end(waiter: Waiter): void {
    waiter.timer.stop()
    this.#waiters.delete(waiter)
    waiter.resolve()
  }
}
