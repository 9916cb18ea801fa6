import { outsideContext } from './root-context.ts'

/*
 * Timers, taken once at load: hosts replace the global ones with fakes in their tests, and a trace must not stand still
 * because of that. Nothing here runs at load but the look-up, since Workers forbid timers at module scope.
 */
const { setTimeout: startTimeout, clearTimeout: stopTimeout } = globalThis

/* A longer wait than 32 bits hold would be over at once. */
const LONGEST = 2 ** 31 - 1

/** A timer that can be stopped. */
export interface Timer {
  stop(): void
}

/** How a timer runs. */
export interface TimerOptions {
  /**
   * Keeps the process alive until the timer has run. On runtimes whose timers are plain numbers (browsers, Workers) it
   * makes no difference.
   */
  readonly keepAlive?: boolean
  /**
   * Runs the callback outside the caller's async context, which the timer would keep alive otherwise: for timers that
   * serve the whole process. Without it a callback can still find the request that it belongs to (`waitUntil`).
   */
  readonly detached?: boolean
}

/** Runs `callback` once after `milliseconds`. */
export function startTimer(
  callback: () => void,
  milliseconds: number,
  options: TimerOptions = {},
): Timer {
  const start = (): ReturnType<typeof startTimeout> =>
    startTimeout(callback, Math.min(milliseconds, LONGEST))
  const handle = options.detached === true ? outsideContext(start) : start()
  if (options.keepAlive !== true) {
    letGo(handle)
  }
  return { stop: () => stopTimeout(handle) }
}

/** Resolves after `milliseconds`. */
export function sleep(
  milliseconds: number,
  options: { readonly keepAlive?: boolean } = {},
): Promise<void> {
  return new Promise((resolve) => {
    // What waits for the promise goes on in its own context.
    startTimer(resolve, milliseconds, { ...options, detached: true })
  })
}

/* Typed as a number, it is an object in Node, Bun and Deno. */
function letGo(handle: unknown): void {
  if (
    typeof handle === 'object' &&
    handle !== null &&
    'unref' in handle &&
    typeof handle.unref === 'function'
  ) {
    handle.unref()
  }
}
