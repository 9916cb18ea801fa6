import { guard } from '@trulayer/core/internal'

import { isPromiseLike } from './types.ts'

/** What hears how a function of the host went. */
export interface Observer {
  /** What is recorded, for the line that tells of a fault of ours. */
  readonly what: string
  /** Hears the value. What it returns, if anything, takes the value's place. */
  done(value: unknown): unknown
  failed(error: unknown): void
}

/**
 * Calls a function of the host. It returns what that returns (a promise stays one, a plain value stays plain) and throws
 * what that throws, the very same object; the observer hears of it before the host does.
 */
export function observe(work: () => unknown, observer: Observer): unknown {
  const tell = (value: unknown): unknown =>
    guard(observer.what, () => observer.done(value)) ?? value
  const fail = (error: unknown): never => {
    guard(observer.what, () => observer.failed(error))
    throw error
  }
  let value: unknown
  try {
    value = work()
  } catch (error) {
    return fail(error)
  }
  // A rejection that the host ignores must stay unhandled, so the host gets the promise that fails, not a side branch.
  return isPromiseLike(value) ? Promise.resolve(value).then(tell, fail) : tell(value)
}
