import { isJsonList, type JsonValue } from '../shape/json.ts'
import { isMessageList } from '../shape/messages.ts'
import { toText } from '../shape/safe-json.ts'
import { cutMiddle, textBytes } from '../shape/text-bytes.ts'
import { dropOldest, isInstruction } from './drop-oldest.ts'

const encoder = new TextEncoder()

/** Bytes of a value on the wire, as text inside JSON: quotes and line breaks are escaped once more. */
export function wireBytes(value: JsonValue | undefined): number {
  return value === undefined ? 0 : encoder.encode(JSON.stringify(toText(value))).length
}

/**
 * A value of at most so many bytes on the wire. A list of messages loses its oldest turns first, and never what says how
 * the model is to behave; after that the longest texts in it lose their middle, so that it remains what it was. What is
 * nothing but structure becomes a text without its middle.
 */
export function cutValue(value: JsonValue | undefined, maxBytes: number): JsonValue | undefined {
  if (value === undefined || wireBytes(value) <= maxBytes) {
    return value
  }
  const shorter =
    isMessageList(value) && isJsonList(value)
      ? cutMessages(value, maxBytes)
      : shorten(value, maxBytes)
  return wireBytes(shorter) <= maxBytes ? shorter : cutText(toText(shorter), maxBytes)
}

function cutMessages(messages: readonly JsonValue[], maxBytes: number): JsonValue {
  const kept = dropOldest(messages, maxBytes, wireBytes)
  if (wireBytes(kept) <= maxBytes) {
    return kept
  }
  const room = maxBytes - wireBytes(kept.filter((message) => isInstruction(message)))
  if (room < maxBytes / LEAST_PART) {
    return shorten(kept, maxBytes)
  }
  const others = shorten(
    kept.filter((message) => !isInstruction(message)),
    room,
  )
  const shortened = isJsonList(others) ? others.values() : [].values()
  return kept.map((message) =>
    isInstruction(message) ? message : (shortened.next().value ?? message),
  )
}

/* Instructions that leave less than this part for all that was said must be cut themselves. */
const LEAST_PART = 8
const STEP = 0.75
/* With less than this a text would be little but its mark. */
const SHORTEST = 100
/* Sizes are judged by a sample of each text, so a little less than there is. */
const MARGIN = 0.95

/* The longest texts lose their middle, down to a length with which the whole fits. */
function shorten(value: JsonValue, maxBytes: number): JsonValue {
  const sizes: number[] = []
  mapTexts(value, (text) => {
    sizes.push(wireBytes(JSON.stringify(text)))
    return text
  })
  const tooMuch = wireBytes(value) - maxBytes * MARGIN
  let longest = maxBytes
  while (longest > SHORTEST && sumAbove(sizes, longest) < tooMuch) {
    longest = Math.floor(longest * STEP)
  }
  // In the order in which they were measured.
  const measured = sizes.values()
  return mapTexts(value, (text) => {
    const size = measured.next().value ?? 0
    return size > longest ? cutMiddle(text, Math.floor((textBytes(text) / size) * longest)) : text
  })
}

/* What is left out where nothing is longer than that. */
function sumAbove(sizes: readonly number[], longest: number): number {
  return sizes.reduce((sum, size) => sum + Math.max(0, size - longest), 0)
}

function mapTexts(value: JsonValue, map: (text: string) => string): JsonValue {
  if (typeof value === 'string') {
    return map(value)
  }
  if (typeof value !== 'object' || value === null) {
    return value
  }
  return isJsonList(value)
    ? value.map((entry) => mapTexts(entry, map))
    : Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, mapTexts(entry, map)]))
}

/* A text in JSON may take several times its length: it is cut in proportion to what it takes. */
function cutText(text: string, maxBytes: number): string {
  let cut = text
  for (let room = maxBytes; wireBytes(cut) > maxBytes && room > 0; room = Math.floor(room / 2)) {
    cut = cutMiddle(text, room)
  }
  return cut
}
