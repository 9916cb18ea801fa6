import {
  type Fields,
  isList,
  isObject,
  isText,
  mediaPart,
  type MessagePart,
  read,
  readText,
} from '@trulayer/core/internal'

/* Calls stand on the message as well, where every integration puts them in one form. */
const CALL_BLOCK =
  /^(?:tool_use|tool_call|tool_call_chunk|input_json_delta|function_call|invalid_tool_call)$/

/** One block of a message's content, of any provider: none or one part, for reasoning one for each of its summaries. */
export function mapContentBlock(block: unknown): MessagePart[] {
  if (isText(block)) {
    return [{ type: 'text', content: block }]
  }
  if (!isObject(block)) {
    return []
  }
  const type = readText(block, 'type') ?? ''
  if (CALL_BLOCK.test(type)) {
    return []
  }
  return (
    mapThought(block, type) ??
    mapText(block) ??
    mapMedia(block) ?? [{ type: 'other', content: block }]
  )
}

function mapText(block: Fields): MessagePart[] | undefined {
  const text = block['text'] ?? block['refusal']
  if (typeof text !== 'string') {
    return undefined
  }
  return text === '' ? [] : [{ type: 'text', content: text }]
}

function mapThought(block: Fields, type: string): MessagePart[] | undefined {
  if (type !== 'reasoning' && type !== 'thinking' && type !== 'redacted_thinking') {
    return undefined
  }
  const { summary } = block
  const texts = isList(summary)
    ? summary.map((entry) => read(entry, 'text'))
    : [block['reasoning'] ?? block['thinking'] ?? block['text']]
  return texts.filter(isText).map((content) => ({ type: 'reasoning', content }))
}

/* LangChain's own blocks of both majors, and those of OpenAI, Anthropic and Google. */
function mapMedia(block: Fields): MessagePart[] | undefined {
  const holder = [block['source'], block['image_url'], block['input_audio'], block['file']].find(
    (value) => value !== undefined,
  )
  const source = isObject(holder) ? holder : block
  const mediaType =
    readText(source, 'mime_type') ??
    readText(source, 'mimeType') ??
    readText(source, 'media_type') ??
    audioType(source)
  const id = readText(source, 'fileId') ?? readText(source, 'file_id')
  if (id !== undefined) {
    return [
      { type: 'file', ...(mediaType === undefined ? {} : { mime_type: mediaType }), file_id: id },
    ]
  }
  const data = [holder, source['data'], source['url'], source['file_data']].find(isMediaData)
  return data === undefined ? undefined : [mediaPart(data, mediaType)]
}

function isMediaData(value: unknown): boolean {
  return isText(value) || ArrayBuffer.isView(value) || value instanceof ArrayBuffer
}

function audioType(source: Fields): string | undefined {
  const format = readText(source, 'format')
  return format === undefined ? undefined : `audio/${format}`
}
