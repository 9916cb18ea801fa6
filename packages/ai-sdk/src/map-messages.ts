import {
  type Fields,
  isObject,
  mediaPart,
  type Message,
  type MessagePart,
} from '@trulayer/core/internal'

import { parseArguments } from './parse-arguments.ts'
import { fieldOf, textOrUndefined } from './types.ts'

/** A prompt, as the SDK's callers or its models know it, in the shape that every framework shares. */
export function mapMessages(prompt: unknown): Message[] | undefined {
  if (!Array.isArray(prompt)) {
    return undefined
  }
  const messages: Message[] = []
  for (const message of prompt) {
    if (isObject(message)) {
      addMessage(messages, mapMessage(message))
    }
  }
  return messages
}

/** The parts that a model wrote, as one message. */
export function mapContent(content: readonly unknown[]): Message[] {
  const parts = mapParts(content)
  return parts.length === 0 ? [] : [{ role: 'assistant', parts }]
}

function mapMessage(message: Fields): Message {
  const { content } = message
  return {
    role: textOrUndefined(message['role']) ?? 'user',
    parts: Array.isArray(content)
      ? mapParts(content)
      : typeof content === 'string'
        ? [{ type: 'text', content }]
        : [],
  }
}

/* The SDK puts the results of one step into one message; elsewhere each is a message, as on the wire of most providers. */
function addMessage(messages: Message[], message: Message): void {
  if (message.role !== 'tool' || message.parts.length <= 1) {
    messages.push(message)
    return
  }
  for (const part of message.parts) {
    messages.push({ role: 'tool', parts: [part] })
  }
}

/*
 * A custom part holds nothing but the provider's own metadata, such as the start of a message of Anthropic, so that it is
 * not content.
 */
function mapParts(parts: readonly unknown[]): MessagePart[] {
  return parts.filter((part) => fieldOf(part, 'type') !== 'custom').map(mapPart)
}

/* The parts of every specification version; their names never mean two things. */
function mapPart(part: unknown): MessagePart {
  switch (fieldOf(part, 'type')) {
    case 'text':
      return { type: 'text', content: plainText(fieldOf(part, 'text')) }
    case 'reasoning':
      return { type: 'reasoning', content: plainText(fieldOf(part, 'text')) }
    case 'image':
      return mediaPart(fieldOf(part, 'image'), mediaTypeOf(part))
    case 'file':
    case 'reasoning-file':
      return mapFile(part)
    case 'tool-call':
      return {
        type: 'tool_call',
        id: textOrUndefined(fieldOf(part, 'toolCallId')),
        name: plainText(fieldOf(part, 'toolName')),
        arguments: parseArguments(fieldOf(part, 'input') ?? fieldOf(part, 'args')),
      }
    case 'tool-result':
      return {
        type: 'tool_call_response',
        id: textOrUndefined(fieldOf(part, 'toolCallId')),
        response: mapToolOutput(fieldOf(part, 'output')) ?? fieldOf(part, 'result'),
      }
    default:
      return mapOther(part)
  }
}

/* Sources, approvals, citations and what providers invent, without what is meant for the provider alone. */
function mapOther(part: unknown): MessagePart {
  if (!isObject(part)) {
    return { type: 'other', content: part }
  }
  const { providerOptions: _options, providerMetadata: _metadata, data: _data, ...content } = part
  return { type: 'other', content }
}

/* From version 4 the content of a file is tagged with what it is; before it was bare. */
function mapFile(part: unknown): MessagePart {
  const data = fieldOf(part, 'data')
  const mediaType = mediaTypeOf(part)
  switch (fieldOf(data, 'type')) {
    case 'data':
      return mediaPart(fieldOf(data, 'data'), mediaType)
    case 'url':
      return mediaPart(fieldOf(data, 'url'), mediaType)
    case 'text':
      return { type: 'text', content: plainText(fieldOf(data, 'text')) }
    case 'reference':
      return mapReference(fieldOf(data, 'reference'), mediaType)
    default:
      return mediaPart(data ?? fieldOf(part, 'url'), mediaType)
  }
}

/* An id, or the ids that several providers know the file by. */
function mapReference(reference: unknown, mediaType: string | undefined): MessagePart {
  const id = isObject(reference) ? Object.values(reference)[0] : reference
  return { type: 'file', mime_type: mediaType, file_id: plainText(id) }
}

/* What the model is shown of a tool's result. */
function mapToolOutput(output: unknown): unknown {
  const value = fieldOf(output, 'value')
  switch (fieldOf(output, 'type')) {
    case 'text':
    case 'json':
    case 'error-text':
    case 'error-json':
      return value
    case 'execution-denied':
      return fieldOf(output, 'reason') ?? 'execution denied'
    case 'content':
      return Array.isArray(value) ? value.map(mapToolContent) : value
    default:
      return output
  }
}

function mapToolContent(part: unknown): unknown {
  switch (fieldOf(part, 'type')) {
    case 'file-url':
    case 'image-url':
      return mediaPart(fieldOf(part, 'url'), mediaTypeOf(part))
    case 'file-id':
    case 'image-file-id':
      return mapReference(fieldOf(part, 'fileId'), mediaTypeOf(part))
    case 'media':
    case 'file-data':
    case 'image-data':
      return mapFile(part)
    default:
      return mapPart(part)
  }
}

function mediaTypeOf(part: unknown): string | undefined {
  return textOrUndefined(fieldOf(part, 'mediaType') ?? fieldOf(part, 'mimeType'))
}

function plainText(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
}
