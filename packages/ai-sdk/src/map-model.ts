import { attributes, isObject } from '@trulayer/core/internal'

import { fieldOf, textOrUndefined } from './types.ts'

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

/* What is kept of the settings of a call: an allow-list, since providers take secrets in others. Version 4 has an older name. */
const SETTINGS: readonly (readonly [key: string, name: string])[] = [
  [attributes.requestMaxTokens, 'maxTokens'],
  [attributes.requestMaxTokens, 'maxOutputTokens'],
  [attributes.requestTemperature, 'temperature'],
  [attributes.requestTopP, 'topP'],
  [attributes.requestTopK, 'topK'],
  [attributes.requestFrequencyPenalty, 'frequencyPenalty'],
  [attributes.requestPresencePenalty, 'presencePenalty'],
  [attributes.requestStopSequences, 'stopSequences'],
  [attributes.requestSeed, 'seed'],
]

/** The settings of a call that are worth keeping, as far as it has any. */
export function mapSettings(options: unknown): Record<string, unknown> {
  const settings: Record<string, unknown> = {}
  for (const [key, name] of SETTINGS) {
    const value = fieldOf(options, name)
    if (value !== undefined && value !== null) {
      settings[key] = value
    }
  }
  return settings
}

/** The tools that a call offers and the schema that its answer has to fit. Version 1 keeps both in the mode of the call. */
export function mapDefinitions(options: unknown): {
  readonly tools: unknown
  readonly responseSchema: unknown
} {
  const mode = fieldOf(options, 'mode')
  const isObjectTool = fieldOf(mode, 'type') === 'object-tool'
  return {
    tools: fieldOf(options, 'tools') ?? fieldOf(mode, 'tools'),
    responseSchema:
      fieldOf(fieldOf(options, 'responseFormat'), 'schema') ??
      (isObjectTool ? fieldOf(fieldOf(mode, 'tool'), 'parameters') : fieldOf(mode, 'schema')),
  }
}

/** What kind of answer a call asks for, where it says so: `json` or `text`. */
export function mapOutputType(options: unknown): string | undefined {
  const isObjectMode = String(fieldOf(fieldOf(options, 'mode'), 'type')).startsWith('object-')
  return isObjectMode
    ? 'json'
    : textOrUndefined(fieldOf(fieldOf(options, 'responseFormat'), 'type'))
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
