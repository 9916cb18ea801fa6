import {
  guard,
  isObject,
  type Reason,
  reasons,
  reportedFailure,
  type RunEnd,
} from '@trulayer/core/internal'

import { fieldOf, isAbortSignal } from './types.ts'

const MAX_CAUSES = 5

/**
 * How a run ends that threw. What was aborted is cancelled and no failure; a time limit cancels only when it is the
 * caller's, for a request that ran into its own has failed.
 *
 * @param isStopped - whether the caller is known to have stopped the work
 */
export function failureEnd(error: unknown, isStopped: boolean): RunEnd {
  const name = abortNameOf(error)
  if (isStopped || name === reasons.aborted) {
    return { status: 'cancelled', reason: name ?? reasons.aborted }
  }
  return { status: 'error', error }
}

/** How a tool ends that returned, which may report a failure in its result. */
export function toolEnd(output: unknown): RunEnd {
  const error = guard('the result of a tool', () => reportedFailure(output))
  return error === undefined ? { output } : { status: 'error', error, output }
}

/** True once the signal has fired; false for what is no signal. */
export function isAborted(signal: unknown): boolean {
  return isAbortSignal(signal) && signal.aborted
}

/** Why a signal fired, in a word. */
export function abortReason(signal: AbortSignal): Reason {
  return abortNameOf(signal.reason) ?? reasons.aborted
}

/**
 * Calls `hear` with the reason when the signal fires.
 *
 * @returns a function after which it is not called any more
 */
export function onAbort(signal: unknown, hear: (reason: Reason) => void): () => void {
  if (!isAbortSignal(signal)) {
    return () => {}
  }
  const listener = (): void => {
    guard('an abort', () => hear(abortReason(signal)))
  }
  signal.addEventListener('abort', listener, { once: true })
  return () => signal.removeEventListener('abort', listener)
}

/* Providers wrap the error of an abort. */
function abortNameOf(error: unknown): Reason | undefined {
  let link = error
  for (let depth = 0; depth < MAX_CAUSES && isObject(link); depth += 1) {
    const name = fieldOf(link, 'name')
    if (name === 'AbortError' || name === 'ResponseAborted') {
      return reasons.aborted
    }
    if (name === 'TimeoutError') {
      return reasons.timeout
    }
    link = fieldOf(link, 'cause')
  }
  return undefined
}
