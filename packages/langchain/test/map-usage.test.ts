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

const streamed = { provider: 'openai', openingTokens: undefined }

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
])('$form', ({ metadata, raw, usage }) => {
  const message = { usage_metadata: metadata, response_metadata: { usage: raw } }
  expect(mapUsage([{ message }], undefined)).toEqual({ usage, isEstimated: false })
})

test('several answers are added up', () => {
  const message = { usage_metadata: { input_tokens: 10, output_tokens: 5 } }
  expect(mapUsage([{ message }, { message }], undefined, streamed).usage).toMatchObject({
    promptTokens: 20,
    completionTokens: 10,
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
