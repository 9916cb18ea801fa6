import { isObject, reportedCost, toTokenCount } from '@trulayer/core/internal'
import type { Usage } from '@trulayer/core'

import type { Answer } from './answer.ts'
import { fieldOf } from './types.ts'

/** Where usage comes from, since specification versions 1 and 2 leave its meaning to the provider. */
export interface UsageSource {
  /** As the model calls it: `openai.chat`. */
  readonly provider: string
  readonly providerMetadata: unknown
}

/** What a model reports as usage, whatever its specification version. What it does not report stays unknown. */
export function mapUsage(usage: unknown, source: UsageSource): Usage | undefined {
  if (!isObject(usage)) {
    return undefined
  }
  if (isObject(usage['inputTokens']) || isObject(usage['outputTokens'])) {
    return mapDetailed(usage['inputTokens'], usage['outputTokens'])
  }
  return 'promptTokens' in usage ? mapFirst(usage, source) : mapSecond(usage, source)
}

/** What the call cost: a gateway says it for itself, before the provider behind it. From version 3 on usage has the raw form. */
export function mapCost({ usage, providerMetadata }: Answer): number | undefined {
  const providers = isObject(providerMetadata) ? Object.values(providerMetadata) : []
  return reportedCost([fieldOf(providerMetadata, 'gateway'), ...providers, fieldOf(usage, 'raw')])
}

/**
 * The usage in a result of the SDK, as a model would report it. From version 6 on the parts have a place of their own,
 * before they stand beside the totals.
 */
export function mapResultUsage(usage: unknown): unknown {
  const input = fieldOf(usage, 'inputTokenDetails')
  const output = fieldOf(usage, 'outputTokenDetails')
  return input === undefined && output === undefined
    ? usage
    : {
        inputTokens: {
          total: fieldOf(usage, 'inputTokens'),
          cacheRead: fieldOf(input, 'cacheReadTokens'),
          cacheWrite: fieldOf(input, 'cacheWriteTokens'),
        },
        outputTokens: {
          total: fieldOf(usage, 'outputTokens'),
          reasoning: fieldOf(output, 'reasoningTokens'),
        },
      }
}

/* Versions 3 and 4: totals include every part. */
function mapDetailed(input: unknown, output: unknown): Usage {
  return {
    promptTokens: toTokenCount(fieldOf(input, 'total')),
    completionTokens: toTokenCount(fieldOf(output, 'total')),
    cachedTokens: toTokenCount(fieldOf(input, 'cacheRead')),
    cacheWriteTokens: toTokenCount(fieldOf(input, 'cacheWrite')),
    reasoningTokens: toTokenCount(fieldOf(output, 'reasoning')),
  }
}

/* Version 2: flat. Providers of Anthropic's models leave cached tokens out of the input, others count them in. */
function mapSecond(usage: object, source: UsageSource): Usage {
  const input = toTokenCount(fieldOf(usage, 'inputTokens'))
  const output = toTokenCount(fieldOf(usage, 'outputTokens'))
  const cachedTokens = toTokenCount(fieldOf(usage, 'cachedInputTokens'))
  const reasoningTokens = toTokenCount(fieldOf(usage, 'reasoningTokens'))
  const cacheWriteTokens = cacheWritesIn(source)
  const isWithoutCache =
    leavesCacheOut(source.provider) || (cachedTokens ?? 0) > (input ?? Number.POSITIVE_INFINITY)
  const isWithoutReasoning =
    toTokenCount(fieldOf(usage, 'totalTokens')) === sum(input, output, reasoningTokens)
  return {
    promptTokens: isWithoutCache ? sum(input, cachedTokens, cacheWriteTokens) : input,
    completionTokens: isWithoutReasoning ? sum(output, reasoningTokens) : output,
    cachedTokens,
    cacheWriteTokens,
    reasoningTokens,
  }
}

/* Version 1: two numbers, `NaN` for what is unknown, and the parts in the provider's own metadata. */
function mapFirst(usage: object, source: UsageSource): Usage {
  const input = toTokenCount(fieldOf(usage, 'promptTokens'))
  const openai = fieldOf(source.providerMetadata, 'openai')
  const anthropic = fieldOf(source.providerMetadata, 'anthropic')
  const cachedTokens = toTokenCount(
    fieldOf(openai, 'cachedPromptTokens') ?? fieldOf(anthropic, 'cacheReadInputTokens'),
  )
  const cacheWriteTokens = cacheWritesIn(source)
  return {
    promptTokens: leavesCacheOut(source.provider)
      ? sum(input, cachedTokens, cacheWriteTokens)
      : input,
    completionTokens: toTokenCount(fieldOf(usage, 'completionTokens')),
    cachedTokens,
    cacheWriteTokens,
    reasoningTokens: toTokenCount(fieldOf(openai, 'reasoningTokens')),
  }
}

function cacheWritesIn({ providerMetadata }: UsageSource): number | undefined {
  const anthropic = fieldOf(providerMetadata, 'anthropic')
  const bedrock = fieldOf(fieldOf(providerMetadata, 'bedrock'), 'usage')
  return toTokenCount(
    fieldOf(anthropic, 'cacheCreationInputTokens') ?? fieldOf(bedrock, 'cacheWriteInputTokens'),
  )
}

function leavesCacheOut(provider: string): boolean {
  return provider.includes('anthropic') || provider.includes('bedrock')
}

/* Unknown as soon as the first is, which is the number that the others belong to. */
function sum(total: number | undefined, ...parts: (number | undefined)[]): number | undefined {
  return total === undefined
    ? undefined
    : parts.reduce((sofar: number, part) => sofar + (part ?? 0), total)
}
