import {
  type ProviderCall,
  type ProviderReply,
  type ProviderTokens,
  type ProviderWire,
  wordsOf,
} from './provider-wire.ts'

const STREAM_METHOD = ':streamGenerateContent'

/** Google's Gemini API. */
export const googleGenerative: ProviderWire = {
  name: 'google-generative',
  path: /^\/v1beta\/models\/(?<model>[^:]+):(?:generateContent|streamGenerateContent)$/,
  isStreamed: (path) => path.endsWith(STREAM_METHOD),

  answer: (reply, call) => ({
    ...candidate(
      call,
      partsOf(reply, (text) => [text]),
      finishReason(reply),
    ),
    usageMetadata: usageOf(reply.tokens, reply.tokens?.answer),
  }),

  *events(reply, call) {
    const parts = partsOf(reply, wordsOf)
    const { answer = 0 } = reply.tokens ?? {}
    for (const [index, part] of parts.entries()) {
      const isLast = index === parts.length - 1
      // Every piece repeats the counts: those of the answer grow, the others are the same each time.
      const written = isLast ? answer : Math.min(answer, index)
      const body = {
        ...candidate(call, [part], isLast ? finishReason(reply) : undefined),
        usageMetadata: usageOf(reply.tokens, written),
      }
      yield `data: ${JSON.stringify(body)}\r\n\r\n`
    }
  },

  refusal: ({ message, status }) => ({
    error: { code: status, message: message ?? 'refused', status: 'REFUSED' },
  }),
}

function candidate(
  call: ProviderCall,
  parts: readonly object[],
  finishReasonOfCall: string | undefined,
): object {
  return {
    candidates: [{ index: 0, content: { role: 'model', parts }, finishReason: finishReasonOfCall }],
    modelVersion: `${call.model}-2026-10-01`,
    responseId: `gemini_${call.id}`,
  }
}

function partsOf(
  { reasoning, text, toolCalls = [] }: ProviderReply,
  piecesOf: (text: string) => readonly string[],
): object[] {
  return [
    ...(reasoning === undefined
      ? []
      : piecesOf(reasoning).map((piece) => ({ text: piece, thought: true }))),
    ...(text === undefined ? [] : piecesOf(text).map((piece) => ({ text: piece }))),
    ...toolCalls.map(({ id, name, arguments: args }) => ({ functionCall: { id, name, args } })),
  ]
}

function finishReason(reply: ProviderReply): string {
  return reply.isCut === true ? 'MAX_TOKENS' : 'STOP'
}

/* Cached tokens are a part of the prompt's. Thoughts are no part of the candidates', but of the total. */
function usageOf(tokens: ProviderTokens = {}, written = 0): object {
  const { fresh = 0, cacheRead = 0, cacheWrite = 0, reasoning = 0 } = tokens
  const promptTokenCount = fresh + cacheRead + cacheWrite
  return {
    promptTokenCount,
    candidatesTokenCount: written,
    totalTokenCount: promptTokenCount + written + reasoning,
    ...(cacheRead === 0 ? {} : { cachedContentTokenCount: cacheRead }),
    ...(reasoning === 0 ? {} : { thoughtsTokenCount: reasoning }),
  }
}
