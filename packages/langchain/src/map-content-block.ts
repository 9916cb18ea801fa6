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
  /^(?:tool_use|tool_call|tool_call_chunk|input_json_delta|function_?call|invalid_tool_call)$/i

/* The last one is Bedrock's, before version 1. */
const THOUGHT_BLOCK = /^(?:reasoning|thinking|redacted_thinking|reasoning_content)$/

/** One block of a message's content, of any provider: none or one part, for reasoning one for each of its summaries. */
function mapContentBlock(block: unknown): MessagePart[] {
  if (isText(block)) {
    return [{ type: 'text', content: block }]
  }
  if (!isObject(block)) {
    return []
  }
  const type = readText(block, 'type') ?? ''
  // Before version 1 a block of Google has no type.
  if (CALL_BLOCK.test(type) || 'functionCall' in block) {
    return []
  }
  return (
    mapThought(block, type) ??
    mapText(block) ??
    mapMedia(block) ?? [{ type: 'other', content: block }]
  )
}

/**
 * The blocks of a message's content.
 *
 * @param isStreamed - true for a message that is made of the chunks of a stream: a block without an index, which is a chunk
 *   that its integration did not join to the one before, then continues that one
 */
export function mapContentBlocks(blocks: readonly unknown[], isStreamed: boolean): MessagePart[] {
  const parts: MessagePart[] = []
  for (const block of blocks) {
    const mapped = mapContentBlock(block)
    const last = parts.at(-1)
    const [next] = mapped
    const isContinued = isStreamed && read(block, 'index') === undefined
    if (isContinued && isTextual(last) && isTextual(next) && last.type === next.type) {
      parts[parts.length - 1] = { ...last, content: last.content + next.content }
    } else {
      parts.push(...mapped)
    }
  }
  return parts
}

function isTextual(
  part: MessagePart | undefined,
): part is Extract<MessagePart, { readonly content: string }> {
  return part?.type === 'text' || part?.type === 'reasoning'
}

function mapText(block: Fields): MessagePart[] | undefined {
  const text = block['text'] ?? block['refusal']
  if (typeof text !== 'string') {
    return undefined
  }
  return text === '' ? [] : [{ type: 'text', content: text }]
}

function mapThought(block: Fields, type: string): MessagePart[] | undefined {
  if (!THOUGHT_BLOCK.test(type)) {
    return undefined
  }
  const { summary } = block
  const texts = isList(summary)
    ? summary.map((entry) => read(entry, 'text'))
    : [
        block['reasoning'] ??
          block['thinking'] ??
          block['text'] ??
          read(block, 'reasoningText', 'text'),
      ]
  return texts.filter(isText).map((content) => ({ type: 'reasoning', content }))
}

const HOLDERS = ['source', 'image_url', 'input_audio', 'file', 'inlineData', 'fileData'] as const

/* LangChain's own blocks of both majors, and those of OpenAI, Anthropic and Google. */
function mapMedia(block: Fields): MessagePart[] | undefined {
  const holder = HOLDERS.map((key) => block[key]).find((value) => value !== undefined)
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
  const data = [holder, source['data'], source['url'], source['file_data'], source['fileUri']].find(
    isMediaData,
  )
  return data === undefined ? undefined : [mediaPart(data, mediaType)]
}

function isMediaData(value: unknown): boolean {
  return isText(value) || ArrayBuffer.isView(value) || value instanceof ArrayBuffer
}

function audioType(source: Fields): string | undefined {
  const format = readText(source, 'format')
  return format === undefined ? undefined : `audio/${format}`
}
