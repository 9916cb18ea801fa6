import { attributes } from './attributes.ts'
import type { JsonObject, JsonValue } from './json.ts'
import { isRecord } from './read.ts'
import type { FinishedSpan, FinishedTrace, TraceEvent } from './trace.ts'
import { toCost } from './usage.ts'

/**
 * The trace of a line of JSON in the shape of the wire, as replay files hold it; `undefined` for what is none. Texts that
 * are JSON of a list or an object become that again.
 */
export function fromWireTrace(value: unknown): FinishedTrace | undefined {
  if (!isRecord(value) || typeof value['id'] !== 'string' || !Array.isArray(value['spans'])) {
    return undefined
  }
  const events = Array.isArray(value['events']) ? value['events'] : []
  const metadata = metadataOf(value)
  return {
    id: value['id'],
    name: text(value['name']) ?? 'trace',
    status: statusOf(value),
    sessionId: text(value['session_id']) ?? value['id'],
    userId: text(metadata[attributes.userId]),
    externalId: text(value['external_id']),
    startedAt: fromInstant(value['started_at']),
    endedAt: fromInstant(value['ended_at'] ?? value['started_at']),
    input: fromText(value['input']),
    output: fromText(value['output']),
    model: text(value['model']),
    cost: toCost(metadata[attributes.costUsd]),
    error: text(value['error']),
    tags: isRecord(value['tags']) ? stringsOf(value['tags']) : {},
    metadata,
    spans: known(value['spans'].map(fromWireSpan)),
    events: known(events.map(fromWireEvent)),
  }
}

function fromWireSpan(value: unknown): FinishedSpan | undefined {
  if (!isRecord(value) || typeof value['id'] !== 'string') {
    return undefined
  }
  const type = value['type']
  return {
    id: value['id'],
    parentId: text(value['parent_span_id']),
    name: text(value['name']) ?? 'span',
    type: type === 'llm' || type === 'tool' || type === 'retrieval' ? type : 'other',
    status: statusOf(value),
    startedAt: fromInstant(value['start_time']),
    endedAt: fromInstant(value['end_time'] ?? value['start_time']),
    input: fromText(value['input']),
    output: fromText(value['output']),
    model: text(value['model']),
    usage: {
      promptTokens: numberOf(value['prompt_tokens']),
      completionTokens: numberOf(value['completion_tokens']),
    },
    cost: toCost(value['cost']),
    error: text(value['error']),
    metadata: metadataOf(value),
  }
}

function fromWireEvent(value: unknown): TraceEvent | undefined {
  if (!isRecord(value) || typeof value['id'] !== 'string') {
    return undefined
  }
  const level = value['level']
  return {
    id: value['id'],
    spanId: text(value['span_id']),
    level: level === 'warn' || level === 'error' ? level : 'info',
    message: text(value['message']) ?? '',
    metadata: metadataOf(value),
  }
}

/*
 * Keys that the GenAI conventions have renamed, for traces that were written before:
 * https://github.com/open-telemetry/semantic-conventions-genai/pull/440
 */
const RENAMED_KEYS: ReadonlyMap<string, string> = new Map([
  ['gen_ai.usage.cache_creation.input_tokens', attributes.usageCacheWrite],
])

function metadataOf(value: Record<string, unknown>): JsonObject {
  const { metadata } = value
  if (!isJsonObject(metadata)) {
    return {}
  }
  const entries = Object.entries(metadata)
  if (!entries.some(([key]) => RENAMED_KEYS.has(key))) {
    return metadata
  }
  const renamed = entries.flatMap(([key, entry]): (readonly [string, JsonValue])[] => {
    const name = RENAMED_KEYS.get(key)
    return name !== undefined && Object.hasOwn(metadata, name) ? [] : [[name ?? key, entry]]
  })
  return Object.fromEntries(renamed)
}

function known<Item>(items: readonly (Item | undefined)[]): Item[] {
  return items.filter((item) => item !== undefined)
}

function statusOf(value: Record<string, unknown>): FinishedSpan['status'] {
  const told = isRecord(value['metadata']) ? value['metadata'][attributes.status] : undefined
  switch (told) {
    case 'ok':
    case 'error':
    case 'cancelled':
    case 'interrupted':
    case 'incomplete':
      return told
    default:
      return typeof value['error'] === 'string' ? 'error' : 'ok'
  }
}

function fromText(value: unknown): JsonValue | undefined {
  if (typeof value !== 'string') {
    return undefined
  }
  if (!value.startsWith('{') && !value.startsWith('[')) {
    return value
  }
  try {
    const parsed: unknown = JSON.parse(value)
    return isJsonValue(parsed) && JSON.stringify(parsed) === value ? parsed : value
  } catch {
    // Text that merely begins like JSON.
    return value
  }
}

function fromInstant(value: unknown): number {
  if (typeof value !== 'string') {
    return 0
  }
  const milliseconds = Date.parse(value)
  const fraction = /\.\d{3}(\d{1,3})/.exec(value)?.[1] ?? '0'
  return Number.isNaN(milliseconds)
    ? 0
    : Math.floor(milliseconds) + Number(fraction.padEnd(3, '0')) / 1000
}

function stringsOf(value: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]) =>
      typeof entry === 'string' ? [[key, entry]] : [],
    ),
  )
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/* What JSON.parse returns is a JSON value. */
function isJsonValue(value: unknown): value is JsonValue {
  return value !== undefined
}

function isJsonObject(value: unknown): value is JsonObject {
  return isRecord(value)
}
