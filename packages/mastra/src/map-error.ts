import {
  read,
  readText,
  reportedEnd,
  reportedFailure,
  type Run,
  type RunEnd,
  shared,
} from '@trulayer/core/internal'

/** An error as Mastra tells it, brought into the shape of one. */
export interface ToldError {
  readonly name: string
  readonly message: string
}

const STACK = /\n\s+at /
const NAMED = /^([A-Za-z]*(?:Error|Exception)): ([^]*)$/
/* What a failed turn told first, so that an error which travels up through plumbing has one origin. */
const told = shared('mastra:errors', () => new WeakMap<object, Map<string, ToldError>>())

/**
 * The error of a span. Version 0.24 puts name and stack into the message.
 *
 * @param info - `errorInfo`, or the output of a tool that refused its arguments
 */
export function mapError(info: unknown): ToldError | undefined {
  const text = readText(info, 'message')
  if (text === undefined) {
    return undefined
  }
  const [message = text] = text.split(STACK)
  const named = NAMED.exec(message)
  const name = readText(info, 'name')
  return named?.[1] === undefined || named[2] === undefined || (name ?? 'Error') !== 'Error'
    ? { name: name ?? 'Error', message }
    : { name: named[1], message: named[2] }
}

/**
 * The error with which a run ends. Mastra copies an error on its way up: for plumbing the first copy stands for all, so
 * that a fold is opened only where the error arose.
 */
function errorOf(run: Run, error: ToldError): ToldError {
  const errors = told.get(run.turn) ?? new Map<string, ToldError>()
  told.set(run.turn, errors)
  const first = errors.get(error.message)
  if (first !== undefined && (run.isFolded || first.name === error.name)) {
    return first
  }
  errors.set(error.message, first ?? error)
  return error
}

/** How a run ends that failed; without an error where Mastra reports none. */
export function failedEnd(run: Run, error: ToldError | undefined): RunEnd {
  return error === undefined ? { status: 'error' } : reportedEnd(errorOf(run, error))
}

/** The error that the turn told last, for a run that failed and does not say of what. */
export function latestErrorOf(run: Run): ToldError | undefined {
  return [...(told.get(run.turn)?.values() ?? [])].at(-1)
}

/**
 * Why a tool failed that did not throw: its output reports refused arguments, or a failure of an MCP server.
 */
export function refusalOf(attributes: unknown, output: unknown): ToldError | undefined {
  const isRefusal = read(output, 'error') === true && read(output, 'validationErrors') !== undefined
  const reported = reportedError(output)
  if (read(attributes, 'success') !== false && !isRefusal && reported === undefined) {
    return undefined
  }
  return reported ?? mapError(output) ?? { name: 'Error', message: 'the tool failed' }
}

function reportedError(output: unknown): ToldError | undefined {
  const message = reportedFailure(output)
  return message === undefined ? undefined : { name: 'Error', message }
}
