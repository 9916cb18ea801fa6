import { attributes, read, readText } from '@trulayer/core/internal'

import type { Conversation } from './conversation.ts'
import type { MastraSpan } from './types.ts'

const PARAMETERS = {
  [attributes.requestTemperature]: 'temperature',
  [attributes.requestTopP]: 'topP',
  [attributes.requestTopK]: 'topK',
  [attributes.requestMaxTokens]: 'maxOutputTokens',
  [attributes.requestFrequencyPenalty]: 'frequencyPenalty',
  [attributes.requestPresencePenalty]: 'presencePenalty',
  [attributes.requestStopSequences]: 'stopSequences',
  [attributes.requestSeed]: 'seed',
} as const

/** The provider alone: models of the AI SDK add their interface, as in `openai.chat`. */
export function mapProvider(provider: string | undefined): string | undefined {
  return provider?.split('.')[0]
}

/** What the model was called with. */
export function mapParameters(
  span: MastraSpan,
  conversation: Conversation,
): Record<string, unknown> {
  const parameters = read(span.attributes, 'parameters')
  return {
    [attributes.providerName]: mapProvider(
      conversation.provider ?? readText(span.attributes, 'provider'),
    ),
    ...Object.fromEntries(
      Object.entries(PARAMETERS).map(([key, name]) => [key, read(parameters, name)]),
    ),
  }
}

/** What the model says of its answer. Before version 1 it stands in the metadata of a step. */
export function mapResponse(span: MastraSpan): Record<string, unknown> {
  const { attributes: told, metadata } = span
  const finishReason = mapFinishReason(readText(told, 'finishReason'))
  return {
    [attributes.responseModel]: readText(told, 'responseModel') ?? readText(metadata, 'modelId'),
    [attributes.responseId]: readText(told, 'responseId'),
    [attributes.responseFinishReasons]: finishReason === undefined ? undefined : [finishReason],
  }
}

/* In the field's words: `tool_calls`. */
function mapFinishReason(reason: string | undefined): string | undefined {
  return reason === 'unknown' ? undefined : reason?.replaceAll('-', '_')
}
