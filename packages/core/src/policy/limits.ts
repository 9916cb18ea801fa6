import { attributes } from '../shape/attributes.ts'
import type { JsonObject, JsonValue } from '../shape/json.ts'
import { toText } from '../shape/safe-json.ts'
import { boundSchema, boundToolDefinitions } from '../shape/tool-definitions.ts'
import { cutEnd, cutMiddle } from '../shape/text-bytes.ts'
import type { FinishedSpan, FinishedTrace, TraceEvent } from '../shape/trace.ts'
import { wellFormedText } from '../shape/well-formed-text.ts'
import { cutValue, wireBytes } from './cut-value.ts'

/** Bounds of what is sent; those of the service where they are its own. */
export interface SendLimits {
  /** Bytes of one span. */
  readonly spanBytes: number
  /** Bytes of the tool definitions and the response schema of one span. */
  readonly definitionBytes?: number | undefined
}

/* The service's own: `contract`, Limits. */
const SESSION_ID_LENGTH = 256
/** Tags of one trace. */
export const TAGS = 20
const TAG_LENGTH = 64
const METADATA_VALUE_BYTES = 2048
/* Names, ids and what an event says. */
const WORDS_LENGTH = 2000
const ERROR_LENGTH = 2000
/* What the fields of a span take besides its texts and metadata. */
const SPAN_OVERHEAD = 1000

/** Hears the key of a metadata value that is too large and is cut. */
export type LargeListener = (key: string) => void

/**
 * The trace within the limits of the service. What is too long is cut and says so in `trulayer.truncated`; no cut splits
 * a character.
 *
 * @param onLarge - hears of metadata that is cut; it is free of secrets by then
 */
export function limitTrace(
  trace: FinishedTrace,
  limits: SendLimits,
  onLarge: LargeListener = () => {},
): FinishedTrace {
  const { name, error, input, output, metadata } = limitHolder(trace, limits, onLarge)
  return {
    ...trace,
    name,
    error,
    input,
    output,
    metadata,
    sessionId: cutWords(trace.sessionId, SESSION_ID_LENGTH),
    userId: trace.userId === undefined ? undefined : cutWords(trace.userId),
    externalId: trace.externalId === undefined ? undefined : cutWords(trace.externalId),
    tags: limitTags(trace.tags),
    spans: limitSpans(trace.spans, limits, onLarge),
    events: trace.events.map((event) => limitEvent(event, limits, onLarge)),
  }
}

function limitSpans(
  spans: readonly FinishedSpan[],
  limits: SendLimits,
  onLarge: LargeListener,
): FinishedSpan[] {
  const limited: FinishedSpan[] = []
  for (const span of spans) {
    limited.push(limitSpan(span, limits, onLarge))
  }
  return limited
}

/* Nearly every span is as it may be. */
function limitSpan(span: FinishedSpan, limits: SendLimits, onLarge: LargeListener): FinishedSpan {
  const { name, error, input, output, metadata } = limitHolder(span, limits, onLarge)
  const isSame =
    name === span.name &&
    error === span.error &&
    input === span.input &&
    output === span.output &&
    metadata === span.metadata
  return isSame ? span : { ...span, name, error, input, output, metadata }
}

type Holder = Pick<FinishedSpan, 'name' | 'error' | 'input' | 'output' | 'metadata'>

function limitHolder(holder: Holder, limits: SendLimits, onLarge: LargeListener): Holder {
  const { spanBytes: maxBytes } = limits
  const name = cutWords(holder.name)
  const error = holder.error === undefined ? undefined : cutError(holder.error)
  const { input, output } = holder
  const metadataBytes = mostMetadataBytes(holder.metadata, limits)
  const most = mostBytes(name) + mostBytes(error) + mostBytes(input) + mostBytes(output)
  if (metadataBytes <= metadataRoom(maxBytes) && most + metadataBytes + SPAN_OVERHEAD < maxBytes) {
    return { name, error, input, output, metadata: holder.metadata }
  }
  const metadata = limitMetadata(holder.metadata, limits, onLarge)
  const room = maxBytes - SPAN_OVERHEAD - wireBytes(name) - wireBytes(error) - wireBytes(metadata)
  return { name, error, ...limitPayload({ input, output, metadata }, room) }
}

type Payload = Pick<FinishedSpan, 'input' | 'output' | 'metadata'>

/* Only a span that is too large is cut, its input and its output to what the other leaves of the room. */
function limitPayload(payload: Payload, room: number): Payload {
  const inputBytes = wireBytes(payload.input)
  const outputBytes = wireBytes(payload.output)
  if (inputBytes + outputBytes <= room) {
    return payload
  }
  const outputRoom = Math.max(room - inputBytes, Math.floor(room / 2))
  const output = outputBytes > outputRoom ? cutValue(payload.output, outputRoom) : payload.output
  const inputRoom = room - wireBytes(output)
  const input = inputBytes > inputRoom ? cutValue(payload.input, inputRoom) : payload.input
  return {
    input,
    output,
    metadata: withTruncated(
      payload.metadata,
      `${inputBytes + outputBytes} bytes to ${wireBytes(input) + wireBytes(output)}`,
    ),
  }
}

/* What was left out before is told still. */
function withTruncated(metadata: JsonObject, what: string): JsonObject {
  const before = metadata[attributes.truncated]
  return {
    ...metadata,
    [attributes.truncated]: before === undefined ? what : `${toText(before)}; ${what}`,
  }
}

/* A unit of UTF-16 takes at most seven bytes: a control character whose escape is escaped once more. */
const MOST_BYTES_PER_UNIT = 7
const MOST_BYTES_PER_VALUE = 30

/* Never less than `wireBytes`, and far cheaper: nearly every span is small. */
function mostBytes(value: JsonValue | undefined): number {
  if (typeof value === 'string') {
    return value.length * MOST_BYTES_PER_UNIT + MOST_BYTES_PER_VALUE
  }
  if (typeof value !== 'object' || value === null) {
    return MOST_BYTES_PER_VALUE
  }
  let bytes = MOST_BYTES_PER_VALUE
  if (isList(value)) {
    for (const item of value) {
      bytes += mostBytes(item)
    }
    return bytes
  }
  for (const key in value) {
    bytes += key.length * MOST_BYTES_PER_UNIT + mostBytes(value[key])
  }
  return bytes
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function limitTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(tags)
  return entries.length === 0
    ? tags
    : // Those set last win: a call's own come after the session's.
      Object.fromEntries(
        entries
          .slice(-TAGS)
          .map(([key, value]) => [cutWords(key, TAG_LENGTH), cutWords(value, TAG_LENGTH)]),
      )
}

function limitEvent(event: TraceEvent, limits: SendLimits, onLarge: LargeListener): TraceEvent {
  return {
    ...event,
    message: cutWords(event.message),
    metadata: limitMetadata(event.metadata, limits, onLarge),
  }
}

/* All of it together takes at most a quarter of a span: a thousand values that are small enough are too large as well. */
const METADATA_PART = 4

function metadataRoom(maxBytes: number): number {
  return Math.floor(maxBytes / METADATA_PART)
}

function limitMetadata(
  metadata: JsonObject,
  limits: SendLimits,
  onLarge: LargeListener,
): JsonObject {
  const room = metadataRoom(limits.spanBytes)
  if (mostMetadataBytes(metadata, limits) <= room) {
    return metadata
  }
  const small = Object.fromEntries(
    Object.entries(metadata).flatMap(([key, value]): (readonly [string, JsonValue])[] => {
      if (wireBytes(value) <= METADATA_VALUE_BYTES) {
        return [[key, value]]
      }
      if (DEFINITIONS.has(key) && typeof value === 'object') {
        const bounded = boundDefinitions(key, value, definitionRoom(limits))
        return bounded === undefined ? [] : [[key, bounded]]
      }
      onLarge(key)
      return [[key, cutMiddle(toText(value), METADATA_VALUE_BYTES)]]
    }),
  )
  return wireBytes(small) <= room ? small : dropMetadata(small, room)
}

/* Definitions of tools and schemas have a bound of their own, and keep their form. */
const DEFINITIONS: ReadonlySet<string> = new Set([
  attributes.toolDefinitions,
  attributes.responseSchema,
])
/* They are within their bound when they are recorded. Redaction may make a text longer. */
const REDACTION_GROWTH = 1.25

function definitionRoom({ definitionBytes = 0 }: SendLimits): number {
  return Math.max(METADATA_VALUE_BYTES, definitionBytes * REDACTION_GROWTH)
}

function boundDefinitions(key: string, value: JsonValue, maxBytes: number): JsonValue | undefined {
  return key === attributes.toolDefinitions
    ? boundToolDefinitions(value, maxBytes)
    : boundSchema(value, maxBytes)
}

/* Infinite where one value may be too large; nearly all metadata is small, and looked at once. */
function mostMetadataBytes(metadata: JsonObject, limits: SendLimits): number {
  let bytes = MOST_BYTES_PER_VALUE
  for (const key in metadata) {
    const value = metadata[key]
    const most = mostBytes(value)
    const isLarge = DEFINITIONS.has(key)
      ? lengthOf(value) > definitionRoom(limits)
      : most > METADATA_VALUE_BYTES
    bytes += isLarge ? Number.POSITIVE_INFINITY : key.length * MOST_BYTES_PER_UNIT + most
  }
  return bytes
}

/* About the length of a value as JSON. */
function lengthOf(value: JsonValue | undefined): number {
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' ? value.length + 3 : 5
  }
  let length = 2
  for (const [key, entry] of Object.entries(value)) {
    length += (isList(value) ? 0 : key.length + 3) + lengthOf(entry)
  }
  return length
}

const OURS: ReadonlySet<string> = new Set(Object.values(attributes))

/* Ours stay: without them a trace says neither how it ended nor what it is. */
function dropMetadata(metadata: JsonObject, room: number): JsonObject {
  const entries = Object.entries(metadata)
  let bytes = 0
  const kept = entries.filter(([key, value]) => {
    bytes += wireBytes(key) + wireBytes(value)
    return OURS.has(key) || bytes <= room
  })
  return withTruncated(Object.fromEntries(kept), `${entries.length - kept.length} metadata values`)
}

function cutWords(text: string, length = WORDS_LENGTH): string {
  return wellFormedText(cutEnd(text, length))
}

function cutError(text: string): string {
  const error = wellFormedText(text)
  return error.length > ERROR_LENGTH ? `${cutEnd(error, ERROR_LENGTH - 1)}…` : error
}
