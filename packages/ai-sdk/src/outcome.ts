import { guard, isObject, reasons, reportedFailure, type RunEnd } from '@trulayer/core/internal'

import { fieldOf, isAbortSignal } from './types.ts'

const MAX_CAUSES = 5

/** Shown where the SDK reports that the stream of a model has an error part, and not which error. */
export const UNKNOWN_STREAM_ERROR = {
  name: 'Error',
  message: 'the provider reported an error in its stream',
}

/* ai 4 fails the whole call with this error when a tool fails. */
const TOOL_FAILED = 'AI_ToolExecutionError'

/** How a tool ends that returned, which may report a failure in its result. */
export function toolEnd(output: unknown): RunEnd {
  const error = guard('the result of a tool', () => reportedFailure(output))
  return error === undefined ? { output } : { status: 'error', error, output }
}

/** True once the signal has fired; false for what is no signal. */
export function hasFired(signal: unknown): signal is AbortSignal {
  return isAbortSignal(signal) && signal.aborted
}

/** How a run ends that a signal has stopped. A time limit that fires is a failure, whatever else a signal carries is not. */
export function stopEnd(signal: AbortSignal): RunEnd {
  const reason: unknown = signal.reason
  return isTimeout(reason)
    ? { status: 'error', error: reason, reason: reasons.timeout }
    : { status: 'cancelled', reason: reasons.aborted }
}

/**
 * How a run ends that threw.
 *
 * @param signal - what the run could be stopped with. As long as it has not fired, an abort or a time limit of the run's
 *   own making is a failure like any other
 */
export function failureEnd(error: unknown, signal: unknown): RunEnd {
  return hasFired(signal) ? stopEnd(signal) : errorEnd(error)
}

/** The same where the signal is out of reach, as for a telemetry engine: an abort is taken for one by the caller. */
export function reportedEnd(error: unknown): RunEnd {
  const links = causes(error)
  const isStopped = links.some(isAbort) && !links.some(isTimeout)
  return isStopped && fieldOf(error, 'name') !== TOOL_FAILED
    ? { status: 'cancelled', reason: reasons.aborted }
    : errorEnd(error)
}

function errorEnd(error: unknown): RunEnd {
  const timeout = causes(error).find(isTimeout)
  if (timeout === undefined) {
    return { status: 'error', error }
  }
  // Functions of Node reject with an `AbortError` that has the time limit as its cause.
  return { status: 'error', error: isAbort(error) ? timeout : error, reason: reasons.timeout }
}

/* Providers wrap the error of an abort. */
function causes(error: unknown): readonly unknown[] {
  const links: unknown[] = []
  for (let link = error; links.length < MAX_CAUSES && isObject(link); link = link['cause']) {
    links.push(link)
  }
  return links
}

/** True for what a signal carries that was aborted or whose time limit has fired. */
export function isStopReason(reason: unknown): boolean {
  return isAbort(reason) || isTimeout(reason)
}

function isAbort(error: unknown): boolean {
  const name = fieldOf(error, 'name')
  return name === 'AbortError' || name === 'ResponseAborted'
}

function isTimeout(error: unknown): boolean {
  return fieldOf(error, 'name') === 'TimeoutError'
}
