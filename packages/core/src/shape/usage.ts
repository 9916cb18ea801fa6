/**
 * Tokens of one model call. A count that the provider did not report is absent, never zero.
 *
 * The names are those of the service's `setTokens`; the rule of what includes what is that of the OpenTelemetry GenAI
 * conventions (`gen_ai.usage.input_tokens` includes cached tokens, `gen_ai.usage.output_tokens` includes reasoning).
 */
export interface Usage {
  /** Tokens read, those from and into a cache included. */
  readonly promptTokens?: number | undefined
  /** Tokens written, reasoning included. */
  readonly completionTokens?: number | undefined
  /** The part of `promptTokens` that came from the provider's cache. */
  readonly cachedTokens?: number | undefined
  /** The part of `promptTokens` that was written into the provider's cache. */
  readonly cacheWriteTokens?: number | undefined
  /** The part of `completionTokens` that is reasoning. */
  readonly reasoningTokens?: number | undefined
}

/** A token count as providers report it, or `undefined` for what is no count (`NaN` and negative numbers included). */
export function toTokenCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
    ? Math.round(value)
    : undefined
}

/** A cost in US dollars, or `undefined` for what is none (`NaN` and negative numbers included). */
export function toCost(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

/** The usage without its unknown parts, or `undefined` when nothing is known. */
export function normalizeUsage(usage: Usage | undefined): Usage | undefined {
  if (usage === undefined) {
    return undefined
  }
  const known: { -readonly [Part in keyof Usage]: Usage[Part] } = {}
  let isKnown = false
  for (const part of PARTS) {
    const count = toTokenCount(usage[part])
    if (count !== undefined) {
      known[part] = count
      isKnown = true
    }
  }
  return isKnown ? known : undefined
}

const PARTS = [
  'promptTokens',
  'completionTokens',
  'cachedTokens',
  'cacheWriteTokens',
  'reasoningTokens',
] as const

/** Both together; what neither knows stays unknown. */
export function addUsage(one: Usage | undefined, other: Usage | undefined): Usage | undefined {
  if (one === undefined || other === undefined) {
    return one ?? other
  }
  const sum: { -readonly [Part in keyof Usage]: Usage[Part] } = {}
  for (const part of PARTS) {
    if (one[part] !== undefined || other[part] !== undefined) {
      sum[part] = (one[part] ?? 0) + (other[part] ?? 0)
    }
  }
  return sum
}
