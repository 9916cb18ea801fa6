import { describe, expect, test } from 'vitest'

import {
  repeatedResultsIn,
  mapAnswerAttributes,
  mapCallAttributes,
  mapPromptAttribute,
  mapValueAttributes,
} from '../src/span-attributes.ts'

describe('the attributes of a span', () => {
  test.each([
    ['a prompt', { 'ai.prompt': '{"prompt":"hi"}' }, { prompt: 'hi' }],
    ['a text to embed', { 'ai.value': '"hi"' }, { value: 'hi' }],
    ['texts to embed', { 'ai.values': ['"a"', '"b"'] }, { value: ['a', 'b'] }],
    ['nothing, where inputs are not recorded', {}, undefined],
  ])('say %s', (_name, attributes, expected) => {
    expect(mapPromptAttribute(attributes)).toEqual(expected)
  })

  test.each([
    [
      'version 4',
      { 'ai.usage.promptTokens': 20, 'ai.usage.completionTokens': 5 },
      { promptTokens: 20, completionTokens: 5 },
    ],
    [
      'a stream of version 5',
      {
        'ai.usage.inputTokens': 20,
        'ai.usage.outputTokens': 5,
        'ai.usage.totalTokens': 25,
        'ai.usage.cachedInputTokens': 4,
      },
      { inputTokens: 20, outputTokens: 5, totalTokens: 25, cachedInputTokens: 4 },
    ],
    [
      'version 6',
      {
        'ai.usage.inputTokens': 20,
        'ai.usage.outputTokens': 5,
        'ai.usage.inputTokenDetails.cacheReadTokens': 4,
        'ai.usage.outputTokenDetails.reasoningTokens': 3,
      },
      { inputTokens: { total: 20, cacheRead: 4 }, outputTokens: { total: 5, reasoning: 3 } },
    ],
  ])('hold the usage of %s', (_name, attributes, usage) => {
    expect(mapAnswerAttributes(attributes).usage).toEqual(usage)
  })

  test('hold an answer with its calls', () => {
    const answer = mapAnswerAttributes({
      'ai.response.text': 'hm',
      'ai.response.reasoning': 'so',
      'ai.response.toolCalls': '[{"toolCallId":"c","toolName":"look","input":"{}"}]',
      'ai.response.finishReason': 'tool-calls',
      'ai.response.id': 'resp_1',
      'ai.response.model': 'm-1',
      'ai.response.providerMetadata': '{"anthropic":{"cacheCreationInputTokens":2}}',
    })
    expect(answer).toMatchObject({
      content: [
        { type: 'reasoning', text: 'so' },
        { type: 'text', text: 'hm' },
        { type: 'tool-call', toolCallId: 'c', toolName: 'look', input: '{}' },
      ],
      finishReason: 'tool-calls',
      response: { id: 'resp_1', modelId: 'm-1' },
      providerMetadata: { anthropic: { cacheCreationInputTokens: 2 } },
    })
  })

  test('of odd shapes are shown as they are, or left out', () => {
    expect(mapAnswerAttributes({ 'ai.response.toolCalls': 'no json' }).content).toEqual([])
    expect(mapCallAttributes({ 'ai.prompt.messages': 'no json' })['prompt']).toBe('no json')
    expect(mapValueAttributes({ 'ai.embeddings': ['[1,2]'] })['embeddings']).toEqual([[1, 2]])
    expect(repeatedResultsIn({ prompt: 'no list' })).toEqual([])
    expect(repeatedResultsIn({ prompt: [null, { role: 'tool', content: 5 }] })).toEqual([])
  })
})
