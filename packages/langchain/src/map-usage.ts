import {
  addUsage,
  isObject,
  mapRawUsage,
  type Path,
  read,
  toTokenCount,
} from '@trulayer/core/internal'
import type { Usage } from '@trulayer/core'

import type { GenerationLike, UsageMetadataLike } from './types.ts'

/** The usage of a model call, and whether it is the framework's guess. */
export interface MappedUsage {
  readonly usage: Usage | undefined
  readonly isEstimated: boolean
}

/** What is known of the tokens of a stream besides those at its end. */
export interface StreamedUsage {
  /** Where the model runs. */
  readonly provider: unknown
  /** Tokens that the first part said were written already. */
  readonly openingTokens: number | undefined
}

/**
 * The tokens of a model call: those that its messages report, in LangChain's own words, since these alone are right for
 * streams in every version; else what the provider wrote, wherever an integration left it; else a guess of LangChain's,
 * marked as one.
 *
 * @param llmOutput - what the integration tells of the call as a whole
 * @param stream - what came of a stream, if the answer was one: then `llmOutput.tokenUsage` is that of the last chunk alone
 *   before `@langchain/core` 1.2.11 (langchain-ai/langchainjs#11424), and no more than the messages say since
 */
export function mapUsage(
  generations: readonly GenerationLike[],
  llmOutput: unknown,
  stream?: StreamedUsage,
): MappedUsage {
  const reported = generations.flatMap(({ message }) => {
    const metadata = read(message, 'usage_metadata')
    return isObject(metadata) ? [mapUsageMetadata(metadata, message)] : []
  })
  const usage =
    withoutOpening(reported.reduce<Usage | undefined>(addUsage, undefined), stream) ??
    (stream !== undefined ? undefined : mapRawUsage(read(llmOutput, 'tokenUsage'))) ??
    rawUsageOf(generations) ??
    mapRawUsage(read(llmOutput, 'usage'))
  const guess =
    usage === undefined ? mapRawUsage(read(llmOutput, 'estimatedTokenUsage')) : undefined
  return { usage: usage ?? guess, isEstimated: guess !== undefined }
}

/* Where integrations leave what the provider wrote, from the best to the last. */
const RAW_PLACES: readonly Path[] = [
  ['message', 'response_metadata', 'usage'],
  ['message', 'response_metadata', 'tokenUsage'],
  ['message', 'response_metadata', 'usageMetadata'],
  ['message', 'response_metadata'],
  ['generationInfo', 'usage'],
  ['generationInfo', 'tokenUsage'],
  ['generationInfo', 'usageMetadata'],
  ['generationInfo'],
]

/* That of the first answer which has any: several answers of one call repeat that of the call. */
function rawUsageOf(generations: readonly GenerationLike[]): Usage | undefined {
  for (const generation of generations) {
    for (const place of RAW_PLACES) {
      const usage = mapRawUsage(read(generation, ...place))
      if (usage !== undefined) {
        return usage
      }
    }
  }
  return undefined
}

/*
 * Anthropic tells at the beginning of a stream how much was written already, mostly one token, and at its end how much in
 * all. Its integration adds the two, in every version.
 */
function withoutOpening(
  usage: Usage | undefined,
  stream: StreamedUsage | undefined,
): Usage | undefined {
  const completionTokens = usage?.completionTokens
  return stream?.provider === 'anthropic' && completionTokens !== undefined
    ? { ...usage, completionTokens: Math.max(0, completionTokens - (stream.openingTokens ?? 0)) }
    : usage
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
 * the parts can exceed the whole, or the whole is the very number that the provider sent; of a stream that number is not
 * kept, but only since version 1 does a message say where it is from.
 */
function isExclusive(input: number, cache: number, message: unknown): boolean {
  const raw = read(message, 'response_metadata', 'usage')
  const hasAnthropicCache =
    read(raw, 'cache_read_input_tokens') !== undefined ||
    read(raw, 'cache_creation_input_tokens') !== undefined
  const rawInput = read(raw, 'input_tokens')
  const isBeforeOne = read(message, 'response_metadata', 'model_provider') === undefined
  return (
    cache > input ||
    (hasAnthropicCache && (rawInput === input || (rawInput === undefined && isBeforeOne)))
  )
}
