import {
  attributes,
  isText,
  mapRawUsage,
  read,
  readList,
  readText,
  reportedCost,
} from '@trulayer/core/internal'
import type { Usage } from '@trulayer/core'

/** The model that is asked, as it calls itself. An embedding is a function, with its name on it. */
export function mapModelName(model: object | undefined): string | undefined {
  if (model === undefined) {
    return undefined
  }
  const name: unknown = Reflect.get(model, 'model')
  return readText(model, 'metadata', 'model') ?? (isText(name) ? name : undefined)
}

/* Each parameter with its name in a model's metadata. */
const PARAMETERS = [
  [attributes.requestTemperature, 'temperature'],
  [attributes.requestTopP, 'topP'],
  [attributes.requestMaxTokens, 'maxTokens'],
] as const

/** The parameters that a model calls with. */
export function mapParameters(model: object | undefined): Record<string, unknown> {
  return Object.fromEntries(
    PARAMETERS.map(([attribute, name]): [string, unknown] => [
      attribute,
      read(model, 'metadata', name),
    ]).filter(([, value]) => typeof value === 'number'),
  )
}

/** Tokens, wherever the provider's own answer has them; of a part of a stream as well. */
export function mapUsage(answer: unknown): Usage | undefined {
  const raw = read(answer, 'raw')
  const places = [
    read(raw, 'usage'),
    read(raw, 'usageMetadata'),
    read(raw, 'response', 'usageMetadata'),
    read(raw, 'response', 'usage'),
    read(answer, 'options', 'usage'),
    read(answer, 'message', 'options', 'usage'),
    // Ollama's numbers stand in the answer itself.
    read(raw, 'eval_count') === undefined ? undefined : raw,
  ]
  for (const place of places) {
    const usage = place === undefined ? undefined : mapRawUsage(place)
    if (usage !== undefined) {
      return usage
    }
  }
  return undefined
}

/** What the provider's answer, or a part of it, tells of itself. */
export function mapResponse(answer: unknown): Record<string, unknown> {
  const raw = read(answer, 'raw')
  const reasons = [
    ...readList(raw, 'choices').map((choice) => readText(choice, 'finish_reason')),
    readText(raw, 'stop_reason'),
    readText(raw, 'done_reason'),
    ...readList(raw, 'candidates').map((candidate) => readText(candidate, 'finishReason')),
  ].filter((reason) => reason !== undefined)
  return {
    [attributes.responseModel]: readText(raw, 'model') ?? readText(raw, 'modelVersion'),
    [attributes.responseId]: readText(raw, 'id') ?? readText(raw, 'responseId'),
    [attributes.responseFinishReasons]: reasons.length === 0 ? undefined : reasons,
  }
}

/** What the call cost, where the provider's answer, or a part of it, says so. */
export function mapCost(answer: unknown): number | undefined {
  return reportedCost([read(answer, 'raw')])
}

/** What the provider reported besides its answer. */
export function mapProviderMetadata(answer: unknown): unknown {
  const usage = read(answer, 'raw', 'usage')
  return usage === undefined ? undefined : { usage }
}
