import { isObject } from '@trulayer/core/internal'
import { fieldOf } from './types.ts'

/** What a model answered, as far as it is known: parts as in a result of specification version 2 and later. */
export interface Answer {
  readonly content: readonly unknown[]
  readonly finishReason?: unknown
  readonly usage?: unknown
  readonly providerMetadata?: unknown
  /** Holds the provider's `id` and `modelId`. */
  readonly response?: unknown
}

/** The result of `doGenerate`. */
export function readAnswer(result: unknown): Answer {
  const content = fieldOf(result, 'content')
  return {
    content: Array.isArray(content) ? content : contentOfFirst(result),
    finishReason: fieldOf(result, 'finishReason'),
    usage: fieldOf(result, 'usage'),
    providerMetadata: fieldOf(result, 'providerMetadata'),
    response: fieldOf(result, 'response'),
  }
}

/** The text of an answer, without reasoning; `undefined` when there is none. */
export function textOfAnswer(answer: Answer): string | undefined {
  let text = ''
  for (const part of answer.content) {
    const piece = fieldOf(part, 'type') === 'text' ? fieldOf(part, 'text') : undefined
    text += typeof piece === 'string' ? piece : ''
  }
  return text === '' ? undefined : text
}

/* Version 1 keeps text, reasoning, files and tool calls apart. */
function contentOfFirst(result: unknown): unknown[] {
  const reasoning = fieldOf(result, 'reasoning')
  const text = fieldOf(result, 'text')
  return [
    ...(typeof reasoning === 'string' ? [{ type: 'reasoning', text: reasoning }] : []),
    ...listOf(reasoning).map((part) => ({ type: 'reasoning', text: fieldOf(part, 'text') ?? '' })),
    ...(typeof text === 'string' && text !== '' ? [{ type: 'text', text }] : []),
    ...listOf(fieldOf(result, 'files')).map((file) => typed('file', file)),
    ...listOf(fieldOf(result, 'toolCalls')).map((call) => typed('tool-call', call)),
  ]
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function typed(type: string, value: unknown): object {
  return isObject(value) ? { ...value, type } : { type }
}
