import {
  type ProviderCall,
  type ProviderReply,
  type ProviderWire,
  wordsOf,
} from './provider-wire.ts'

/** Ollama's chat. */
export const ollamaChat: ProviderWire = {
  name: 'ollama-chat',
  path: '/api/chat',
  // It streams unless it is asked not to.
  isStreamed: (_path, body) => body['stream'] !== false,
  streamType: 'application/x-ndjson',

  answer: (reply, call) => ({
    ...envelope(call),
    message: {
      role: 'assistant',
      content: reply.text ?? '',
      ...(reply.reasoning === undefined ? {} : { thinking: reply.reasoning }),
      ...toolCallsOf(reply),
    },
    ...ending(reply),
  }),

  *events(reply, call) {
    const deltas = [
      ...wordsOf(reply.reasoning).map((thinking) => ({ content: '', thinking })),
      ...wordsOf(reply.text).map((content) => ({ content })),
      ...(reply.toolCalls === undefined ? [] : [{ content: '', ...toolCallsOf(reply) }]),
    ]
    for (const delta of deltas) {
      yield line({ ...envelope(call), message: { role: 'assistant', ...delta }, done: false })
    }
    yield line({
      ...envelope(call),
      message: { role: 'assistant', content: '' },
      ...ending(reply),
    })
  },

  refusal: ({ message }) => ({ error: message ?? 'refused' }),
}

function line(body: object): string {
  return `${JSON.stringify(body)}\n`
}

function envelope(call: ProviderCall): object {
  return { model: call.model, created_at: '2026-10-01T00:00:00Z' }
}

function toolCallsOf({ toolCalls }: ProviderReply): object {
  return toolCalls === undefined
    ? {}
    : {
        tool_calls: toolCalls.map(({ name, arguments: args }) => ({
          function: { name, arguments: args },
        })),
      }
}

/* A cache and reasoning are parts of the two counts that are not reported. */
function ending({ isCut = false, tokens = {} }: ProviderReply): object {
  const { fresh = 0, cacheRead = 0, cacheWrite = 0, answer = 0, reasoning = 0 } = tokens
  return {
    done: true,
    done_reason: isCut ? 'length' : 'stop',
    prompt_eval_count: fresh + cacheRead + cacheWrite,
    eval_count: answer + reasoning,
    total_duration: 1,
    eval_duration: 1,
  }
}
