import {
  type ProviderCall,
  type ProviderReply,
  type ProviderItem,
  type ProviderTokens,
  type ProviderToolCall,
  type ProviderWire,
  wordsOf,
} from './provider-wire.ts'

/** OpenAI's responses, the newer one of its two wires. */
export const openaiResponses: ProviderWire = {
  name: 'openai-responses',
  path: '/v1/responses',

  answer: (reply, call) => ({
    ...outcome(reply, call),
    output: itemsOf(reply),
    usage: usageOf(reply.tokens),
  }),

  *events(reply, call) {
    yield event('response.created', { response: envelope(call, 'in_progress') })
    for (const [output_index, item] of itemsOf(reply).entries()) {
      yield event('response.output_item.added', { output_index, item: opened(item) })
      if (item.type === 'message') {
        for (const delta of wordsOf(reply.text)) {
          yield event('response.output_text.delta', {
            item_id: item.id,
            output_index,
            content_index: 0,
            delta,
          })
        }
      }
      if (item.type === 'reasoning') {
        const place = { item_id: item.id, output_index, summary_index: 0 }
        const part = { type: 'summary_text', text: '' }
        yield event('response.reasoning_summary_part.added', { ...place, part })
        for (const delta of wordsOf(reply.reasoning)) {
          yield event('response.reasoning_summary_text.delta', { ...place, delta })
        }
      }
      if (item.type === 'function_call') {
        yield event('response.function_call_arguments.delta', {
          item_id: item.id,
          output_index,
          delta: item['arguments'],
        })
      }
      yield event('response.output_item.done', { output_index, item })
    }
    yield event(reply.isCut === true ? 'response.incomplete' : 'response.completed', {
      response: {
        ...outcome(reply, call),
        output: itemsOf(reply),
        usage: usageOf(reply.tokens),
      },
    })
  },

  refusal: ({ message, status }) => ({
    error: { message: message ?? 'refused', type: 'refused', code: String(status) },
  }),
}

function event(type: string, fields: object): string {
  return `data: ${JSON.stringify({ type, ...fields })}\n\n`
}

function envelope(call: ProviderCall, status: string): object {
  return {
    id: `resp_${call.id}`,
    object: 'response',
    created_at: 1_790_000_000,
    status,
    model: `${call.model}-2026-10-01`,
    incomplete_details: null,
  }
}

function outcome(reply: ProviderReply, call: ProviderCall): object {
  return reply.isCut === true
    ? { ...envelope(call, 'incomplete'), incomplete_details: { reason: 'max_output_tokens' } }
    : envelope(call, 'completed')
}

function itemsOf(reply: ProviderReply): ProviderItem[] {
  return [
    ...(reply.reasoning === undefined
      ? []
      : [
          {
            type: 'reasoning',
            id: 'rs_1',
            summary: [{ type: 'summary_text', text: reply.reasoning }],
          },
        ]),
    ...(reply.serverTools ?? []),
    ...(reply.text === undefined
      ? []
      : [
          {
            type: 'message',
            id: 'msg_1',
            role: 'assistant',
            status: 'completed',
            content: [{ type: 'output_text', text: reply.text, annotations: [] }],
          },
        ]),
    ...(reply.toolCalls ?? []).map((call) => toFunctionCall(call)),
  ]
}

function toFunctionCall(call: ProviderToolCall): ProviderItem {
  return {
    type: 'function_call',
    id: `fc_${call.id}`,
    call_id: call.id,
    name: call.name,
    arguments: JSON.stringify(call.arguments),
    status: 'completed',
  }
}

/* What an item is before its parts have come. */
function opened(item: ProviderItem): object {
  const begun: Readonly<Record<string, object>> = {
    message: { content: [] },
    function_call: { arguments: '' },
    reasoning: { summary: [] },
  }
  return { ...item, ...begun[item.type], status: 'in_progress' }
}

/* Cached tokens are a part of the input's, reasoning one of the output's. */
function usageOf(tokens: ProviderTokens = {}): object {
  const { fresh = 0, cacheRead = 0, cacheWrite = 0, answer = 0, reasoning = 0 } = tokens
  const input_tokens = fresh + cacheRead + cacheWrite
  const output_tokens = answer + reasoning
  return {
    input_tokens,
    input_tokens_details: { cached_tokens: cacheRead },
    output_tokens,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input_tokens + output_tokens,
  }
}
