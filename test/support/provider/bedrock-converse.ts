import { crc32 } from 'node:zlib'

import {
  type ProviderReply,
  type ProviderTokens,
  type ProviderWire,
  wordsOf,
} from './provider-wire.ts'

/** The Converse API of Amazon Bedrock. */
export const bedrockConverse: ProviderWire = {
  name: 'bedrock-converse',
  path: /^\/model\/(?<model>[^/]+)\/converse(?:-stream)?$/,
  isStreamed: (path) => path.endsWith('-stream'),
  streamType: 'application/vnd.amazon.eventstream',

  answer: (reply) => ({
    output: { message: { role: 'assistant', content: blocksOf(reply).map(({ block }) => block) } },
    stopReason: stopReason(reply),
    usage: usageOf(reply.tokens),
    metrics: { latencyMs: 1 },
  }),

  *events(reply) {
    yield event('messageStart', { role: 'assistant' })
    for (const [contentBlockIndex, { start, deltas }] of blocksOf(reply).entries()) {
      if (start !== undefined) {
        yield event('contentBlockStart', { contentBlockIndex, start })
      }
      for (const delta of deltas) {
        yield event('contentBlockDelta', { contentBlockIndex, delta })
      }
      yield event('contentBlockStop', { contentBlockIndex })
    }
    yield event('messageStop', { stopReason: stopReason(reply) })
    yield event('metadata', { usage: usageOf(reply.tokens), metrics: { latencyMs: 1 } })
  },

  refusal: ({ message }) => ({ message: message ?? 'refused' }),
}

interface Block {
  /** As a whole answer has it. */
  readonly block: object
  /** As a stream begins it, where it does. */
  readonly start?: object
  readonly deltas: readonly object[]
}

function blocksOf({ reasoning, text, toolCalls = [] }: ProviderReply): readonly Block[] {
  const thought: Block = {
    block: { reasoningContent: { reasoningText: { text: reasoning, signature: 'signed' } } },
    deltas: [
      ...wordsOf(reasoning).map((word) => ({ reasoningContent: { text: word } })),
      { reasoningContent: { signature: 'signed' } },
    ],
  }
  const answer: Block = {
    block: { text },
    deltas: wordsOf(text).map((word) => ({ text: word })),
  }
  const calls = toolCalls.map(({ id, name, arguments: input }): Block => ({
    block: { toolUse: { toolUseId: id, name, input } },
    start: { toolUse: { toolUseId: id, name } },
    deltas: [{ toolUse: { input: JSON.stringify(input) } }],
  }))
  return [
    ...(reasoning === undefined ? [] : [thought]),
    ...(text === undefined ? [] : [answer]),
    ...calls,
  ]
}

function stopReason(reply: ProviderReply): string {
  if (reply.isCut === true) {
    return 'max_tokens'
  }
  return reply.toolCalls === undefined ? 'end_turn' : 'tool_use'
}

/* Cached tokens are reported separately from the input tokens and included in the total. */
function usageOf(tokens: ProviderTokens = {}): object {
  const { fresh = 0, cacheRead = 0, cacheWrite = 0, answer = 0, reasoning = 0 } = tokens
  return {
    inputTokens: fresh,
    outputTokens: answer + reasoning,
    totalTokens: fresh + cacheRead + cacheWrite + answer + reasoning,
    cacheReadInputTokens: cacheRead,
    cacheWriteInputTokens: cacheWrite,
  }
}

const PRELUDE_BYTES = 8
const CHECKSUM_BYTES = 4
const TYPE_OF_TEXT = 7

/* A message of the binary event stream: lengths, headers and payload, with checksums of the lengths and of it all. */
function event(type: string, payload: object): Uint8Array {
  const headers = Buffer.concat([
    header(':message-type', 'event'),
    header(':event-type', type),
    header(':content-type', 'application/json'),
  ])
  const body = Buffer.from(JSON.stringify(payload))
  const prelude = Buffer.alloc(PRELUDE_BYTES)
  prelude.writeUInt32BE(PRELUDE_BYTES + 2 * CHECKSUM_BYTES + headers.length + body.length, 0)
  prelude.writeUInt32BE(headers.length, 4)
  const checked = Buffer.concat([prelude, checksum(prelude), headers, body])
  return Buffer.concat([checked, checksum(checked)])
}

function header(name: string, value: string): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(Buffer.byteLength(value))
  return Buffer.concat([
    Buffer.from([name.length]),
    Buffer.from(name),
    Buffer.from([TYPE_OF_TEXT]),
    length,
    Buffer.from(value),
  ])
}

function checksum(bytes: Uint8Array): Buffer {
  const sum = Buffer.alloc(CHECKSUM_BYTES)
  sum.writeUInt32BE(crc32(bytes))
  return sum
}
