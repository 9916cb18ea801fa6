/*
 * Clocks, taken once at load: hosts fake them in their tests. `performance` is missing nowhere that we run, but a
 * function of it must stay bound.
 */
const { performance: timer, Date: WallClock } = globalThis

/** Milliseconds since 1970 by the wall clock, which may jump. */
export function wallClock(): number {
  return WallClock.now()
}

/** Milliseconds by a clock that never goes back; its zero means nothing. */
export function monotonicClock(): number {
  return timer.now()
}
