import { AIMessage } from '@langchain/core/messages'
import { expect, test } from 'vitest'

import { mapUsage } from '../src/map-usage.ts'

const anthropicRaw = {
  input_tokens: 30,
  output_tokens: 12,
  cache_creation_input_tokens: 50,
  cache_read_input_tokens: 200,
}
const anthropicUsage = {
  promptTokens: 280,
  completionTokens: 12,
  cachedTokens: 200,
  cacheWriteTokens: 50,
  reasoningTokens: undefined,
}

const streamed = { provider: 'openai', opening: undefined, parts: 3 }

test.each([
  {
    form: 'OpenAI',
    metadata: {
      input_tokens: 100,
      output_tokens: 20,
      input_token_details: { cache_read: 64, audio: 0 },
      output_token_details: { reasoning: 8, audio: 0 },
    },
    raw: undefined,
    usage: {
      promptTokens: 100,
      completionTokens: 20,
      cachedTokens: 64,
      cacheWriteTokens: undefined,
      reasoningTokens: 8,
    },
  },
  {
    form: 'Anthropic before 1, where the cache is left out',
    metadata: {
      input_tokens: 30,
      output_tokens: 12,
      input_token_details: { cache_creation: 50, cache_read: 200 },
    },
    raw: undefined,
    usage: anthropicUsage,
  },
  {
    form: 'Anthropic before 1, a small cache',
    metadata: {
      input_tokens: 300,
      output_tokens: 12,
      input_token_details: { cache_creation: 50, cache_read: 200 },
    },
    raw: { ...anthropicRaw, input_tokens: 300 },
    usage: { ...anthropicUsage, promptTokens: 550 },
  },
  {
    form: 'Anthropic since 1, where it is within',
    metadata: {
      input_tokens: 280,
      output_tokens: 12,
      input_token_details: { cache_creation: 50, cache_read: 200 },
    },
    raw: anthropicRaw,
    usage: anthropicUsage,
  },
  {
    form: 'Anthropic before 1, where a stream reports the cache at both of its ends',
    metadata: {
      input_tokens: 30,
      output_tokens: 12,
      input_token_details: { cache_creation: 100, cache_read: 400 },
    },
    raw: { cache_creation_input_tokens: 50, cache_read_input_tokens: 200 },
    usage: anthropicUsage,
  },
  {
    form: 'Claude of Vertex, where the cache is left out',
    metadata: {
      input_tokens: 30,
      output_tokens: 12,
      total_tokens: 42,
      input_token_details: { cache_creation: 50, cache_read: 200 },
    },
    raw: undefined,
    usage: anthropicUsage,
  },
  {
    form: 'a total that counts the cache besides',
    metadata: {
      input_tokens: 30,
      output_tokens: 12,
      total_tokens: 62,
      input_token_details: { cache_read: 20 },
    },
    raw: undefined,
    usage: {
      promptTokens: 50,
      completionTokens: 12,
      cachedTokens: 20,
      cacheWriteTokens: undefined,
      reasoningTokens: undefined,
    },
  },
  {
    form: 'Bedrock before 1, which says nothing of the cache',
    metadata: { input_tokens: 30, output_tokens: 12, total_tokens: 292 },
    raw: {
      inputTokens: 30,
      outputTokens: 12,
      totalTokens: 292,
      cacheReadInputTokens: 200,
      cacheWriteInputTokens: 50,
    },
    usage: anthropicUsage,
  },
  {
    form: 'Google, whose thoughts are in the total alone',
    metadata: { input_tokens: 41, output_tokens: 5, total_tokens: 389 },
    raw: undefined,
    usage: {
      promptTokens: 41,
      completionTokens: 348,
      cachedTokens: undefined,
      cacheWriteTokens: undefined,
      reasoningTokens: 343,
    },
  },
  {
    form: 'xAI, which counts reasoning apart',
    metadata: {
      input_tokens: 41,
      output_tokens: 5,
      total_tokens: 389,
      output_token_details: { reasoning: 343 },
    },
    raw: undefined,
    usage: {
      promptTokens: 41,
      completionTokens: 348,
      cachedTokens: undefined,
      cacheWriteTokens: undefined,
      reasoningTokens: 343,
    },
  },
  {
    form: 'a total with what is neither cache nor reasoning',
    metadata: {
      input_tokens: 41,
      output_tokens: 12,
      total_tokens: 60,
      output_token_details: { reasoning: 5 },
    },
    raw: undefined,
    usage: {
      promptTokens: 41,
      completionTokens: 12,
      cachedTokens: undefined,
      cacheWriteTokens: undefined,
      reasoningTokens: 5,
    },
  },
  {
    form: 'a cache that a stream repeats beyond its input',
    metadata: {
      input_tokens: 1000,
      output_tokens: 20,
      total_tokens: 1020,
      input_token_details: { cache_read: 18_000 },
    },
    raw: undefined,
    usage: {
      promptTokens: 1000,
      completionTokens: 20,
      cachedTokens: undefined,
      cacheWriteTokens: undefined,
      reasoningTokens: undefined,
    },
  },
])('$form', ({ metadata, raw, usage }) => {
  const message = { usage_metadata: metadata, response_metadata: { usage: raw } }
  expect(mapUsage([{ message }], undefined)).toEqual({ usage, isEstimated: false })
})

test('several answers repeat the usage of their call', () => {
  const message = { usage_metadata: { input_tokens: 10, output_tokens: 5 } }
  expect(mapUsage([{ message }, { message }], undefined, streamed).usage).toMatchObject({
    promptTokens: 10,
    completionTokens: 5,
  })
})

test('what is unknown is absent, not zero', () => {
  const nothing = { usage: undefined, isEstimated: false }
  const empty = { tokenUsage: { promptTokens: 0, completionTokens: 0, totalTokens: 0 } }
  expect(mapUsage([{ message: new AIMessage('x') }], undefined)).toEqual(nothing)
  expect(mapUsage([], { tokenUsage: {} })).toEqual(nothing)
  expect(mapUsage([], empty)).toEqual(nothing)
})

const whole = { promptTokens: 7, completionTokens: 3, totalTokens: 10 }

test('the usage of the whole call stands in, and a guess is called one', () => {
  const usage = { promptTokens: 7, completionTokens: 3 }
  expect(mapUsage([], { tokenUsage: whole })).toMatchObject({ usage, isEstimated: false })
  expect(mapUsage([], { estimatedTokenUsage: whole })).toMatchObject({
    usage,
    isEstimated: true,
  })
})

test('the usage of the whole call is not believed of a stream, where it is that of a chunk', () => {
  const chunk = { promptTokens: 0, completionTokens: 12, totalTokens: 12 }
  expect(mapUsage([{}], { tokenUsage: chunk }, streamed).usage).toBeUndefined()
})

test.each([
  {
    place: "OpenAI's, on the message",
    generation: {
      message: {
        response_metadata: {
          usage: {
            prompt_tokens: 100,
            completion_tokens: 20,
            prompt_tokens_details: { cached_tokens: 64 },
            completion_tokens_details: { reasoning_tokens: 8 },
          },
        },
      },
    },
    usage: { promptTokens: 100, completionTokens: 20, cachedTokens: 64, reasoningTokens: 8 },
  },
  {
    place: "xAI's, which counts reasoning apart",
    generation: {
      message: {
        response_metadata: {
          usage: {
            prompt_tokens: 100,
            completion_tokens: 20,
            total_tokens: 128,
            completion_tokens_details: { reasoning_tokens: 8 },
          },
        },
      },
    },
    usage: { promptTokens: 100, completionTokens: 28, reasoningTokens: 8 },
  },
  {
    place: "that of OpenAI's responses",
    generation: {
      message: {
        response_metadata: {
          usage: {
            input_tokens: 100,
            output_tokens: 20,
            input_tokens_details: { cached_tokens: 64 },
            output_tokens_details: { reasoning_tokens: 8 },
          },
        },
      },
    },
    usage: { promptTokens: 100, completionTokens: 20, cachedTokens: 64, reasoningTokens: 8 },
  },
  {
    place: "Anthropic's, on the message",
    generation: { message: { response_metadata: { usage: anthropicRaw } } },
    usage: { promptTokens: 280, completionTokens: 12, cachedTokens: 200, cacheWriteTokens: 50 },
  },
  {
    place: "Google's, beside the answer",
    generation: {
      generationInfo: {
        usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 4, thoughtsTokenCount: 6 },
      },
    },
    usage: { promptTokens: 9, completionTokens: 10, reasoningTokens: 6 },
  },
  {
    place: "Bedrock's, on the message",
    generation: {
      message: {
        response_metadata: {
          usage: { inputTokens: 3, outputTokens: 4, cacheReadInputTokens: 10 },
        },
      },
    },
    usage: { promptTokens: 13, completionTokens: 4, cachedTokens: 10 },
  },
  {
    place: "Ollama's, among the details of the message",
    generation: { message: { response_metadata: { prompt_eval_count: 5, eval_count: 2 } } },
    usage: { promptTokens: 5, completionTokens: 2 },
  },
])('what the provider wrote stands in: $place', ({ generation, usage }) => {
  expect(mapUsage([generation, generation], undefined, streamed)).toEqual({
    usage: expect.objectContaining(usage),
    isEstimated: false,
  })
})

test("what the provider wrote stands in: Anthropic's, of the whole call", () => {
  expect(mapUsage([{}], { usage: anthropicRaw }).usage).toEqual(anthropicUsage)
})
