import { attributes } from '../shape/attributes.ts'
import type { JsonObject, JsonValue } from '../shape/json.ts'
import { isMessageList } from '../shape/messages.ts'
import { toText } from '../shape/safe-json.ts'
import { cutMiddle } from '../shape/text-bytes.ts'
import type { FinishedSpan, FinishedTrace } from '../shape/trace.ts'

/** Bounds of what is sent; those of the service where they are its own. */
export interface SendLimits {
  /** Bytes of one span. */
  readonly spanBytes: number
}

/* The service's own: `contract`, Limits. */
const SESSION_ID_LENGTH = 256
/** Tags of one trace. */
export const TAGS = 20
const TAG_LENGTH = 64
const METADATA_VALUE_BYTES = 2048
/* What the fields of a span take besides its payload and metadata. */
const SPAN_OVERHEAD = 1000

/**
 * The trace within the limits of the service. What is too long is cut and says so in `trulayer.truncated`; no cut splits
 * a character.
 */
export function limitTrace(trace: FinishedTrace, limits: SendLimits): FinishedTrace {
  return {
    ...trace,
    sessionId: cutEnd(trace.sessionId, SESSION_ID_LENGTH),
    tags: limitTags(trace.tags),
    metadata: limitMetadata(trace.metadata),
    ...limitPayload(trace, limits.spanBytes),
    spans: trace.spans.map((span) => limitSpan(span, limits.spanBytes)),
  }
}

function limitSpan(span: FinishedSpan, maxBytes: number): FinishedSpan {
  const metadata = limitMetadata(span.metadata)
  const payload = limitPayload(span, maxBytes)
  return metadata === span.metadata && payload === undefined
    ? span
    : { ...span, metadata, ...payload }
}

type Payload = Pick<FinishedSpan, 'input' | 'output' | 'metadata'>

/* Only a span that is too large is cut, its input and its output to what the other leaves of the room. */
function limitPayload(holder: Payload, maxBytes: number): Payload | undefined {
  if (mostBytes(holder.input) + mostBytes(holder.output) + mostBytes(holder.metadata) < maxBytes) {
    return undefined
  }
  const metadata = limitMetadata(holder.metadata)
  const room = maxBytes - SPAN_OVERHEAD - wireBytes(metadata)
  const inputBytes = wireBytes(holder.input)
  const outputBytes = wireBytes(holder.output)
  if (inputBytes + outputBytes <= room) {
    return undefined
  }
  const outputRoom = Math.max(room - inputBytes, Math.floor(room / 2))
  const output = outputBytes > outputRoom ? cutValue(holder.output, outputRoom) : holder.output
  const inputRoom = room - wireBytes(output)
  const input = inputBytes > inputRoom ? cutValue(holder.input, inputRoom) : holder.input
  return {
    input,
    output,
    metadata: {
      ...metadata,
      [attributes.truncated]: `${inputBytes + outputBytes} bytes to ${wireBytes(input) + wireBytes(output)}`,
    },
  }
}

/* As text inside JSON: quotes and line breaks are escaped once more. */
function wireBytes(value: JsonValue | undefined): number {
  return value === undefined ? 0 : encoder.encode(JSON.stringify(toText(value))).length
}

const encoder = new TextEncoder()
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
  for (const key of Object.keys(value)) {
    bytes += key.length * MOST_BYTES_PER_UNIT + mostBytes(value[key])
  }
  return bytes
}

/** A list of messages loses its oldest turns first, and never the system's words; other long texts lose their middle. */
function cutValue(value: JsonValue | undefined, maxBytes: number): JsonValue | undefined {
  if (value === undefined) {
    return undefined
  }
  const shorter = isMessageList(value) && isList(value) ? dropOldest(value, maxBytes) : value
  if (wireBytes(shorter) <= maxBytes) {
    return shorter
  }
  // A text in JSON may take several times its length: it is cut in proportion to what it takes.
  let text = toText(shorter)
  for (let room = maxBytes; wireBytes(text) > maxBytes && room > 0; room = Math.floor(room / 2)) {
    text = cutMiddle(text, room)
  }
  return text
}

function dropOldest(messages: readonly JsonValue[], maxBytes: number): readonly JsonValue[] {
  const sizes = messages.map((message) => wireBytes(message))
  let bytes = sizes.reduce((sum, size) => sum + size, 0)
  const kept = messages.filter((message, index) => {
    const isNeeded =
      bytes <= maxBytes || roleOf(message) === 'system' || index === messages.length - 1
    bytes -= isNeeded ? 0 : (sizes[index] ?? 0)
    return isNeeded
  })
  return withoutOrphanedResponses(kept)
}

/* A tool's answer without the call that it answers tells nothing, and providers refuse such a list on a replay. */
function withoutOrphanedResponses(messages: readonly JsonValue[]): readonly JsonValue[] {
  const start = messages.findIndex((message) => roleOf(message) !== 'system')
  const firstKept = messages.findIndex(
    (message, index) => index >= start && roleOf(message) !== 'tool',
  )
  return messages.filter(
    (_, index) => index < start || index >= firstKept || index === messages.length - 1,
  )
}

function roleOf(message: JsonValue): unknown {
  return typeof message === 'object' && message !== null && 'role' in message
    ? message['role']
    : undefined
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function limitTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  // Those set last win: a call's own come after the session's.
  return Object.fromEntries(
    Object.entries(tags)
      .slice(-TAGS)
      .map(([key, value]) => [cutEnd(key, TAG_LENGTH), cutEnd(value, TAG_LENGTH)]),
  )
}

/** Whether a metadata value is larger than what is sent of it. */
export function isLargeMetadata(value: JsonValue): boolean {
  return mostBytes(value) > METADATA_VALUE_BYTES && wireBytes(value) > METADATA_VALUE_BYTES
}

function limitMetadata(metadata: JsonObject): JsonObject {
  if (!Object.values(metadata).some(isLargeMetadata)) {
    return metadata
  }
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) =>
      isLargeMetadata(value) ? [key, cutMiddle(toText(value), METADATA_VALUE_BYTES)] : [key, value],
    ),
  )
}

function cutEnd(text: string, length: number): string {
  if (text.length <= length) {
    return text
  }
  const splitsPair = (text.codePointAt(length - 1) ?? 0) > 0xffff
  return text.slice(0, splitsPair ? length - 1 : length)
}
