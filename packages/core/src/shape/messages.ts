import type { JsonValue } from './json.ts'
import { base64Bytes, type BlobPart, blobPart, dataUrlPart } from './media.ts'
import { isObject } from './read.ts'

/** Text that a person, a model or a tool wrote. */
export interface TextPart {
  readonly type: 'text'
  readonly content: string
}

/** What a model thought aloud. */
export interface ReasoningPart {
  readonly type: 'reasoning'
  readonly content: string
}

/** A call that a model asks for. */
export interface ToolCallPart {
  readonly type: 'tool_call'
  readonly id?: string | undefined
  readonly name: string
  readonly arguments?: unknown
}

/** What a tool answered to a call. */
export interface ToolCallResponsePart {
  readonly type: 'tool_call_response'
  readonly id?: string | undefined
  readonly response: unknown
}

/** Content that lives at an address. */
export interface UriPart {
  readonly type: 'uri'
  readonly mime_type?: string | undefined
  readonly uri: string
}

/** Content that the provider keeps under an id. */
export interface FilePart {
  readonly type: 'file'
  readonly mime_type?: string | undefined
  readonly file_id: string
}

/** Anything else that a provider may put into a message, under the provider's own type. */
export interface OtherPart {
  readonly type: 'other'
  readonly content: unknown
}

/** One part of a message. */
export type MessagePart =
  | TextPart
  | ReasoningPart
  | ToolCallPart
  | ToolCallResponsePart
  | BlobPart
  | UriPart
  | FilePart
  | OtherPart

/**
 * A message in the shape of the OpenTelemetry GenAI conventions (`gen_ai.input.messages`), the same from every framework.
 */
export interface Message {
  /** `system`, `user`, `assistant` or `tool`; frameworks know a few more. */
  readonly role: string
  readonly parts: readonly MessagePart[]
}

/** The text of one message, its parts joined as they follow one another; `undefined` when it holds none. */
function textOf(message: unknown): string | undefined {
  if (!isObject(message) || !Array.isArray(message['parts'])) {
    return undefined
  }
  const texts = message['parts'].flatMap((part: unknown) =>
    isObject(part) && part['type'] === 'text' && typeof part['content'] === 'string'
      ? [part['content']]
      : [],
  )
  return texts.length === 0 ? undefined : texts.join('')
}

/** The user's latest text in a list of messages: what a trace shows as its input. */
export function latestUserText(messages: unknown): string | undefined {
  return latestText(messages, 'user')
}

/** All texts of the user in a list of messages, a line each; `undefined` without any. */
export function userTexts(messages: unknown): string | undefined {
  const texts = (Array.isArray(messages) ? messages : []).flatMap((message: unknown) =>
    isObject(message) && message['role'] === 'user' ? (textOf(message) ?? []) : [],
  )
  return texts.length === 0 ? undefined : texts.join('\n')
}

/** The latest text of the model in a list of messages: what a trace shows as its output. */
export function latestAssistantText(messages: unknown): string | undefined {
  return latestText(messages, 'assistant')
}

function latestText(messages: unknown, role: string): string | undefined {
  if (!Array.isArray(messages)) {
    return undefined
  }
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message: unknown = messages[index]
    if (isObject(message) && message['role'] === role) {
      const text = textOf(message)
      if (text !== undefined) {
        return text
      }
    }
  }
  return undefined
}

/** True for what is a list of messages in our shape. */
export function isMessageList(value: JsonValue | undefined): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(
      (entry: unknown) =>
        isObject(entry) && typeof entry['role'] === 'string' && Array.isArray(entry['parts']),
    )
  )
}

/**
 * Media as a part: an address stays an address, and content is replaced by its kind and size, whatever form it came in
 * (base64 text, a data URL, a typed array, an `ArrayBuffer`, a `URL`).
 *
 * @param data - the content or its address
 * @param mediaType - what the framework says that it is; a data URL's own type wins
 */
export function mediaPart(data: unknown, mediaType: string | undefined): BlobPart | UriPart {
  if (data instanceof URL) {
    return mediaPart(data.href, mediaType)
  }
  if (typeof data !== 'string') {
    return blobPart(mediaType, byteLengthOf(data))
  }
  const url = dataUrlPart(data, { mediaType, isMedia: true })
  if (url !== undefined) {
    return url
  }
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(data)
    ? { type: 'uri', ...(mediaType === undefined ? {} : { mime_type: mediaType }), uri: data }
    : blobPart(mediaType, base64Bytes(data))
}

function byteLengthOf(data: unknown): number | undefined {
  return isObject(data) && typeof data['byteLength'] === 'number' ? data['byteLength'] : undefined
}
