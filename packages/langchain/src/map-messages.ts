import {
  isList,
  isObject,
  isText,
  type Message,
  type MessagePart,
  read,
  readList,
  readText,
} from '@trulayer/core/internal'

import { mapContentBlocks } from './map-content-block.ts'
import type { MessageLike, ToolCallLike } from './types.ts'

const ROLES: ReadonlyMap<string, string> = new Map([
  ['human', 'user'],
  ['user', 'user'],
  ['ai', 'assistant'],
  ['assistant', 'assistant'],
  ['system', 'system'],
  ['developer', 'developer'],
  ['tool', 'tool'],
  ['function', 'tool'],
])

/** Messages of any form that LangChain takes, in the field's shape. */
export function mapMessages(messages: readonly unknown[]): Message[] {
  return messages.map((message) => mapMessage(message))
}

/** One message: an instance, a plain object, a pair of role and content, or the text of a user. */
export function mapMessage(message: unknown): Message {
  if (isList(message)) {
    return { role: toRole(message[0]), parts: mapContent(message[1]) }
  }
  if (!isObject(message)) {
    return { role: 'user', parts: mapContent(message) }
  }
  const role = roleOf(message)
  return { role, parts: role === 'tool' ? [mapToolResponse(message)] : mapParts(message) }
}

/** True for a message: an instance, or a plain object with a role and a content. */
export function isMessage(value: unknown): value is MessageLike {
  if (!isObject(value)) {
    return false
  }
  return typeOf(value) !== undefined && value['content'] !== undefined
}

/** True for a word that LangChain takes for the role of a message. */
export function isRoleName(value: unknown): boolean {
  return isText(value) && ROLES.has(value)
}

/** The role of a message in the field's words. */
export function roleOf(message: unknown): string {
  if (isList(message)) {
    return toRole(message[0])
  }
  if (!isObject(message)) {
    return 'user'
  }
  const type = typeOf(message)
  // A `ChatMessage` is of the type `generic` and says itself who speaks.
  return toRole(type === 'generic' ? message['role'] : type)
}

/** True for a message that is made of the chunks of a stream: it has a list of those of its calls. */
export function isStreamed(message: unknown): boolean {
  return isList(read(message, 'tool_call_chunks'))
}

/** The tool calls of a message, valid or not. */
export function toolCallsOf(message: unknown): readonly ToolCallLike[] {
  return [read(message, 'tool_calls'), read(message, 'invalid_tool_calls')].flatMap((calls) =>
    isList(calls) ? calls.filter(isObject) : [],
  )
}

/** The text of a content, its blocks joined; `undefined` when it holds none. */
export function contentText(content: unknown): string | undefined {
  const texts = mapContent(content).flatMap((part) => (part.type === 'text' ? [part.content] : []))
  return texts.length === 0 ? undefined : texts.join('')
}

/** What a tool answered, as the content of its message: a text, or parts where there is more than text. */
export function mapToolContent(content: unknown): unknown {
  const parts = mapContent(content)
  return parts.every((part) => part.type === 'text') ? (contentText(content) ?? '') : parts
}

/* Of instances the method alone is right: a content block or a document may well have a `type`. */
function typeOf(message: MessageLike): string | undefined {
  const method = message.getType ?? read(message, '_getType')
  if (typeof method === 'function') {
    const type: unknown = Reflect.apply(method, message, [])
    return isText(type) ? type : undefined
  }
  if (isText(message.role)) {
    return message.role
  }
  return isText(message.type) && ROLES.has(message.type) ? message.type : undefined
}

function toRole(type: unknown): string {
  return isText(type) ? (ROLES.get(type) ?? type) : 'user'
}

function mapParts(message: MessageLike): MessagePart[] {
  const content = mapContent(message.content, isStreamed(message))
  const isThought = content.map(({ type }) => type === 'reasoning')
  const afterThoughts = isThought.includes(false) ? isThought.indexOf(false) : content.length
  return [
    ...(isThought.includes(true) ? [] : mapOutlyingThoughts(message.additional_kwargs)),
    ...content.slice(0, afterThoughts),
    ...mapProviderTools(message, content),
    ...content.slice(afterThoughts),
    ...toolCallsOf(message).map((call) => mapToolCall(call)),
  ]
}

/* Thoughts beside the content: of Ollama and DeepSeek, and of OpenAI's responses before version 1. */
function mapOutlyingThoughts(details: unknown): MessagePart[] {
  const thoughts = [
    read(details, 'reasoning_content'),
    ...readList(details, 'reasoning', 'summary').map((entry) => read(entry, 'text')),
  ]
  return thoughts.filter(isText).map((content) => ({ type: 'reasoning', content }))
}

/* Calls that LangChain has among the tool calls as well. */
const TOOL_CALL = /^(?:custom_tool|computer)_call$/

/*
 * Tools that ran at the provider, which OpenAI's responses have beside the content, except in the format of version 1. A
 * picture that one of them made is in the content since version 1.
 */
function mapProviderTools(message: MessageLike, content: readonly MessagePart[]): MessagePart[] {
  if (read(message.response_metadata, 'output_version') === 'v1') {
    return []
  }
  const hasPicture = content.some(({ type }) => type === 'blob')
  return readList(message.additional_kwargs, 'tool_outputs')
    .filter((output) => {
      const type = readText(output, 'type') ?? ''
      return !TOOL_CALL.test(type) && !(hasPicture && type === 'image_generation_call')
    })
    .map((output) => ({ type: 'other', content: output }))
}

function mapContent(content: unknown, ofStream = false): MessagePart[] {
  if (isList(content)) {
    return mapContentBlocks(content, ofStream)
  }
  return isText(content) ? [{ type: 'text', content }] : []
}

function mapToolCall(call: ToolCallLike): MessagePart {
  return {
    type: 'tool_call',
    ...(isText(call.id) ? { id: call.id } : {}),
    name: isText(call.name) ? call.name : '',
    arguments: call.args,
  }
}

function mapToolResponse(message: MessageLike): MessagePart {
  return {
    type: 'tool_call_response',
    ...(isText(message.tool_call_id) ? { id: message.tool_call_id } : {}),
    response: mapToolContent(message.content),
  }
}
