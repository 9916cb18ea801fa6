import { BoundedMap } from '../record/bounded-map.ts'
import { startTimer } from '../runtime/timers.ts'

const REMEMBERED = 20_000

/** Knows of traces what feedback depends on (which have finished, and which were not sampled), and what feedback is on its way. */
export class FeedbackGate {
  readonly #sampledOut = new BoundedMap<string, true>(REMEMBERED)
  readonly #waiting = new Map<string, Set<() => void>>()
  #submitted = 0
  #answered = 0

  /** Pieces of feedback that were submitted so far. */
  get submitted(): number {
    return this.#submitted
  }

  /** Those of them that are not answered yet. */
  get pending(): number {
    return this.#submitted - this.#answered
  }

  /** Counts a piece of feedback until it is answered. */
  async count<Result>(submit: () => Promise<Result>): Promise<Result> {
    this.#submitted += 1
    try {
      return await submit()
    } finally {
      this.#answered += 1
    }
  }

  /** Tells that a trace was not sampled: the service will never know it. */
  noteSampledOut(traceId: string): void {
    this.#sampledOut.set(traceId, true)
  }

  isSampledOut(traceId: string): boolean {
    return this.#sampledOut.has(traceId)
  }

  /** Tells that a trace has finished and goes its way. */
  noteFinished(traceId: string): void {
    const waiting = this.#waiting.get(traceId)
    this.#waiting.delete(traceId)
    for (const go of waiting ?? []) {
      go()
    }
  }

  /** Resolves when a trace that is open has finished, with whether it did in time. */
  whenFinished(traceId: string, timeout: number): Promise<boolean> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(traceId) ?? new Set()
      const go = (): void => {
        timer.stop()
        resolve(true)
      }
      const giveUp = (): void => {
        waiting.delete(go)
        if (waiting.size === 0) {
          this.#waiting.delete(traceId)
        }
        resolve(false)
      }
      const timer = startTimer(giveUp, timeout, { detached: true })
      this.#waiting.set(traceId, waiting.add(go))
    })
  }
}
