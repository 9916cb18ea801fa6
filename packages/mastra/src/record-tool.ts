import { attributes, read, readText, type Recorder, type Run } from '@trulayer/core/internal'

import type { Conversation, ToolUse } from './conversation.ts'
import { failedEnd, mapError, refusalOf } from './map-error.ts'
import type { MastraSpan } from './types.ts'

const CLIENT_TOOL = 'client_tool_call'
/* Runs at the provider, within the model call. */
const PROVIDER_TOOL = 'provider_tool_call'

/** What is known of a tool when it begins. */
export function mapTool(span: MastraSpan): Record<string, unknown> {
  return {
    [attributes.operationName]: 'execute_tool',
    [attributes.toolCallId]: readText(span.attributes, 'toolCallId'),
  }
}

/** Notes a tool that begins. */
export function startTool(
  recorder: Recorder,
  span: MastraSpan,
  run: Run,
  conversation: Conversation | undefined,
): void {
  const callId = readText(span.attributes, 'toolCallId')
  if (conversation === undefined) {
    return
  }
  const { call } = conversation
  if (call !== undefined && span.type !== CLIENT_TOOL && span.type !== PROVIDER_TOOL) {
    call.toolsBeganAt ??= run.startedAt
    if (call.run.isHeld) {
      // Its stream is over, though its span goes on.
      recorder.update(call.run, { held: false })
    }
  }
  conversation.tools.push({ run, name: run.name, input: span.input, callId, output: undefined })
}

/** Ends a tool. */
export function endTool(
  recorder: Recorder,
  span: MastraSpan,
  run: Run,
  conversation: Conversation | undefined,
): void {
  const use = conversation?.tools.find((candidate) => candidate.run === run)
  if (use !== undefined) {
    use.output = span.output ?? read(span.errorInfo, 'message')
  }
  const error = mapError(span.errorInfo) ?? refusalOf(span.attributes, span.output)
  const endedAt = recorder.now()
  // Its start has told the former, but in versions that have it in the metadata of the end alone.
  const input = run.input === undefined ? (span.input ?? read(span.metadata, 'args')) : undefined
  const told = { input, output: span.output }
  if (error !== undefined) {
    recorder.end(run, { ...told, ...failedEnd(run, error) })
  } else if (conversation !== undefined && span.type === CLIENT_TOOL) {
    recorder.update(run, told)
    conversation.waiting.push({ run, endedAt, kind: 'tool' })
  } else if (
    conversation?.owner?.isOpen === true &&
    span.output === undefined &&
    read(span.attributes, 'success') !== true
  ) {
    // A tool that has suspended itself ends like one that returns nothing.
    recorder.update(run, told)
    conversation.undecided.push({ run, endedAt, kind: 'tool' })
  } else {
    recorder.end(run, told)
  }
}

/**
 * Finds the tool that ran for a call of the model's. Versions before 1.60 do not report the id of the call, so that name and
 * arguments have to do.
 *
 * @param candidates - the tools that ran since, without those of the answer's other calls, which may have the same id
 */
export function noteCallOf(
  recorder: Recorder,
  candidates: readonly ToolUse[],
  asked: unknown,
): ToolUse | undefined {
  const callId = readText(asked, 'toolCallId')
  const sameId = candidates.filter((use) => callId !== undefined && use.callId === callId)
  const use =
    sameId.find((candidate) => hasSameInput(candidate, asked)) ??
    sameId[0] ??
    candidates.find((candidate) => isSame(candidate, asked))
  if (use !== undefined && use.callId === undefined) {
    use.callId = callId
    recorder.update(use.run, { metadata: { [attributes.toolCallId]: callId } })
  }
  return use
}

function isSame(use: ToolUse, asked: unknown): boolean {
  return (
    use.callId === undefined &&
    use.name === readText(asked, 'toolName') &&
    (use.input === undefined || hasSameInput(use, asked))
  )
}

function hasSameInput(use: ToolUse, asked: unknown): boolean {
  return JSON.stringify(use.input) === JSON.stringify(read(asked, 'args'))
}
