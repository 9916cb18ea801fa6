import {
  guard,
  read,
  readText,
  type Reason,
  reasons,
  type Recorder,
  type Run,
  type RunEnd,
  type RunFields,
} from '@trulayer/core/internal'

import type { Conversation } from './conversation.ts'
import { failedEnd, latestErrorOf, mapError } from './map-error.ts'
import { mapMessages } from './map-messages.ts'
import { settle } from './settle.ts'
import { stoppedBy, tripwireEnd } from './stop-agent.ts'
import type { MastraSpan } from './types.ts'

const ABORTED: ReadonlySet<unknown> = new Set(['aborted', 'abort', 'tripwire'])

/** What an agent was given, as messages where it was given any. */
export function mapAgentInput(input: unknown): Pick<RunFields, 'input' | 'inputMessages'> {
  const messages = guard('the input of an agent', () => mapMessages(input))
  return messages === undefined ? { input } : { inputMessages: messages }
}

/** Ends a run of an agent, and with it everything whose outcome was not told. */
export function endAgent(
  recorder: Recorder,
  span: MastraSpan,
  run: Run,
  conversation: Conversation,
): void {
  const outcome = mapOutcome(span, run, conversation)
  settle(recorder, conversation, outcome)
  recorder.end(run, { ...outcome, output: mapAgentOutput(span.output, conversation) })
}

function mapOutcome(span: MastraSpan, run: Run, conversation: Conversation): RunEnd {
  const { attributes: told, output } = span
  const { stop } = conversation
  if (read(told, 'tripwireAbort') !== undefined || hasTripwire(output)) {
    return tripwireEnd(
      readText(told, 'tripwireAbort', 'processorId') ??
        readText(output, 'tripwire', 'processorId') ??
        stop?.processor,
    )
  }
  if (stop !== undefined && stop.error === undefined) {
    return tripwireEnd(stop.processor)
  }
  const status = readText(output, 'status')
  if (status === 'suspended') {
    return { status: 'interrupted', reason: pauseReason(output) }
  }
  if (status === 'aborted') {
    return { status: 'cancelled', reason: reasons.aborted }
  }
  const error = mapError(span.errorInfo) ?? stop?.error
  if (error !== undefined) {
    return failedEnd(run, error)
  }
  // An abort without a word of it, up to 1.30 under the name of a tripwire.
  if (isCut(output, conversation)) {
    return { status: 'cancelled', reason: reasons.aborted }
  }
  return conversation.waiting.length > 0
    ? { status: 'interrupted', reason: reasons.clientTool }
    : { status: 'ok' }
}

/* A tool may wait for anything that its program says. Only a wait for approval has a reason of its own. */
function pauseReason(output: unknown): Reason | undefined {
  return readText(output, 'reason') === 'approval' ? reasons.approval : undefined
}

function isCut(output: unknown, { finishReason, undecided }: Conversation): boolean {
  return (
    (output === undefined && ABORTED.has(finishReason)) ||
    (finishReason === undefined && undecided.some(({ kind }) => kind === 'cut'))
  )
}

function hasTripwire(output: unknown): boolean {
  const tripwire = read(output, 'tripwire')
  return tripwire !== undefined && tripwire !== null && tripwire !== false && tripwire !== ''
}

/*
 * The final answer. Mastra's own text holds those of all steps in one.
 */
function mapAgentOutput(output: unknown, conversation: Conversation): unknown {
  if (readText(output, 'status') !== undefined || hasTripwire(output)) {
    return conversation.answer
  }
  return read(output, 'object') ?? conversation.answer ?? readText(output, 'text') ?? output
}

/** How a workflow or a step of one ended. */
export function workflowOutcome(span: MastraSpan, run: Run): RunEnd {
  const error = mapError(span.errorInfo)
  switch (readText(span.attributes, 'status')) {
    case 'suspended':
    case 'waiting':
    case 'paused':
      return { status: 'interrupted' }
    case 'canceled':
    case 'cancelled':
      return { status: 'cancelled', reason: reasons.aborted }
    case 'tripwire':
      return tripwireEnd(stoppedBy(run))
    case 'failed':
      return stoppedEnd(span, run) ?? failedEnd(run, error ?? latestErrorOf(run))
    case undefined:
    default:
      return error === undefined ? {} : (stoppedEnd(span, run) ?? failedEnd(run, error))
  }
}

/* A step that runs an agent or a processor fails with the text of the processor that stopped it. */
function stoppedEnd(span: MastraSpan, run: Run): RunEnd | undefined {
  const text = readText(span.errorInfo, 'message')
  const processor = text === undefined ? undefined : stoppedBy(run, text)
  return processor === undefined ? undefined : tripwireEnd(processor)
}
