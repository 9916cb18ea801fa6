import {
  isList,
  isObject,
  isText,
  mediaPart,
  type Message,
  type MessagePart,
  read,
  readList,
  readText,
} from '@trulayer/core/internal'

/** A call that a model asks for. */
export interface ToolCall {
  readonly id: string | undefined
  readonly name: string
  readonly input: unknown
}

/** What a tool answered, as it stands in a message. */
export interface ToolResult {
  readonly id: string | undefined
  readonly result: unknown
  readonly isError: boolean
}

/** The messages that a model was given; `undefined` for what is no list. */
export function mapMessages(messages: unknown): Message[] | undefined {
  return isList(messages) ? messages.map((message) => mapMessage(message)) : undefined
}

/** One message. */
export function mapMessage(message: unknown): Message {
  const result = toolResultOf(message)
  if (result !== undefined) {
    // LlamaIndex lets the user say it.
    return {
      role: 'tool',
      parts: [{ type: 'tool_call_response', id: result.id, response: result.result }],
    }
  }
  return {
    role: readText(message, 'role') ?? 'user',
    parts: [...mapContent(read(message, 'content')), ...toolCallsOf(message).map(mapToolCall)],
  }
}

/** A model's answer. */
export function mapAnswer(text: string, calls: readonly ToolCall[]): Message[] | undefined {
  const parts: MessagePart[] = [
    ...(text === '' ? [] : [{ type: 'text' as const, content: text }]),
    ...calls.map(mapToolCall),
  ]
  return parts.length === 0 ? undefined : [{ role: 'assistant', parts }]
}

/** The calls that a message, or a part of a stream, asks for. */
export function toolCallsOf(message: unknown): ToolCall[] {
  return readList(message, 'options', 'toolCall').map((call) => ({
    id: readText(call, 'id'),
    name: readText(call, 'name') ?? 'tool',
    input: parseInput(read(call, 'input')),
  }))
}

/** The answer of a tool in a message. */
export function toolResultOf(message: unknown): ToolResult | undefined {
  const result = read(message, 'options', 'toolResult')
  return isObject(result)
    ? {
        id: readText(result, 'id'),
        result: result['result'],
        isError: result['isError'] === true,
      }
    : undefined
}

/** The text of a content, a message or an answer; `undefined` where there is none. */
export function textOf(value: unknown): string | undefined {
  if (isText(value)) {
    return value
  }
  if (isList(value)) {
    const texts = value.flatMap((part) => readText(part, 'text') ?? [])
    return texts.length === 0 ? undefined : texts.join('\n')
  }
  return isObject(value) ? textOf(value['content']) : undefined
}

function mapContent(content: unknown): MessagePart[] {
  if (isList(content)) {
    return content.map((part) => mapPart(part))
  }
  return isText(content) ? [{ type: 'text', content }] : []
}

function mapPart(part: unknown): MessagePart {
  const media = mediaOf(part)
  if (media !== undefined) {
    return mediaPart(media, readText(part, 'mimeType'))
  }
  const text = read(part, 'text')
  return typeof text === 'string'
    ? { type: 'text', content: text }
    : { type: 'other', content: part }
}

function mediaOf(part: unknown): unknown {
  return read(part, 'image_url', 'url') ?? read(part, 'data')
}

function mapToolCall({ id, name, input }: ToolCall): MessagePart {
  return { type: 'tool_call', id, name, arguments: input }
}

/* Arguments come as JSON text where a model was not streamed. */
function parseInput(input: unknown): unknown {
  if (typeof input !== 'string') {
    return input
  }
  try {
    const parsed: unknown = JSON.parse(input)
    return parsed
  } catch {
    // The model wrote no valid JSON, or not all of it yet: shown as it is.
    return input
  }
}
