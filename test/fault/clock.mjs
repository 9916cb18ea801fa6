/*
 * A clock that stands still until a script moves it. The package takes clocks and timers once, when it loads, so these stand
 * in the globals for that moment alone; everything else, the network above all, keeps the real ones.
 */
const { setTimeout: startReal, clearTimeout: stopReal } = globalThis

/** Loads something with clocks and timers that are moved by hand, and randomness that is the same in each run. */
export async function loadOnClock(load) {
  const clock = createClock()
  const fakes = {
    setTimeout: (callback, milliseconds) => clock.start(callback, milliseconds),
    clearTimeout: (timer) => clock.stop(timer),
    performance: { now: () => clock.now },
    Date: class extends Date {
      static now() {
        return Math.floor(clock.wallStart + clock.now)
      }
    },
  }
  const reals = Object.fromEntries(Object.keys(fakes).map((name) => [name, globalThis[name]]))
  const { random } = Math
  const { hrtime } = process
  set(fakes)
  process.hrtime = () => [Math.floor(clock.now / 1000), (clock.now % 1000) * 1_000_000]
  Math.random = () => clock.random()
  try {
    return { clock, loaded: await load() }
  } finally {
    set(reals)
    process.hrtime = hrtime
    Math.random = random
  }
}

function set(values) {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true })
  }
}

function createClock() {
  const timers = new Set()
  let seed = 7
  const clock = {
    now: 1000,
    wallStart: Date.now() - 1000,
    start(callback, milliseconds = 0) {
      // Those without a wait only let others run first, as they do here.
      const timer =
        milliseconds <= 0
          ? { real: startReal(callback, 0) }
          : { at: clock.now + milliseconds, callback }
      if (timer.real === undefined) timers.add(timer)
      return timer
    },
    stop(timer) {
      timers.delete(timer)
      if (timer?.real !== undefined) stopReal(timer.real)
    },
    random() {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    },
    /** Milliseconds until the next timer is due. */
    get wait() {
      return Math.min(...[...timers].map(({ at }) => at - clock.now))
    },
    /** Moves the clock and runs what is due by then, in order. */
    advance(milliseconds) {
      const end = clock.now + milliseconds
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0]
        if (due === undefined) break
        timers.delete(due)
        clock.now = Math.max(clock.now, due.at)
        due.callback()
      }
      clock.now = end
    },
    /** Moves it all at once, as for a machine that slept: what was due comes late. */
    leap(milliseconds) {
      clock.now += milliseconds
      clock.advance(0)
    },
  }
  return clock
}
