import type { Usage } from '@trulayer/core'
import { isObject, read, toTokenCount } from '@trulayer/core/internal'

type Counts = { -readonly [Part in keyof Usage]: Usage[Part] }

const PARTS = [
  'promptTokens',
  'completionTokens',
  'cachedTokens',
  'cacheWriteTokens',
  'reasoningTokens',
] as const

/**
 * Tokens as any version of Mastra reports them; `{}` is a call that reported none. Models of version 2 of the AI SDK's interface
 * decide themselves whether the parts are included: a part that is larger than its whole is not, and neither is reasoning that
 * the total counts besides.
 */
export function mapUsage(usage: unknown): Usage | undefined {
  if (!isObject(usage)) {
    return undefined
  }
  const input = firstCount(read(usage, 'inputTokens'), read(usage, 'promptTokens'))
  const output = firstCount(read(usage, 'outputTokens'), read(usage, 'completionTokens'))
  const cachedTokens = firstCount(
    read(usage, 'inputDetails', 'cacheRead'),
    read(usage, 'cachedInputTokens'),
  )
  const cacheWriteTokens = toTokenCount(read(usage, 'inputDetails', 'cacheWrite'))
  const reasoningTokens = firstCount(
    read(usage, 'outputDetails', 'reasoning'),
    read(usage, 'reasoningTokens'),
  )
  const cache = (cachedTokens ?? 0) + (cacheWriteTokens ?? 0)
  const thoughts = reasoningTokens ?? 0
  const counts: Usage = {
    promptTokens: input !== undefined && cache > input ? input + cache : input,
    completionTokens:
      output !== undefined &&
      (thoughts > output ||
        toTokenCount(read(usage, 'totalTokens')) === (input ?? 0) + output + thoughts)
        ? output + thoughts
        : output,
    cachedTokens,
    cacheWriteTokens,
    reasoningTokens,
  }
  return PARTS.some((part) => counts[part] !== undefined) ? counts : undefined
}

/** What `whole` counts beyond `known`; `undefined` where that is nothing. */
export function residualUsage(
  whole: Usage | undefined,
  known: Usage | undefined,
): Usage | undefined {
  const rest: Counts = {}
  let isAny = false
  for (const part of PARTS) {
    const more = (whole?.[part] ?? 0) - (known?.[part] ?? 0)
    if (more > 0) {
      rest[part] = more
      isAny = true
    }
  }
  return isAny ? rest : undefined
}

function firstCount(one: unknown, other: unknown): number | undefined {
  return toTokenCount(one) ?? toTokenCount(other)
}
