import { describe, expect, test } from 'vitest'

import { mapUsage, residualUsage } from '../src/map-usage.ts'

describe('the usage of a call', () => {
  test.each([
    ['nothing that was reported', {}, undefined],
    ['zero in all is no count', { totalTokens: 0 }, undefined],
    [
      'version 1, with parts inside the whole',
      {
        inputTokens: 1100,
        outputTokens: 20,
        inputDetails: { text: 100, cacheRead: 900, cacheWrite: 100 },
        outputDetails: { text: 12, reasoning: 8 },
      },
      {
        promptTokens: 1100,
        completionTokens: 20,
        cachedTokens: 900,
        cacheWriteTokens: 100,
        reasoningTokens: 8,
      },
    ],
    [
      'version 0.24',
      { inputTokens: 100, outputTokens: 20, totalTokens: 120, cachedInputTokens: 30 },
      { promptTokens: 100, completionTokens: 20, cachedTokens: 30 },
    ],
    [
      'a cache that the model counts apart',
      { inputTokens: 30, outputTokens: 12, totalTokens: 42, cachedInputTokens: 200 },
      { promptTokens: 230, completionTokens: 12, cachedTokens: 200 },
    ],
    [
      'reasoning that is in the total alone',
      { inputTokens: 41, outputTokens: 20, totalTokens: 64, reasoningTokens: 3 },
      { promptTokens: 41, completionTokens: 23, reasoningTokens: 3 },
    ],
    [
      'reasoning that is larger than its whole',
      { inputTokens: 41, outputTokens: 5, outputDetails: { reasoning: 343 } },
      { promptTokens: 41, completionTokens: 348, reasoningTokens: 343 },
    ],
    [
      'the legacy methods',
      { promptTokens: 10, completionTokens: 5, totalTokens: 15 },
      { promptTokens: 10, completionTokens: 5 },
    ],
  ])('%s', (_title, told, expected) => {
    expect(mapUsage(told)).toEqual(expected)
  })

  test('what a generation counts beyond its calls is the rest, and never negative', () => {
    const whole = { promptTokens: 20, completionTokens: 10 }
    expect(residualUsage(whole, { promptTokens: 10, completionTokens: 10 })).toEqual({
      promptTokens: 10,
    })
    expect(residualUsage(undefined, whole)).toBeUndefined()
  })
})
