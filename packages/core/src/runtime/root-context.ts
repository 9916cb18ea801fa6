import { builtinModule } from './environment.ts'
import { property } from './members.ts'

/** Calls work in an async context that was captured before. */
export type RunInContext = <Result>(work: () => Result) => Result

/*
 * The async context in which this module was loaded: that of no request, unless the module was loaded by one, as
 * Next.js does with the modules of a route. There is no way to make an empty context.
 */
const runInRoot = /* @__PURE__ */ captureContext()

/**
 * Calls `work` outside the caller's async context. What `work` starts does not keep that context alive and does not
 * belong to the caller's request, neither for the host nor for another tracer. Where the runtime cannot do that, `work`
 * is called as it is.
 */
export function outsideContext<Result>(work: () => Result): Result {
  return runInRoot === undefined ? work() : runInRoot(work)
}

/** Captures the current async context; `undefined` where the runtime cannot. */
export function captureContext(): RunInContext | undefined {
  try {
    const name = 'AsyncLocalStorage'
    const storage = property(builtinModule('node:async_hooks'), name) ?? property(globalThis, name)
    return hasSnapshot(storage) ? storage.snapshot() : undefined
  } catch {
    // A runtime that imitates the class without this part.
    return undefined
  }
}

function hasSnapshot(value: unknown): value is { snapshot(): RunInContext } {
  return typeof property(value, 'snapshot') === 'function'
}
