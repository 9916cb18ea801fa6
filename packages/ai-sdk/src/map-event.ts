import { type Fields, isObject } from '@trulayer/core/internal'

import { fieldOf, textOrUndefined } from './types.ts'

/* Functions of the SDK that are recorded. */
const FUNCTIONS = new Set([
  'ai.generateText',
  'ai.streamText',
  'ai.generateObject',
  'ai.streamObject',
  'ai.embed',
  'ai.embedMany',
  'ai.rerank',
])

/* Operations that are neither these nor turns of an agent. */
const NO_AGENT =
  /^ai\.(?:generate|stream|start|get)?-?(?:image|speech|video|transcri|translat|decide|evaluat|extract|upload|batch|embed|rerank|object|realtime)/i

/** What an operation of version 7 is recorded as: a function of the SDK, the turn of an agent, or not at all. */
export function kindOfOperation(operationId: string): 'function' | 'agent' | 'ignored' {
  if (FUNCTIONS.has(operationId)) {
    return 'function'
  }
  return NO_AGENT.test(operationId) ? 'ignored' : 'agent'
}

/** The name of an operation: that of `ai.workflowAgent.stream` is `workflowAgent`. */
export function mapOperationName(operationId: string): string {
  const [first = '', second] = operationId.split('.')
  return second ?? (first === '' ? 'agent' : first)
}

/**
 * The error of an operation. Agents of other packages report the error itself as the event, of which the SDK makes a copy
 * without its message.
 */
export function mapError(event: unknown): unknown {
  if (fieldOf(event, 'callId') !== undefined) {
    return fieldOf(event, 'error')
  }
  const message = textOrUndefined(fieldOf(event, 'message')) ?? 'the message was not reported'
  return { name: textOrUndefined(fieldOf(event, 'name')) ?? 'Error', message }
}

/** The outcome of a tool. Agents of other packages report it in fields of the event. */
export function mapToolOutput(event: unknown): unknown {
  const isSuccess = fieldOf(event, 'success')
  return (
    fieldOf(event, 'toolOutput') ??
    (isSuccess === false
      ? { type: 'tool-error', error: fieldOf(event, 'error') }
      : { output: fieldOf(event, 'output') })
  )
}

/** The format that an operation asks its model for. Objects are JSON, with a schema unless any will do. */
export function mapResponseFormat(operationId: string, schema: unknown): object | undefined {
  return operationId.endsWith('Object') ? { type: 'json', schema } : undefined
}

/** The model of an event. */
export function mapModel(event: unknown): Fields {
  return { modelId: fieldOf(event, 'modelId'), provider: fieldOf(event, 'provider') }
}

/** The options of a model call as an event reports them, with the instructions as the first message. */
export function mapPrompt(event: unknown): Fields {
  const instructions = fieldOf(event, 'instructions')
  const messages = fieldOf(event, 'messages')
  const system =
    typeof instructions === 'string'
      ? [{ role: 'system', content: instructions }]
      : Array.isArray(instructions)
        ? instructions
        : isObject(instructions)
          ? [instructions]
          : []
  return {
    ...(isObject(event) && event),
    prompt: [...system, ...(Array.isArray(messages) ? messages : [])],
  }
}
