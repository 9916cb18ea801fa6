import { BoundedMap } from '../record/bounded-map.ts'
import { monotonicClock } from '../runtime/clock.ts'

const MINUTE = 60_000
const REMEMBERED = 10_000

interface Allowance {
  left: number
  at: number
}

/**
 * Allows so many requests a minute for each key: a full minute's at once, and then as they come back, one after the other. Of
 * those who have not asked for longest some are forgotten, which forgives them.
 */
export class RateLimiter {
  readonly #allowances = new BoundedMap<string, Allowance>(REMEMBERED)
  readonly #perMinute: number
  readonly #now: () => number

  /** @param now - milliseconds by a clock that never goes back */
  constructor(perMinute: number, now: () => number = monotonicClock) {
    this.#perMinute = perMinute
    this.#now = now
  }

  /** Takes one request; answers 0 where it is allowed, else the milliseconds until one is. */
  take(key: string): number {
    const now = this.#now()
    const known = this.#allowances.get(key)
    const back = known === undefined ? 0 : ((now - known.at) * this.#perMinute) / MINUTE
    const left = Math.min(this.#perMinute, (known?.left ?? this.#perMinute) + back)
    const isAllowed = left >= 1
    this.#allowances.set(key, { left: isAllowed ? left - 1 : left, at: now })
    return isAllowed ? 0 : ((1 - left) * MINUTE) / this.#perMinute
  }
}
