import { hostProcess } from './environment.ts'

/* Clocks, taken once at load: hosts fake them in their tests. A function of `performance` must stay bound. */
const { performance: timer, Date: WallClock } = globalThis
/*
 * Where there is one, for it costs a third: `performance.now` of Node checks what it is called on, by way of three functions
 * that are rarely called enough to be compiled.
 */
const readTimer = findTimer()

/** Milliseconds since 1970 by the wall clock, which may jump. */
export function wallClock(): number {
  return WallClock.now()
}

function findTimer(): (() => readonly [seconds: number, nanoseconds: number]) | undefined {
  try {
    const read = hostProcess()?.hrtime
    return Number.isFinite(read?.()[1]) ? read : undefined
  } catch {
    // What stands in for Node's `process` elsewhere may throw.
    return undefined
  }
}

/** Milliseconds by a clock that never goes back; its zero means nothing. */
export function monotonicClock(): number {
  if (readTimer === undefined) {
    return timer.now()
  }
  const time = readTimer()
  return time[0] * 1000 + time[1] / 1_000_000
}
