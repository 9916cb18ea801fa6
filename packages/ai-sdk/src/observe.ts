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
  return observeWith(work, observer, (promise, tell, fail) =>
    Promise.resolve(promise).then(tell, fail),
  )
}

/**
 * The same for a function whose promise the SDK awaits in any case. That promise itself is returned, so that the SDK goes on
 * after as many microtasks as without us; what the observer returns takes the place of a plain value only.
 */
export function observeAwaited(work: () => unknown, observer: Observer): unknown {
  return observeWith(work, observer, (promise, tell, fail) => {
    const own = Promise.resolve(promise)
    const branch = own.then(tell, fail)
    // Another thenable may begin to work whenever it is asked for its value, so it is asked once.
    if (own !== promise) {
      return branch
    }
    // The error is handled by the SDK.
    branch.catch(() => {})
    return promise
  })
}

type Continuation = (value: unknown) => unknown

function observeWith(
  work: () => unknown,
  observer: Observer,
  follow: (promise: PromiseLike<unknown>, tell: Continuation, fail: Continuation) => unknown,
): unknown {
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
  return isPromiseLike(value) ? follow(value, tell, fail) : tell(value)
}
