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
  expect(mapUsage([message], undefined)).toEqual({ usage, isEstimated: false })
})

test('several answers are added up', () => {
  const message = { usage_metadata: { input_tokens: 10, output_tokens: 5 } }
  expect(mapUsage([message, message], undefined).usage).toMatchObject({
    promptTokens: 20,
    completionTokens: 10,
  })
})

test('what is unknown is absent, not zero', () => {
  const nothing = { usage: undefined, isEstimated: false }
  expect(mapUsage([new AIMessage('x')], undefined)).toEqual(nothing)
  expect(mapUsage([], { tokenUsage: {} })).toEqual(nothing)
  expect(mapUsage([], { tokenUsage: { promptTokens: 0, totalTokens: 0 } })).toEqual(nothing)
})

test('the usage of the whole call stands in, and a guess is called one', () => {
  const tokens = { promptTokens: 7, completionTokens: 3, totalTokens: 10 }
  const usage = { promptTokens: 7, completionTokens: 3 }
  expect(mapUsage([], { tokenUsage: tokens })).toEqual({ usage, isEstimated: false })
  expect(mapUsage([], { estimatedTokenUsage: tokens })).toEqual({ usage, isEstimated: true })
})
