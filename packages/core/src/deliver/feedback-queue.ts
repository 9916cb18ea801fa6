import { startTimer, type Timer } from '../runtime/timers.ts'
import { refuseFeedback, type FeedbackResult } from './feedback.ts'
import { feedbackDelay, feedbackResult } from './feedback-verdict.ts'
import type { DeliveryTiming } from './retry-delay.ts'
import type { Verdict } from './verdict.ts'

/** Feedback that waits to be sent. */
export interface FeedbackItem {
  readonly traceId: string
  /** The request's body; the same on every attempt. */
  readonly body: string
  /** Position among everything that was handed to the exporter. */
  readonly sequence: number
  attempts: number
  /** The earliest moment of the next attempt, by the monotonic clock. */
  dueAt: number
}

interface Entry {
  readonly timer: Timer
  readonly resolve: (result: FeedbackResult) => void
}

const MOST_WAITING = 1000

/**
 * Feedback on its way. Each piece is held until its trace has left, tried until it is taken or refused, and given up in
 * bounded time, since somebody may be waiting for the result.
 */
export class FeedbackQueue {
  readonly #entries = new Map<FeedbackItem, Entry>()
  readonly #held = new Map<string, FeedbackItem[]>()
  readonly #ready: FeedbackItem[] = []
  readonly #timing: DeliveryTiming
  readonly #onEnd: (item: FeedbackItem, result: FeedbackResult) => void

  /** @param onEnd - called when a piece is answered or given up */
  constructor(timing: DeliveryTiming, onEnd: (item: FeedbackItem, result: FeedbackResult) => void) {
    this.#timing = timing
    this.#onEnd = onEnd
  }

  /** Pieces that are neither answered nor given up. */
  get size(): number {
    return this.#entries.size
  }

  /** The bodies of those pieces that are not under way: a piece that arrives twice counts twice. */
  get unsent(): string[] {
    return [...this.#ready, ...[...this.#held.values()].flat()].map(({ body }) => body)
  }

  /** Whether a piece waits for its trace to leave. */
  get isHolding(): boolean {
    return this.#held.size > 0
  }

  /**
   * Takes a piece. The promise never rejects.
   *
   * @param options.hold - whether its trace has not left yet
   */
  add(item: FeedbackItem, options: { readonly hold: boolean }): Promise<FeedbackResult> {
    if (this.#entries.size >= MOST_WAITING) {
      return Promise.resolve(refuseFeedback('overflow', `${MOST_WAITING} others are waiting`))
    }
    return new Promise((resolve) => {
      const timeout = this.#timing.feedbackTimeout
      const timer = startTimer(
        () => this.end(item, refuseFeedback('timeout', `no answer within ${timeout} ms`)),
        timeout,
        { detached: true },
      )
      this.#entries.set(item, { timer, resolve })
      if (options.hold) {
        this.#held.set(item.traceId, [...(this.#held.get(item.traceId) ?? []), item])
      } else {
        this.#ready.push(item)
      }
    })
  }

  /** Tells that a trace has left. */
  release(traceId: string): void {
    const items = this.#held.get(traceId)
    if (items !== undefined) {
      this.#held.delete(traceId)
      this.#ready.push(...items)
    }
  }

  /** The next piece that may be sent. */
  take(now: number): FeedbackItem | undefined {
    const index = this.#ready.findIndex((item) => item.dueAt <= now)
    return index < 0 ? undefined : this.#ready.splice(index, 1)[0]
  }

  /** When the next piece may be sent, by the monotonic clock. */
  get nextAt(): number | undefined {
    return this.#ready.length === 0 ? undefined : Math.min(...this.#ready.map((item) => item.dueAt))
  }

  /** Answers a piece that was sent, or keeps it for another attempt. */
  settle(item: FeedbackItem, verdict: Verdict): void {
    const result = feedbackResult(verdict)
    if (result === undefined) {
      this.#putBack(item, feedbackDelay(verdict, item.attempts, this.#timing))
    } else {
      this.end(item, result)
    }
  }

  /** Answers a piece, once. */
  end(item: FeedbackItem, result: FeedbackResult): void {
    const entry = this.#entries.get(item)
    if (entry === undefined) {
      return
    }
    this.#entries.delete(item)
    this.#forget(item)
    entry.timer.stop()
    entry.resolve(result)
    this.#onEnd(item, result)
  }

  /** Answers everything that waits. */
  clear(result: FeedbackResult): void {
    for (const item of this.#entries.keys()) {
      this.end(item, result)
    }
  }

  #putBack(item: FeedbackItem, wait: number): void {
    item.dueAt = this.#timing.now() + wait
    if (this.#entries.has(item)) {
      this.#ready.push(item)
    }
  }

  #forget(item: FeedbackItem): void {
    const index = this.#ready.indexOf(item)
    if (index >= 0) {
      this.#ready.splice(index, 1)
    }
    const held = this.#held.get(item.traceId)?.filter((other) => other !== item)
    if (held !== undefined && held.length > 0) {
      this.#held.set(item.traceId, held)
    } else {
      this.#held.delete(item.traceId)
    }
  }
}
