import { attributes, isObject, read, readText, reportedCost } from '@trulayer/core/internal'

import type { Conversation } from './conversation.ts'
import type { MastraSpan } from './types.ts'

const PARAMETERS: ReadonlyMap<string, string> = new Map([
  ['temperature', attributes.requestTemperature],
  ['topP', attributes.requestTopP],
  ['topK', attributes.requestTopK],
  ['maxOutputTokens', attributes.requestMaxTokens],
  ['frequencyPenalty', attributes.requestFrequencyPenalty],
  ['presencePenalty', attributes.requestPresencePenalty],
  ['stopSequences', attributes.requestStopSequences],
  ['seed', attributes.requestSeed],
])

/** The provider alone: models of the AI SDK add their interface, as in `openai.chat`. */
export function mapProvider(provider: string | undefined): string | undefined {
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
  if (isObject(parameters)) {
    // Most calls have none or one of them.
    for (const name of Object.keys(parameters)) {
      const attribute = PARAMETERS.get(name)
      if (attribute !== undefined) {
        call[attribute] = parameters[name]
      }
    }
  }
  return call
}

/** The cost in US dollars that the provider reported. Since 1.46 Mastra passes it on, beside estimates of its own. */
export function mapReportedCost({ attributes: told }: MastraSpan): number | undefined {
  const context = read(told, 'costContext')
  const isReported =
    readText(context, 'costMetadata', 'source') === 'provider_reported' &&
    (readText(context, 'costUnit') ?? 'USD').toUpperCase() === 'USD'
  return isReported ? reportedCost([{ cost: read(context, 'estimatedCost') }]) : undefined
}

/* In the field's words: `tool_calls`. */
function mapFinishReason(reason: string | undefined): string | undefined {
  return reason === 'unknown' ? undefined : reason?.replaceAll('-', '_')
}
