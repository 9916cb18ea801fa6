import {
  type Fields,
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

/** A list of messages in any of the shapes that an agent takes; `undefined` for what is none. */
export function mapMessages(messages: unknown): Message[] | undefined {
  return hasMessages(messages) ? listOf(messages)?.map(mapMessage) : undefined
}

/** What a model call was given. A span of the host's own may hold the prompt alone. */
export function mapPrompt(input: unknown): Message[] | undefined {
  const prompt = isText(input) ? input : readText(input, 'prompt')
  return mapMessages(prompt === undefined ? input : [prompt])
}

/** True for what holds messages. */
export function hasMessages(messages: unknown): boolean {
  return (listOf(messages)?.length ?? 0) > 0
}

function listOf(messages: unknown): readonly unknown[] | undefined {
  return isList(messages) ? messages : readMessages(messages)
}

/* The legacy methods put the whole call into the input. */
function readMessages(value: unknown): readonly unknown[] | undefined {
  const messages = read(value, 'messages')
  return isList(messages) ? messages : typeof messages === 'string' ? [messages] : undefined
}

/** The answer of one model call as a message. */
export function mapAnswer(output: unknown): Message | undefined {
  const parts: MessagePart[] = []
  const reasoning = mapReasoning(read(output, 'reasoning'))
  if (reasoning !== undefined) {
    parts.push({ type: 'reasoning', content: reasoning })
  }
  const text = isText(output) ? output : readText(output, 'text')
  if (text !== undefined) {
    parts.push({ type: 'text', content: text })
  }
  for (const call of readList(output, 'toolCalls')) {
    parts.push(mapToolCall(call))
  }
  const object = read(output, 'object')
  if (parts.length === 0 && object !== undefined) {
    parts.push({ type: 'text', content: JSON.stringify(object) ?? '' })
  }
  return parts.length === 0 ? undefined : { role: 'assistant', parts }
}

/** What a tool answered, as the model sees it. */
export function toolMessage(callId: string | undefined, response: unknown): Message {
  return { role: 'tool', parts: [{ type: 'tool_call_response', id: callId, response }] }
}

function mapMessage(message: unknown): Message {
  if (!isObject(message)) {
    return { role: 'user', parts: [{ type: 'text', content: String(message) }] }
  }
  const role = readText(message, 'role') ?? 'user'
  const { content } = message
  if (typeof content === 'string') {
    return { role, parts: [{ type: 'text', content }] }
  }
  // A message of Mastra's own database keeps its parts one level lower.
  const parts = isList(content)
    ? content
    : [...readList(content, 'parts'), ...readList(message, 'parts')]
  return { role, parts: parts.map(mapPart) }
}

function mapPart(part: unknown): MessagePart {
  if (!isObject(part)) {
    return { type: 'text', content: String(part) }
  }
  switch (part['type']) {
    case 'text':
      return { type: 'text', content: readText(part, 'text') ?? '' }
    case 'reasoning':
      return { type: 'reasoning', content: mapReasoning(part) ?? '' }
    case 'tool-call':
      return mapToolCall(part)
    case 'tool-result':
      return {
        type: 'tool_call_response',
        id: readText(part, 'toolCallId'),
        response: mapToolOutput(part['output'] ?? part['result']),
      }
    case 'tool-invocation':
      return mapToolCall(part['toolInvocation'])
    case 'image':
    case 'file':
      return mapMedia(part)
    default:
      return { type: 'other', content: part }
  }
}

function mapToolCall(call: unknown): MessagePart {
  return {
    type: 'tool_call',
    id: readText(call, 'toolCallId') ?? readText(call, 'id'),
    name: readText(call, 'toolName') ?? readText(call, 'name') ?? 'tool',
    arguments: mapArguments(read(call, 'args') ?? read(call, 'input')),
  }
}

/* Some providers' arguments come as JSON text. */
function mapArguments(value: unknown): unknown {
  if (typeof value !== 'string') {
    return value
  }
  try {
    return JSON.parse(value)
  } catch {
    // The model wrote no valid JSON: shown as it is.
    return value
  }
}

/** What a tool answered, in the clear: `{type: 'text' | 'json', value}` since version 5 of the AI SDK's messages. */
export function mapToolOutput(output: unknown): unknown {
  const value = read(output, 'value')
  return value !== undefined && readText(output, 'type') !== undefined ? value : output
}

function mapMedia(part: Fields): MessagePart {
  return mediaPart(
    part['data'] ?? part['image'] ?? part['url'],
    readText(part, 'mediaType') ?? readText(part, 'mimeType'),
  )
}

function mapReasoning(reasoning: unknown): string | undefined {
  if (isList(reasoning)) {
    const texts = reasoning.flatMap((part) => mapReasoning(part) ?? [])
    return texts.length === 0 ? undefined : texts.join('')
  }
  return typeof reasoning === 'string' && reasoning !== ''
    ? reasoning
    : (readText(reasoning, 'text') ?? readText(reasoning, 'payload', 'text'))
}
