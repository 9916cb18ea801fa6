import {
  backOffDelay,
  coolDownDelay,
  pauseDelay,
  quotaDelay,
  type DeliveryTiming,
} from './retry-delay.ts'

const LANES = 4

/**
 * Knows when the next request may be made and how many may be open. It is told of every answer; one to a request from
 * before the latest trouble neither ends the trouble nor adds to it.
 */
export class Circuit {
  readonly #timing: DeliveryTiming
  #resumeAt = Number.NEGATIVE_INFINITY
  #troubleAt = Number.NEGATIVE_INFINITY
  #heldUntil = Number.NEGATIVE_INFINITY
  #failures = 0
  #refusals = 0
  #coolDowns = 0
  #taken = 0
  #askedToWait = false
  #proven = false

  constructor(timing: DeliveryTiming) {
    this.#timing = timing
  }

  /** Faults in a row, requests to wait included. */
  get failures(): number {
    return this.#failures
  }

  /** Refusals in a row that no code of the service explains. */
  get refusals(): number {
    return this.#refusals
  }

  /** Batches that were taken since the start. */
  get taken(): number {
    return this.#taken
  }

  /** Until when the service last asked to wait, by the monotonic clock: what it held back is not late. */
  get heldUntil(): number {
    return this.#heldUntil
  }

  /** Whether the latest news was bad. */
  get failing(): boolean {
    return this.#failures > 0 || this.#refusals > 0
  }

  /** How many requests may be open: one until the endpoint has answered well, so that a wrong key costs one. */
  get lanes(): number {
    return this.#proven && !this.failing ? LANES : 1
  }

  /** Milliseconds until the next request may be made; 0 or less for now. */
  wait(now: number): number {
    return this.#resumeAt - now
  }

  /** The service answered in its right mind; `taken` when it took something. */
  close(startedAt: number, options: { readonly taken: boolean }): void {
    if (options.taken) {
      this.#taken += 1
    }
    if (startedAt >= this.#troubleAt) {
      this.#proven = true
      this.#failures = 0
      this.#refusals = 0
      this.#coolDowns = 0
      this.#resumeAt = Number.NEGATIVE_INFINITY
    }
  }

  /** A passing fault, or no answer. */
  backOff(startedAt: number): void {
    this.#failures += this.#isNews(startedAt) ? 1 : 0
    this.#open(backOffDelay(this.#failures, this.#timing), { askedToWait: false })
  }

  /** The service asked to wait, for `told` milliseconds where it said so; `isQuota` where that may be days. */
  pause(startedAt: number, told: number | undefined, isQuota = false): void {
    this.#failures += this.#isNews(startedAt) ? 1 : 0
    const wait = isQuota
      ? quotaDelay(told, this.#timing)
      : pauseDelay(told, this.#failures, this.#timing)
    this.#open(wait, { askedToWait: true })
    this.#heldUntil = this.#troubleAt + wait
  }

  /** Something refused. Unless `coolDown` is set, requests go on one at a time, to learn whether it refuses everything. */
  refuse(startedAt: number, options: { readonly coolDown: boolean }): void {
    const news = this.#isNews(startedAt)
    this.#refusals += news ? 1 : 0
    if (options.coolDown) {
      this.#coolDowns += news ? 1 : 0
      this.#open(coolDownDelay(this.#coolDowns, this.#timing), { askedToWait: false })
    }
  }

  /** There is no later: the next request may be made within a second, unless the service itself asked to wait. */
  hurry(): void {
    if (!this.#askedToWait) {
      this.#resumeAt = Math.min(this.#resumeAt, this.#troubleAt + this.#timing.minPause)
    }
  }

  #isNews(startedAt: number): boolean {
    return startedAt >= this.#troubleAt
  }

  #open(wait: number, options: { readonly askedToWait: boolean }): void {
    this.#troubleAt = this.#timing.now()
    // Of several answers to requests that were open together the longest wait counts.
    const resumeAt = this.#troubleAt + wait
    if (resumeAt > this.#resumeAt) {
      this.#resumeAt = resumeAt
      this.#askedToWait = options.askedToWait
    }
  }
}
