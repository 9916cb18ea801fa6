import {
  attributes,
  isList,
  isObject,
  isText,
  type Message,
  read,
  readText,
  reportedCost,
} from '@trulayer/core/internal'

import { className } from './fold-run.ts'
import { mapMessage } from './map-messages.ts'
import type { GenerationLike, ModelResultLike, ModelStarted } from './types.ts'

/** The model that a call asks for, as the integration names it. */
export function mapModelName(run: ModelStarted): string | undefined {
  return (
    readText(run.metadata, 'ls_model_name') ??
    readText(run.extraParams, 'invocation_params', 'model') ??
    readText(run.extraParams, 'invocation_params', 'model_name')
  )
}

/** Where a model runs: `openai`, `anthropic` and so on. */
export function mapProvider(run: ModelStarted): string | undefined {
  const provider = readText(run.metadata, 'ls_provider')
  const modelClass = className(run.serialized)
  // What a model that names no provider is given: its class, with or without `Chat` in front.
  const isClassName = provider === modelClass || `Chat${provider ?? ''}` === modelClass
  return isClassName ? undefined : provider
}

/* Each parameter with the names that it goes by, LangChain's own first. Nothing else of a call's options is recorded. */
const PARAMETERS: readonly (readonly [attribute: string, ...names: string[]])[] = [
  [attributes.requestTemperature, 'temperature'],
  [attributes.requestTopP, 'top_p', 'topP'],
  [attributes.requestTopK, 'top_k', 'topK'],
  [attributes.requestMaxTokens, 'max_tokens', 'max_completion_tokens', 'maxOutputTokens'],
  [attributes.requestFrequencyPenalty, 'frequency_penalty'],
  [attributes.requestPresencePenalty, 'presence_penalty'],
  [attributes.requestStopSequences, 'stop', 'stop_sequences'],
  [attributes.requestSeed, 'seed'],
]

/** The parameters of a call, under the field's names. */
export function mapParameters(run: ModelStarted): Record<string, unknown> {
  const given = read(run.extraParams, 'invocation_params')
  const result: Record<string, unknown> = {}
  for (const [attribute, ...names] of PARAMETERS) {
    const value = names.map((name) => read(given, name)).find(isParameter)
    if (value !== undefined) {
      result[attribute] = value
    }
  }
  return result
}

/* -1 is how Anthropic's integration says that a parameter is not set. */
function isParameter(value: unknown): boolean {
  return typeof value === 'number'
    ? value !== -1
    : isText(value) || (isList(value) && value.length > 0)
}

/** The tools that a call offers, and the schema that its answer has to fit, in the forms of the providers. */
export function mapDefinitions(run: ModelStarted): {
  readonly tools: unknown
  readonly responseSchema: unknown
} {
  const given = read(run.extraParams, 'invocation_params')
  const options = read(run.extraParams, 'options')
  const tools = [read(given, 'tools'), read(options, 'tools'), read(given, 'functions')].find(
    (list) => isList(list) && list.length > 0,
  )
  return {
    tools,
    responseSchema:
      read(read(given, 'response_format', 'json_schema'), 'schema') ??
      read(given, 'text', 'format', 'schema') ??
      read(given, 'generationConfig', 'responseSchema') ??
      read(options, 'ls_structured_output_format', 'schema'),
  }
}

/** What kind of answer a call asks for, where it says so: `json` or `text`. */
export function mapOutputType(run: ModelStarted): string | undefined {
  const given = read(run.extraParams, 'invocation_params')
  const type =
    readText(given, 'response_format', 'type') ?? readText(given, 'text', 'format', 'type')
  return type?.replace(/^json_(?:object|schema)$/, 'json')
}

/** The answers of a model call: the lists for each prompt as one. */
export function generationsOf(result: unknown): readonly GenerationLike[] {
  if (!isObject(result)) {
    return []
  }
  const { generations }: ModelResultLike = result
  return isList(generations) ? generations.flat().filter(isObject) : []
}

/** What a model wrote, as messages. */
export function mapGenerations(generations: readonly GenerationLike[]): Message[] {
  return generations.map(({ message, text }) =>
    message === undefined
      ? { role: 'assistant', parts: [{ type: 'text', content: isText(text) ? text : '' }] }
      : mapMessage(message),
  )
}

/** What a model's answer tells of itself. */
export function mapResponse(generations: readonly GenerationLike[]): Record<string, unknown> {
  const [first] = generations
  const details = read(first?.message, 'response_metadata')
  // Of a stream Anthropic's integration keeps these two here.
  const streamed = read(first?.message, 'additional_kwargs')
  const id = readText(first?.message, 'id')
  const reasons = generations.map((generation) => finishReason(generation)).filter(isText)
  return {
    [attributes.responseModel]:
      readText(details, 'model_name') ?? readText(details, 'model') ?? readText(streamed, 'model'),
    // An id that begins with `run-` is LangChain's own.
    [attributes.responseId]: id?.startsWith('run-') === true ? undefined : id,
    [attributes.responseFinishReasons]: reasons.length === 0 ? undefined : reasons,
  }
}

/** What the provider reported besides, as LangChain passes it on. */
export function mapProviderMetadata([first]: readonly GenerationLike[]): unknown {
  return read(first?.message, 'response_metadata') ?? first?.generationInfo
}

/** What the call cost, where the provider says so. */
export function mapCost(
  generations: readonly GenerationLike[],
  llmOutput: unknown,
): number | undefined {
  return reportedCost([mapProviderMetadata(generations), generations[0]?.generationInfo, llmOutput])
}

/* Where integrations leave it: on the answer's details, on its message, or beside it. */
function finishReason({ message, generationInfo }: GenerationLike): string | undefined {
  const details = read(message, 'response_metadata')
  const streamed = read(message, 'additional_kwargs')
  return (
    readText(details, 'finish_reason') ??
    readText(details, 'stop_reason') ??
    readText(details, 'stopReason') ??
    readText(details, 'messageStop', 'stopReason') ??
    readText(details, 'done_reason') ??
    readText(streamed, 'stop_reason') ??
    readText(streamed, 'finishReason') ??
    readText(generationInfo, 'finish_reason') ??
    readText(generationInfo, 'finishReason') ??
    // OpenAI's responses give a reason for an answer that is cut off alone.
    readText(details, 'incomplete_details', 'reason') ??
    readText(details, 'status')
  )
}
