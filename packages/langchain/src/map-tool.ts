import { isList, isObject, isText, read, reportedFailure } from '@trulayer/core/internal'
import { isMessage, mapToolContent, roleOf } from './map-messages.ts'
import type { CommandLike } from './types.ts'

/** What a tool answered. */
export interface ToolOutcome {
  readonly output: unknown
  /** The text of a failure that the tool reported instead of throwing it. */
  readonly failure: string | undefined
  readonly name: string | undefined
  readonly callId: string | undefined
  /** True where the message says that the tool succeeded. Older versions say nothing. */
  readonly isSuccess: boolean
  /** True where the tool handed the program something that the model does not see. */
  readonly hasArtifact: boolean
}

/** A tool's arguments: the object where the text is JSON of one, else the text. */
export function mapToolInput(input: unknown): unknown {
  if (typeof input !== 'string' || !/^\s*[[{]/.test(input)) {
    return input
  }
  try {
    return JSON.parse(input)
  } catch {
    // A text that only looks like JSON.
    return input
  }
}

/** What a tool returned: the message for the model, also inside a `Command`; else the value as it is. */
export function mapToolOutput(value: unknown): ToolOutcome {
  const message = isToolMessage(value) ? value : messageOfCommand(value)
  if (message === undefined) {
    return {
      output: value,
      failure: reportedFailure(value),
      name: undefined,
      callId: undefined,
      isSuccess: false,
      hasArtifact: false,
    }
  }
  const output = mapToolContent(message['content'])
  const { name, tool_call_id: callId } = message
  return {
    output,
    failure: message['status'] === 'error' ? failureText(output) : reportedFailure(output),
    name: isText(name) ? name : undefined,
    callId: isText(callId) ? callId : undefined,
    isSuccess: message['status'] === 'success',
    hasArtifact: message['artifact'] !== undefined && message['artifact'] !== null,
  }
}

/**
 * The messages of tools in what a node answers: a message, a `Command` with some in its update, a part of the graph's
 * state that holds some, or a list of all that.
 */
export function toolMessagesIn(outputs: unknown): readonly unknown[] {
  if (isList(outputs)) {
    return outputs.flatMap(toolMessagesIn)
  }
  if (isToolMessage(outputs)) {
    return [outputs]
  }
  if (!isObject(outputs) || isMessage(outputs)) {
    return []
  }
  if (outputs['lg_name'] === 'Command') {
    return toolMessagesIn(outputs['update'])
  }
  return Object.entries(outputs).flatMap(([key, value]) =>
    key === 'output' ? toolMessagesIn(value) : isList(value) ? latestToolMessages(value) : [],
  )
}

/* A state holds the whole conversation, whose earlier turns may have used the same call ids. */
function latestToolMessages(messages: readonly unknown[]): readonly unknown[] {
  const lastQuestion = messages.findLastIndex(
    (message) => isMessage(message) && roleOf(message) === 'user',
  )
  return messages.slice(lastQuestion + 1).filter(isToolMessage)
}

function messageOfCommand(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(value)) {
    return undefined
  }
  const { update }: CommandLike = value
  const messages = read(update, 'messages')
  return isList(messages) ? messages.find(isToolMessage) : undefined
}

function isToolMessage(value: unknown): value is Readonly<Record<string, unknown>> {
  return isMessage(value) && roleOf(value) === 'tool'
}

function failureText(output: unknown): string {
  return isText(output) ? output : 'the tool failed'
}
