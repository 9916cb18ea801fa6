import {
  type ProviderCall,
  type ProviderReply,
  type ProviderTokens,
  type ProviderWire,
  wordsOf,
} from './provider-wire.ts'

/** Anthropic's messages. */
export const anthropicMessages: ProviderWire = {
  name: 'anthropic-messages',
  path: '/v1/messages',

  answer: (reply, call) => ({
    ...envelope(call),
    content: blocksOf(reply).map(({ block }) => block),
    stop_reason: stopReason(reply),
    usage: { ...inputUsage(reply.tokens), output_tokens: outputTokens(reply.tokens) },
  }),

  *events(reply, call) {
    yield event('message_start', {
      message: {
        ...envelope(call),
        content: [],
        stop_reason: null,
        // The real one has written a token already when it begins to answer; later counts include it.
        usage: { ...inputUsage(reply.tokens), output_tokens: 1 },
      },
    })
    for (const [index, { empty, deltas }] of blocksOf(reply).entries()) {
      yield event('content_block_start', { index, content_block: empty })
      for (const delta of deltas) {
        yield event('content_block_delta', { index, delta })
      }
      yield event('content_block_stop', { index })
    }
    yield event('message_delta', {
      delta: { stop_reason: stopReason(reply), stop_sequence: null },
      // The real one repeats what was read.
      usage: { ...inputUsage(reply.tokens), output_tokens: outputTokens(reply.tokens) },
    })
    yield event('message_stop', {})
  },

  refusal: ({ message }) => ({
    type: 'error',
    error: { type: 'invalid_request_error', message: message ?? 'refused' },
  }),
}

interface Block {
  /** As a whole answer has it. */
  readonly block: object
  /** As a stream begins it. */
  readonly empty: object
  readonly deltas: readonly object[]
}

function blocksOf(reply: ProviderReply): readonly Block[] {
  const { reasoning, text, toolCalls = [] } = reply
  const thought: Block = {
    block: { type: 'thinking', thinking: reasoning, signature: 'signed' },
    empty: { type: 'thinking', thinking: '', signature: '' },
    deltas: [
      ...wordsOf(reasoning).map((thinking) => ({ type: 'thinking_delta', thinking })),
      { type: 'signature_delta', signature: 'signed' },
    ],
  }
  const answer: Block = {
    block: { type: 'text', text },
    empty: { type: 'text', text: '' },
    deltas: wordsOf(text).map((word) => ({ type: 'text_delta', text: word })),
  }
  const calls = toolCalls.map(({ id, name, arguments: input }): Block => ({
    block: { type: 'tool_use', id, name, input },
    empty: { type: 'tool_use', id, name, input: {} },
    deltas: [{ type: 'input_json_delta', partial_json: JSON.stringify(input) }],
  }))
  return [
    ...(reasoning === undefined ? [] : [thought]),
    ...(text === undefined ? [] : [answer]),
    ...calls,
  ]
}

function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}

function envelope(call: ProviderCall): object {
  return {
    id: `msg_${call.id}`,
    type: 'message',
    role: 'assistant',
    model: `${call.model}-20261001`,
    stop_sequence: null,
  }
}

function stopReason(reply: ProviderReply): string {
  if (reply.isCut === true) {
    return 'max_tokens'
  }
  return reply.toolCalls === undefined ? 'end_turn' : 'tool_use'
}

/* Cached tokens stand beside the input tokens and are no part of them. */
function inputUsage(tokens: ProviderTokens = {}): object {
  const { fresh = 0, cacheRead = 0, cacheWrite = 0 } = tokens
  return {
    input_tokens: fresh,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
  }
}

/* Reasoning is a part of them that is not told. */
function outputTokens({ answer = 0, reasoning = 0 }: ProviderTokens = {}): number {
  return answer + reasoning
}
