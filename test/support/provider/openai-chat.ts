import {
  type ProviderCall,
  type ProviderReply,
  type ProviderTokens,
  type ProviderToolCall,
  type ProviderWire,
  wordsOf,
} from './provider-wire.ts'

/** OpenAI's chat completions, which many other providers speak as well. */
export const openaiChat: ProviderWire = {
  name: 'openai-chat',
  path: '/v1/chat/completions',

  answer: (reply, call) => ({
    ...envelope('chat.completion', call),
    usage: usageOf(reply.tokens),
    choices: Array.from({ length: answersOf(call) }, (_, index) => ({
      index,
      finish_reason: finishReason(reply),
      message: {
        role: 'assistant',
        content: reply.text ?? null,
        refusal: null,
        ...(reply.reasoning === undefined ? {} : { reasoning_content: reply.reasoning }),
        ...(reply.toolCalls === undefined ? {} : { tool_calls: reply.toolCalls.map(toToolCall) }),
      },
    })),
  }),

  *events(reply, call) {
    const deltas = [
      { role: 'assistant', content: '' },
      ...wordsOf(reply.reasoning).map((reasoning_content) => ({ reasoning_content })),
      ...wordsOf(reply.text).map((content) => ({ content })),
      ...(reply.toolCalls ?? []).map((toolCall, index) => ({
        tool_calls: [{ index, ...toToolCall(toolCall) }],
      })),
    ]
    for (let index = 0; index < answersOf(call); index += 1) {
      for (const delta of deltas) {
        yield chunk(call, [{ index, delta, finish_reason: null }])
      }
      yield chunk(call, [{ index, delta: {}, finish_reason: finishReason(reply) }])
    }
    if (wantsUsage(call.body)) {
      yield chunk(call, [], { usage: usageOf(reply.tokens) })
    }
    yield 'data: [DONE]\n\n'
  },

  refusal: ({ message, status }) => ({
    error: { message: message ?? 'refused', type: 'refused', code: status },
  }),
}

function chunk(call: ProviderCall, choices: readonly object[], more: object = {}): string {
  const body = { ...envelope('chat.completion.chunk', call), choices, ...more }
  return `data: ${JSON.stringify(body)}\n\n`
}

function envelope(object: string, call: ProviderCall): object {
  return {
    id: `chatcmpl-${call.id}`,
    object,
    created: 1_790_000_000,
    model: `${call.model}-2026-10-01`,
  }
}

/* A request may ask for several answers, which are billed as one call. */
function answersOf({ body }: ProviderCall): number {
  return typeof body['n'] === 'number' ? body['n'] : 1
}

function finishReason(reply: ProviderReply): string {
  if (reply.isCut === true) {
    return 'length'
  }
  return reply.toolCalls === undefined ? 'stop' : 'tool_calls'
}

function toToolCall(call: ProviderToolCall): object {
  return {
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }
}

/* The real one tells the tokens of a stream to those alone who ask for them. */
function wantsUsage(body: Readonly<Record<string, unknown>>): boolean {
  const options: unknown = body['stream_options']
  return typeof options === 'object' && options !== null && 'include_usage' in options
}

/* Cached tokens are a part of the prompt's, reasoning one of the completion's. */
function usageOf(tokens: ProviderTokens = {}): object {
  const { fresh = 0, cacheRead = 0, cacheWrite = 0, answer = 0, reasoning = 0 } = tokens
  const prompt_tokens = fresh + cacheRead + cacheWrite
  const completion_tokens = answer + reasoning
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    prompt_tokens_details: { cached_tokens: cacheRead, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0 },
  }
}
