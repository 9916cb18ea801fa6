import { attributes } from '@trulayer/core/internal'

import { fieldOf, isObject, textOrUndefined } from './types.ts'

/* Names of the GenAI conventions for what the SDK calls otherwise; the longest match is the first. */
const PROVIDERS: readonly (readonly [prefix: string, name: string])[] = [
  ['google.vertex', 'gcp.vertex_ai'],
  ['google', 'gcp.gemini'],
  ['vertex', 'gcp.vertex_ai'],
  ['amazon-bedrock', 'aws.bedrock'],
  ['bedrock', 'aws.bedrock'],
  ['azure', 'azure.ai.openai'],
  ['mistral', 'mistral_ai'],
  ['xai', 'x_ai'],
]

/** The provider in the words of the conventions: `openai` for `openai.chat`. */
export function mapProvider(provider: string): string {
  const known = PROVIDERS.find(([prefix]) => provider.startsWith(prefix))
  return known?.[1] ?? provider.split('.')[0] ?? provider
}

/** The settings of a call that are worth keeping, by an allow-list: providers take secrets in others. */
export function mapSettings(options: unknown): Record<string, unknown> {
  return {
    [attributes.requestMaxTokens]:
      fieldOf(options, 'maxOutputTokens') ?? fieldOf(options, 'maxTokens'),
    [attributes.requestTemperature]: fieldOf(options, 'temperature'),
    [attributes.requestTopP]: fieldOf(options, 'topP'),
    [attributes.requestTopK]: fieldOf(options, 'topK'),
    [attributes.requestFrequencyPenalty]: fieldOf(options, 'frequencyPenalty'),
    [attributes.requestPresencePenalty]: fieldOf(options, 'presencePenalty'),
    [attributes.requestStopSequences]: fieldOf(options, 'stopSequences'),
    [attributes.requestSeed]: fieldOf(options, 'seed'),
  }
}

/** Why the model stopped, in the field's words: `tool_calls`. From version 3 on the reason comes with the provider's own. */
export function mapFinishReason(reason: unknown): string | undefined {
  const unified = textOrUndefined(isObject(reason) ? reason['unified'] : reason)
  return unified === 'unknown' ? undefined : unified?.replaceAll('-', '_')
}

/** What the provider said about its response. */
export function mapResponse(response: unknown): Record<string, unknown> {
  return {
    [attributes.responseId]: textOrUndefined(fieldOf(response, 'id')),
    [attributes.responseModel]: textOrUndefined(fieldOf(response, 'modelId')),
  }
}
