import { isObject, mapRawUsage, type Path, read, toTokenCount } from '@trulayer/core/internal'
import type { Usage } from '@trulayer/core'

import { isStreamed } from './map-messages.ts'
import type { GenerationLike, UsageMetadataLike } from './types.ts'

/** The usage of a model call, and whether it is the framework's guess. */
export interface MappedUsage {
  readonly usage: Usage | undefined
  readonly isEstimated: boolean
}

/** What is known of a stream besides its end. */
export interface StreamedUsage {
  /** Where the model runs. */
  readonly provider: unknown
  /** The usage that its parts reported first. */
  readonly opening: Usage | undefined
  /** How many parts it had. */
  readonly parts: number
}

/**
 * The tokens of a model call: those that its message reports, in LangChain's own words, since these alone are right for
 * streams in every version; else what the provider wrote, wherever an integration left it; else a guess of LangChain's,
 * marked as one. Several answers of one call repeat the usage of the call.
 *
 * @param llmOutput - what the integration reports of the call as a whole
 * @param stream - what came of a stream, if the answer was one: then `llmOutput.tokenUsage` is that of the last chunk alone
 *   before `@langchain/core` 1.2.11 (langchain-ai/langchainjs#11424), and no more than the messages say since
 */
export function mapUsage(
  generations: readonly GenerationLike[],
  llmOutput: unknown,
  stream?: StreamedUsage,
): MappedUsage {
  const usage =
    withoutOpening(reportedUsage(generations, stream), stream) ??
    (stream !== undefined ? undefined : mapRawUsage(read(llmOutput, 'tokenUsage'))) ??
    rawUsageOf(generations) ??
    mapRawUsage(read(llmOutput, 'usage'))
  const guess =
    usage === undefined ? mapRawUsage(read(llmOutput, 'estimatedTokenUsage')) : undefined
  return { usage: usage ?? guess, isEstimated: guess !== undefined }
}

function reportedUsage(
  generations: readonly GenerationLike[],
  stream: StreamedUsage | undefined,
): Usage | undefined {
  for (const { message } of generations) {
    const usage = mapMessageUsage(message, stream)
    if (usage !== undefined) {
      return usage
    }
  }
  return undefined
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
 * Anthropic reports at the beginning of a stream how much was written already, mostly one token, and at its end how much in
 * all. Its integration adds the two, in every version.
 */
function withoutOpening(
  usage: Usage | undefined,
  stream: StreamedUsage | undefined,
): Usage | undefined {
  const completionTokens = usage?.completionTokens
  return stream?.provider === 'anthropic' && completionTokens !== undefined
    ? {
        ...usage,
        completionTokens: Math.max(0, completionTokens - (stream.opening?.completionTokens ?? 0)),
      }
    : usage
}

/**
 * The usage that a message reports.
 *
 * @param stream - the stream that the message is the whole of
 */
export function mapMessageUsage(message: unknown, stream?: StreamedUsage): Usage | undefined {
  const metadata = read(message, 'usage_metadata')
  const details = read(message, 'response_metadata')
  const raw = read(details, 'usage') ?? read(details, 'metadata', 'usage')
  if (!isObject(metadata)) {
    return undefined
  }
  // Of Bedrock's cache its integration says nothing before version 1, but passes on what Bedrock wrote.
  return read(raw, 'inputTokens') === undefined
    ? mapUsageMetadata(metadata, message, raw, stream)
    : mapRawUsage(raw)
}

function mapUsageMetadata(
  metadata: UsageMetadataLike,
  message: unknown,
  raw: unknown,
  stream: StreamedUsage | undefined,
): Usage {
  const input = toTokenCount(metadata.input_tokens)
  const output = toTokenCount(metadata.output_tokens)
  // Before version 1 the integration of Anthropic adds these up over a stream, which reports them at both of its ends.
  const cachedTokens = toTokenCount(
    read(raw, 'cache_read_input_tokens') ?? read(metadata, 'input_token_details', 'cache_read'),
  )
  const cacheWriteTokens = toTokenCount(
    read(raw, 'cache_creation_input_tokens') ??
      read(metadata, 'input_token_details', 'cache_creation'),
  )
  const reasoning = toTokenCount(read(metadata, 'output_token_details', 'reasoning'))
  const cache = (cachedTokens ?? 0) + (cacheWriteTokens ?? 0)
  // What the total counts beyond the two: the integration of Google leaves the thoughts of a model there alone.
  const more = Math.max(
    0,
    (toTokenCount(metadata.total_tokens) ?? 0) - (input ?? 0) - (output ?? 0),
  )
  const isApart =
    input !== undefined &&
    (isAnthropicApart(input, message, raw) ||
      (cacheWriteTokens !== undefined && cache > input) ||
      (cache > 0 && cache === more))
  const thoughts = isApart || (reasoning !== undefined && reasoning !== more) ? 0 : more
  return {
    promptTokens: isApart ? input + cache : input,
    completionTokens: output === undefined ? undefined : output + thoughts,
    cachedTokens:
      isRepeated(cachedTokens, input, message, stream) && !isApart ? undefined : cachedTokens,
    cacheWriteTokens,
    reasoningTokens: reasoning ?? (thoughts === 0 ? undefined : thoughts),
  }
}

/*
 * Anthropic counts cached tokens apart from its input tokens, and its integration passed that on before version 1. Then the
 * whole is the very number that the provider sent; of a stream that number is not kept, but only since version 1 does a
 * message say where it is from.
 */
function isAnthropicApart(input: number, message: unknown, raw: unknown): boolean {
  const hasCache =
    read(raw, 'cache_read_input_tokens') !== undefined ||
    read(raw, 'cache_creation_input_tokens') !== undefined
  const rawInput = read(raw, 'input_tokens')
  const isBeforeOne = read(message, 'response_metadata', 'model_provider') === undefined
  return hasCache && (rawInput === input || (rawInput === undefined && isBeforeOne))
}

/*
 * Gemini repeats the count of cached tokens in each part of a stream, and its integration adds that up: how many there were
 * is then unknown.
 */
function isRepeated(
  cached: number | undefined,
  input: number | undefined,
  message: unknown,
  stream: StreamedUsage | undefined,
): boolean {
  return (
    (cached ?? 0) > (input ?? Number.POSITIVE_INFINITY) ||
    (stream?.parts !== 1 &&
      read(message, 'response_metadata', 'model_provider') === 'google-genai' &&
      isStreamed(message))
  )
}
