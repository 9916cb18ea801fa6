import { isObject, read, readText } from './read.ts'
import { type Reason, reasons } from './reasons.ts'

/** How a call ends that did not return: it was stopped, or it failed. */
export interface FailedEnd {
  readonly status: 'cancelled' | 'error'
  readonly reason?: Reason
  /** The error behind the status `error`. */
  readonly error?: unknown
}

const MAX_CAUSES = 5
/* `ResponseAborted` is the reason of Next.js when the browser leaves; LangChain has an error for a stopped model. */
const ABORTS: ReadonlySet<unknown> = new Set(['AbortError', 'ResponseAborted', 'ModelAbortError'])
const TIME_LIMIT = 'TimeoutError'
/* LangGraph has an error for the time limit of a node, Mastra one for those of a model call. */
const TIME_LIMITS: ReadonlySet<unknown> = new Set([
  TIME_LIMIT,
  'NodeTimeoutError',
  'MastraTimeoutError',
])
/*
 * Messages of errors whose name is lost: the clients of OpenAI and Anthropic set none, and older versions of Mastra do not
 * report that of `AbortSignal.timeout()`.
 */
const ABORT_MESSAGES: ReadonlySet<unknown> = new Set(['Request was aborted.'])
const TIME_LIMIT_MESSAGES: ReadonlySet<unknown> = new Set([
  'Request timed out.',
  'The operation was aborted due to timeout',
])
const ABORTED: FailedEnd = { status: 'cancelled', reason: reasons.aborted }

/** True once the signal has fired; false for a value that is not a signal. */
export function hasFired(signal: unknown): signal is AbortSignal {
  return (
    isObject(signal) &&
    signal['aborted'] === true &&
    typeof signal['addEventListener'] === 'function'
  )
}

/**
 * How a call ends that its signal stopped. A time limit that fires is a failure. Any other reason, whatever its name, is
 * a decision of the caller.
 */
export function stopEnd({ reason }: { readonly reason: unknown }): FailedEnd {
  return isTimeLimit(reason) ? errorEnd(reason) : ABORTED
}

/**
 * How a call ends that threw.
 *
 * @param signal - what the call could be stopped with. As long as it has not fired, an abort of the call's own making is a
 *   failure like any other
 */
export function failureEnd(error: unknown, signal: unknown): FailedEnd {
  return hasFired(signal) ? stopEnd(signal) : errorEnd(error)
}

/** The same where the signal is out of reach: the error of an abort decides. */
export function reportedEnd(error: unknown): FailedEnd {
  const links = causes(error)
  return links.some(isAbort) && !links.some(isTimeLimit) ? ABORTED : errorEnd(error)
}

/** True for an error that a signal carries by default: of an abort, or of a time limit. */
export function isStopReason(reason: unknown): boolean {
  return isAbort(reason) || isTimeLimit(reason)
}

function errorEnd(error: unknown): FailedEnd {
  const limit = causes(error).find(isTimeLimit)
  if (limit === undefined) {
    return { status: 'error', error }
  }
  // Functions of Node reject with an `AbortError` that has the time limit as its cause.
  return {
    status: 'error',
    error: error === limit || isAbort(error) ? timeLimitError(limit) : error,
    reason: reasons.timeout,
  }
}

/* Failures are grouped by type, and all time limits are of one. */
function timeLimitError(limit: unknown): unknown {
  return read(limit, 'name') === TIME_LIMIT
    ? limit
    : { name: TIME_LIMIT, message: readText(limit, 'message') ?? '', stack: read(limit, 'stack') }
}

/* Providers wrap the error of an abort. */
function causes(error: unknown): readonly unknown[] {
  const links: unknown[] = []
  for (let link = error; links.length < MAX_CAUSES && isObject(link); link = link['cause']) {
    links.push(link)
  }
  return links
}

function isAbort(error: unknown): boolean {
  return ABORTS.has(read(error, 'name')) || hasMessage(error, ABORT_MESSAGES)
}

function isTimeLimit(error: unknown): boolean {
  return TIME_LIMITS.has(read(error, 'name')) || hasMessage(error, TIME_LIMIT_MESSAGES)
}

function hasMessage(error: unknown, messages: ReadonlySet<unknown>): boolean {
  return read(error, 'name') === 'Error' && messages.has(read(error, 'message'))
}
