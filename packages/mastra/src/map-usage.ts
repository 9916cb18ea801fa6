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
 * Tokens as any version of Mastra tells them; the parts are included in the whole everywhere. `{}` stands for a call that
 * reported none.
 */
export function mapUsage(usage: unknown): Usage | undefined {
  if (!isObject(usage)) {
    return undefined
  }
  const counts: Usage = {
    promptTokens: firstCount(read(usage, 'inputTokens'), read(usage, 'promptTokens')),
    completionTokens: firstCount(read(usage, 'outputTokens'), read(usage, 'completionTokens')),
    cachedTokens: firstCount(
      read(usage, 'inputDetails', 'cacheRead'),
      read(usage, 'cachedInputTokens'),
    ),
    cacheWriteTokens: toTokenCount(read(usage, 'inputDetails', 'cacheWrite')),
    reasoningTokens: firstCount(
      read(usage, 'outputDetails', 'reasoning'),
      read(usage, 'reasoningTokens'),
    ),
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
