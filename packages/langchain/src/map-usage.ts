import { toTokenCount } from '@trulayer/core/internal'
import type { Usage } from '@trulayer/core'

import { isObject, read } from './is-object.ts'
import type { UsageMetadataLike } from './types.ts'

/** The usage of a model call, and whether it is the framework's guess. */
export interface MappedUsage {
  readonly usage: Usage | undefined
  readonly isEstimated: boolean
}

/**
 * The tokens of a model call: those that its messages report, since these alone are right for streams in every version;
 * else those of the whole call; else a guess of LangChain's, marked as one.
 *
 * @param messages - one for each answer
 * @param llmOutput - what the integration tells of the call as a whole
 */
export function mapUsage(messages: readonly unknown[], llmOutput: unknown): MappedUsage {
  const reported = messages.flatMap((message) => {
    const metadata = read(message, 'usage_metadata')
    return isObject(metadata) ? [mapUsageMetadata(metadata, message)] : []
  })
  if (reported.length > 0) {
    return { usage: reported.reduce(addUsage), isEstimated: false }
  }
  const whole = mapTokenUsage(read(llmOutput, 'tokenUsage'))
  const guess = mapTokenUsage(read(llmOutput, 'estimatedTokenUsage'))
  return { usage: whole ?? guess, isEstimated: whole === undefined && guess !== undefined }
}

function mapUsageMetadata(metadata: UsageMetadataLike, message: unknown): Usage {
  const cachedTokens = toTokenCount(read(metadata, 'input_token_details', 'cache_read'))
  const cacheWriteTokens = toTokenCount(read(metadata, 'input_token_details', 'cache_creation'))
  const input = toTokenCount(metadata.input_tokens)
  const cache = (cachedTokens ?? 0) + (cacheWriteTokens ?? 0)
  return {
    promptTokens:
      input === undefined || !isExclusive(input, cache, message) ? input : input + cache,
    completionTokens: toTokenCount(metadata.output_tokens),
    cachedTokens,
    cacheWriteTokens,
    reasoningTokens: toTokenCount(read(metadata, 'output_token_details', 'reasoning')),
  }
}

/*
 * Anthropic counts cached tokens apart from its input tokens, and its integration passed that on before version 1. Then
 * the parts can exceed the whole, or the whole is the very number that the provider sent.
 */
function isExclusive(input: number, cache: number, message: unknown): boolean {
  const raw = read(message, 'response_metadata', 'usage')
  const hasAnthropicCache =
    read(raw, 'cache_read_input_tokens') !== undefined ||
    read(raw, 'cache_creation_input_tokens') !== undefined
  return cache > input || (hasAnthropicCache && read(raw, 'input_tokens') === input)
}

function mapTokenUsage(tokenUsage: unknown): Usage | undefined {
  const total = toTokenCount(read(tokenUsage, 'totalTokens'))
  if (total === undefined || total === 0) {
    return undefined
  }
  return {
    promptTokens: toTokenCount(read(tokenUsage, 'promptTokens')),
    completionTokens: toTokenCount(read(tokenUsage, 'completionTokens')),
  }
}

function addUsage(one: Usage, other: Usage): Usage {
  return {
    promptTokens: add(one.promptTokens, other.promptTokens),
    completionTokens: add(one.completionTokens, other.completionTokens),
    cachedTokens: add(one.cachedTokens, other.cachedTokens),
    cacheWriteTokens: add(one.cacheWriteTokens, other.cacheWriteTokens),
    reasoningTokens: add(one.reasoningTokens, other.reasoningTokens),
  }
}

function add(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : one + (other ?? 0)
}
