/*
 * A clock that can be put ahead, so that what waits for minutes is over at once and nothing is over early because the
 * machine is slow. Import it first: core takes its clock and its timers when it loads.
 */
const { setTimeout: startTimeout, clearTimeout: stopTimeout } = globalThis
const realNow = performance.now.bind(performance)
/* Whatever waits longer waits for this clock. */
const LONG = 1000

let ahead = 0
const waiting = new Map<object, { readonly at: number; readonly callback: () => void }>()

const now = (): number => realNow() + ahead

performance.now = now
const hrtime = (): [number, number] => [Math.floor(now() / 1000), (now() % 1000) * 1_000_000]
process.hrtime = Object.assign(hrtime, {
  bigint: () => BigInt(Math.round(now() * 1_000_000)),
})
Object.assign(globalThis, {
  setTimeout: (callback: () => void, milliseconds = 0, ...rest: unknown[]): unknown => {
    if (milliseconds <= LONG) {
      return startTimeout(callback, milliseconds, ...rest)
    }
    const handle = { unref: () => handle }
    waiting.set(handle, { at: now() + milliseconds, callback })
    return handle
  },
  clearTimeout: (handle: NodeJS.Timeout): void => {
    waiting.delete(handle)
    stopTimeout(handle)
  },
})

/** Puts the clock ahead, and runs what has been waiting for the time that it shows then. */
export function putAhead(milliseconds: number): void {
  ahead += milliseconds
  for (const [handle, { at, callback }] of waiting) {
    if (at <= now()) {
      waiting.delete(handle)
      callback()
    }
  }
}
