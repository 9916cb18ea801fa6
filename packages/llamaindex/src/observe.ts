import { guard } from '@trulayer/core/internal'

import { isPromiseLike } from './guards.ts'

/** What hears how a call of the host's went. Exactly one of the two is called. */
export interface CallListener {
  /** What is recorded, for the line that tells of a fault of ours. */
  readonly what: string
  done(value: unknown): void
  failed(error: unknown): void
}

/**
 * Calls `work`, and tells how it went before the host hears of it. What it returns or throws comes back unchanged.
 *
 * A rejection that the host ignores must stay unhandled, so it gets the promise that we wait on and no branch beside it.
 */
export function observe(work: () => unknown, listener: CallListener): unknown {
  const tell = (value: unknown): unknown => {
    guard(listener.what, () => listener.done(value))
    return value
  }
  const fail = (error: unknown): never => {
    guard(listener.what, () => listener.failed(error))
    throw error
  }
  let value: unknown
  try {
    value = work()
  } catch (error) {
    return fail(error)
  }
  return isPromiseLike(value) ? value.then(tell, fail) : tell(value)
}
