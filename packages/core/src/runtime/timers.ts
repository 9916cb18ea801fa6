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

/**
 * Runs `callback` once after `milliseconds`. It keeps the process alive only where `keepAlive` is set; on runtimes
 * whose timers are plain numbers (browsers, Workers) that makes no difference.
 */
export function startTimer(
  callback: () => void,
  milliseconds: number,
  options: { readonly keepAlive?: boolean } = {},
): Timer {
  const handle = startTimeout(callback, Math.min(milliseconds, LONGEST))
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
    startTimer(resolve, milliseconds, options)
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
