import { attributes, read, readText } from '@trulayer/core/internal'

import type { Conversation } from './conversation.ts'
import type { MastraSpan } from './types.ts'

const PARAMETERS: readonly (readonly [attribute: string, name: string])[] = [
  [attributes.requestTemperature, 'temperature'],
  [attributes.requestTopP, 'topP'],
  [attributes.requestTopK, 'topK'],
  [attributes.requestMaxTokens, 'maxOutputTokens'],
  [attributes.requestFrequencyPenalty, 'frequencyPenalty'],
  [attributes.requestPresencePenalty, 'presencePenalty'],
  [attributes.requestStopSequences, 'stopSequences'],
  [attributes.requestSeed, 'seed'],
]

/** The provider alone: models of the AI SDK add their interface, as in `openai.chat`. */
function mapProvider(provider: string | undefined): string | undefined {
  const dot = provider?.indexOf('.') ?? -1
  return dot === -1 ? provider : provider?.slice(0, dot)
}

/** What is known of a call before it has been answered. */
export function mapStartedCall(
  span: MastraSpan,
  conversation: Conversation,
): Record<string, unknown> {
  return {
    [attributes.operationName]: 'chat',
    [attributes.providerName]: mapProvider(
      readText(span.attributes, 'provider') ?? conversation.provider,
    ),
  }
}

/** What the model was called with, and what it says of its answer. Before version 1 the latter stands in metadata. */
export function mapCall(span: MastraSpan, conversation: Conversation): Record<string, unknown> {
  const { attributes: told, metadata } = span
  const finishReason = mapFinishReason(readText(told, 'finishReason'))
  const call: Record<string, unknown> = {
    [attributes.operationName]: 'chat',
    [attributes.providerName]: mapProvider(conversation.provider ?? readText(told, 'provider')),
    [attributes.responseModel]: readText(told, 'responseModel') ?? readText(metadata, 'modelId'),
    [attributes.responseId]: readText(told, 'responseId'),
    [attributes.responseFinishReasons]: finishReason === undefined ? undefined : [finishReason],
  }
  const parameters = read(told, 'parameters')
  if (parameters !== undefined) {
    for (const [attribute, name] of PARAMETERS) {
      call[attribute] = read(parameters, name)
    }
  }
  return call
}

/* In the field's words: `tool_calls`. */
function mapFinishReason(reason: string | undefined): string | undefined {
  return reason === 'unknown' ? undefined : reason?.replaceAll('-', '_')
}
