import { shared } from '../runtime/shared-state.ts'
import { monotonicClock } from '../runtime/clock.ts'
import { startTimer, type Timer } from '../runtime/timers.ts'
import type { Frame } from './context.ts'
import { guard } from './guard.ts'

/** When and where something happened that is recorded later. */
export interface Moment {
  /** By the monotonic clock. */
  readonly at: number
  readonly frame: Frame
  /** What the look-ups of the adapters answered with. */
  readonly ambientKeys: readonly string[]
}

/** Something that happened and is to be recorded. */
export interface Postponable extends Moment {
  /** What is recorded, for the line that tells of a fault in it. */
  readonly where: string
  readonly record: () => void
}

/* Far less than the interval in which traces are sent. */
const PAUSE = 250
/* With so many nothing waits for more, and with so many more nothing waits for the event loop. */
const ENOUGH = 1000
const MOST = 4000
/* Milliseconds for which the event loop is held at a time, looked at after so many. */
const SLICE = 3
const STRIDE = 16

/** Those of all clients and all copies that have something waiting. */
const waiting = /* @__PURE__ */ shared('postponed', () => new Set<Pick<Postponed, 'settle'>>())

/** Records what waits in any client of the process. */
export function settlePostponed(): void {
  for (const postponed of waiting) {
    postponed.settle()
  }
}

/**
 * What has happened and is not recorded yet, in order. A framework between whose events a megabyte of its own garbage
 * passes finds none of our code in the processor's caches: recorded one after another, in one go, events cost a fifth.
 *
 * Whoever asks for anything that depends on it calls `settle` first, so that nobody can tell the difference.
 */
export class Postponed {
  #entries: Postponable[] = []
  #timer: Timer | undefined
  #moment: Moment | undefined

  /** The moment of what is being recorded; `undefined` while nothing is that waited. */
  get moment(): Moment | undefined {
    return this.#moment
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** Adds what happened. What `record` throws is a fault of ours and told as such. */
  add(entry: Postponable): void {
    this.#entries.push(entry)
    const count = this.#entries.length
    if (count === 1) {
      waiting.add(this)
      this.#settleIn(PAUSE)
    } else if (count === ENOUGH) {
      this.#settleIn(0)
    } else if (count >= MOST) {
      this.settle()
    }
  }

  /** Records all that waits. */
  settle(): void {
    if (this.#entries.length > 0 && this.#moment === undefined) {
      this.#settleFor(Number.POSITIVE_INFINITY)
    }
  }

  #settleIn(milliseconds: number): void {
    this.#timer?.stop()
    this.#timer = startTimer(() => this.#settleFor(SLICE), milliseconds, { detached: true })
  }

  #settleFor(milliseconds: number): void {
    const entries = this.#entries
    const end = monotonicClock() + milliseconds
    let done = 0
    // By index: until the engine has compiled this, which takes it long, an iterator makes an object for each entry.
    for (let entry = entries[0]; entry !== undefined; entry = entries[done]) {
      this.#moment = entry
      guard(entry.where, entry.record)
      done += 1
      if (done % STRIDE === 0 && monotonicClock() > end) {
        break
      }
    }
    this.#moment = undefined
    this.#entries = entries.slice(done)
    if (this.#entries.length > 0) {
      this.#settleIn(0)
    } else {
      this.#timer?.stop()
      waiting.delete(this)
    }
  }
}
