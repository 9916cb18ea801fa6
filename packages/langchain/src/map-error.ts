import {
  attributes,
  isList,
  isObject,
  isText,
  read,
  readText,
  reasons,
  reportedEnd,
  type RunEnd,
} from '@trulayer/core/internal'

import type { BubbleUpLike } from './types.ts'

/* The message of an abort for which LangChain or LangGraph made a plain `Error`, in each of its spellings. */
const ABORT_MESSAGE = /^(?:Abort|Aborted|AbortError)$/

/**
 * How a run ended that LangChain reports as failed: LangGraph throws for control flow too, and an abort is what the host
 * asked for.
 */
export function mapError(error: unknown): RunEnd {
  if (isBubbleUp(error)) {
    return mapBubbleUp(error)
  }
  return isPlainAbort(error)
    ? { status: 'cancelled', reason: reasons.aborted }
    : { ...reportedEnd(error), errorMessage: tidyMessage(error) }
}

/* An address for help, which LangChain puts behind the messages of errors that it knows. */
const HELP = /\s*Troubleshooting URL: \S+\s*$/

function tidyMessage(error: unknown): string | undefined {
  const message = readText(error, 'message')
  return message !== undefined && HELP.test(message) ? message.replace(HELP, '') : undefined
}

/** True for what LangGraph throws for control flow. */
export function isBubbleUp(error: unknown): error is BubbleUpLike {
  return isObject(error) && error['is_bubble_up'] === true
}

function mapBubbleUp(error: BubbleUpLike): RunEnd {
  if (isList(error.interrupts)) {
    return { status: 'interrupted' }
  }
  if (read(error, 'name') === 'GraphDrained') {
    return { status: 'cancelled', reason: reasons.aborted }
  }
  return { status: 'ok', metadata: { [attributes.handoffTo]: mapTarget(error.command) } }
}

/* Where a command goes: a node, or several, or a `Send` for one. */
function mapTarget(command: unknown): string | undefined {
  const goto = read(command, 'goto')
  const names = (isList(goto) ? goto : [goto])
    .map((target) => (isObject(target) ? target['node'] : target))
    .filter(isText)
  return names.length === 0 ? undefined : names.join(', ')
}

function isPlainAbort(error: unknown): boolean {
  return read(error, 'name') === 'Error' && ABORT_MESSAGE.test(readText(error, 'message') ?? '')
}

/** True for an error that a chain returned as if it were a result, as `batch` with `returnExceptions` makes it do. */
export function isReturnedError(output: unknown): boolean {
  return Object.prototype.toString.call(output) === '[object Error]'
}
