import { expect, test } from 'vitest'

import { mapFinishReason, mapProvider, mapSettings } from '../src/map-model.ts'
import { mapUsage } from '../src/map-usage.ts'

const openai = { promptTokens: 100, completionTokens: 30, cachedTokens: 80, reasoningTokens: 20 }
const cacheWrites = { anthropic: { cacheCreationInputTokens: 15 } }
const anthropic = {
  promptTokens: 100,
  completionTokens: 30,
  cachedTokens: 80,
  cacheWriteTokens: 15,
}

interface Case {
  readonly from: string
  readonly provider: string
  readonly usage: unknown
  readonly providerMetadata?: unknown
  readonly expected: object
}

const cases: readonly Case[] = [
  {
    from: 'OpenAI, version 1',
    provider: 'openai.chat',
    usage: { promptTokens: 100, completionTokens: 30 },
    providerMetadata: { openai: { cachedPromptTokens: 80, reasoningTokens: 20 } },
    expected: openai,
  },
  {
    from: 'OpenAI, version 2',
    provider: 'openai.responses',
    usage: {
      inputTokens: 100,
      outputTokens: 30,
      totalTokens: 130,
      cachedInputTokens: 80,
      reasoningTokens: 20,
    },
    expected: openai,
  },
  {
    from: 'OpenAI, versions 3 and 4',
    provider: 'openai.responses',
    usage: {
      inputTokens: { total: 100, noCache: 20, cacheRead: 80 },
      outputTokens: { total: 30, text: 10, reasoning: 20 },
    },
    expected: openai,
  },
  {
    from: 'Anthropic, version 1',
    provider: 'anthropic.messages',
    usage: { promptTokens: 5, completionTokens: 30 },
    providerMetadata: { anthropic: { cacheReadInputTokens: 80, cacheCreationInputTokens: 15 } },
    expected: anthropic,
  },
  {
    from: 'Anthropic, version 2',
    provider: 'anthropic.messages',
    usage: { inputTokens: 5, outputTokens: 30, cachedInputTokens: 80 },
    providerMetadata: cacheWrites,
    expected: anthropic,
  },
  {
    from: 'Anthropic on Vertex, version 2',
    provider: 'vertex.anthropic.messages',
    usage: { inputTokens: 5, outputTokens: 30, cachedInputTokens: 80 },
    providerMetadata: cacheWrites,
    expected: anthropic,
  },
  {
    from: 'Anthropic, versions 3 and 4',
    provider: 'anthropic.messages',
    usage: {
      inputTokens: { total: 100, noCache: 5, cacheRead: 80, cacheWrite: 15 },
      outputTokens: { total: 30 },
    },
    providerMetadata: cacheWrites,
    expected: anthropic,
  },
  {
    from: 'a provider that counts reasoning apart, version 2',
    provider: 'google.generative-ai',
    usage: { inputTokens: 10, outputTokens: 5, reasoningTokens: 7, totalTokens: 22 },
    expected: { promptTokens: 10, completionTokens: 12, reasoningTokens: 7 },
  },
  {
    from: 'a provider that counts cached tokens apart, version 2',
    provider: 'proxy',
    usage: { inputTokens: 5, outputTokens: 1, cachedInputTokens: 80 },
    expected: { promptTokens: 85, completionTokens: 1, cachedTokens: 80 },
  },
  {
    from: 'nobody, version 1',
    provider: 'openai',
    usage: { promptTokens: Number.NaN, completionTokens: Number.NaN },
    expected: {},
  },
  { from: 'nobody, version 2', provider: 'openai', usage: {}, expected: {} },
]

test.each(cases)('usage from $from', ({ provider, usage, providerMetadata, expected }) => {
  const known = Object.entries(mapUsage(usage, { provider, providerMetadata }) ?? {}).filter(
    ([, count]) => count !== undefined,
  )
  expect(Object.fromEntries(known)).toEqual(expected)
})

test('no usage at all is unknown', () => {
  expect(mapUsage(undefined, { provider: 'openai', providerMetadata: undefined })).toBeUndefined()
})

test.each([
  ['openai.chat', 'openai'],
  ['anthropic.messages', 'anthropic'],
  ['google.generative-ai', 'gcp.gemini'],
  ['google.vertex.chat', 'gcp.vertex_ai'],
  ['vertex.anthropic.messages', 'gcp.vertex_ai'],
  ['amazon-bedrock', 'aws.bedrock'],
  ['azure-openai.chat', 'azure.ai.openai'],
  ['gateway', 'gateway'],
])('the provider %s is %s', (provider, expected) => {
  expect(mapProvider(provider)).toBe(expected)
})

test.each([
  ['tool-calls', 'tool_calls'],
  [{ unified: 'content-filter', raw: 'safety' }, 'content_filter'],
  ['unknown', undefined],
  [undefined, undefined],
])('the finish reason %o is %s', (reason, expected) => {
  expect(mapFinishReason(reason)).toBe(expected)
})

test('settings are taken by an allow-list', () => {
  const settings = mapSettings({ maxTokens: 9, temperature: 0.2, headers: { authorization: 'x' } })
  expect(JSON.parse(JSON.stringify(settings))).toEqual({
    'gen_ai.request.max_tokens': 9,
    'gen_ai.request.temperature': 0.2,
  })
})
