import type { JsonValue } from './json.ts'
import type { Message, MessagePart } from './messages.ts'
import {
  elideMedia,
  isSimpleText,
  snapshot,
  type Snapshot,
  type SnapshotLimits,
} from './safe-json.ts'

/* Longer lists, and whatever comes to more bytes than are kept, go the general way, which knows how to cut. */
const LONGEST_LIST = 1000

interface Copy {
  readonly maxBytes: number
  bytes: number
  isWhole: boolean
}

/**
 * The snapshot of messages which an adapter has made and nobody else holds. It is what `snapshot` makes of them, at a
 * fraction of its cost: getters, proxies and cycles can only stand inside of what a part holds.
 */
export function snapshotMessages(
  messages: readonly Message[],
  limits: Pick<SnapshotLimits, 'maxBytes'>,
): Snapshot {
  const copy: Copy = { maxBytes: limits.maxBytes, bytes: 2, isWhole: true }
  const value = copyMessages(copy, messages)
  return copy.isWhole && copy.bytes <= copy.maxBytes
    ? { value, bytes: copy.bytes, truncated: false }
    : snapshot(messages, limits)
}

/**
 * The snapshot of one list with the messages of several. They are shared and not copied: each call of a model is given
 * all that the one before was given, and to copy that each time takes a time that grows with its square.
 */
export function joinMessages(
  lists: readonly Snapshot[],
  limits: Pick<SnapshotLimits, 'maxBytes'>,
): Snapshot {
  const value: JsonValue[] = []
  let bytes = 0
  let truncated = false
  for (const list of lists) {
    for (const message of Array.isArray(list.value) ? list.value : [list.value]) {
      value.push(message)
    }
    bytes += list.bytes
    truncated ||= list.truncated
  }
  return bytes <= limits.maxBytes && value.length <= LONGEST_LIST
    ? { value, bytes, truncated }
    : snapshot(value, limits)
}

function copyMessages(copy: Copy, messages: readonly Message[]): JsonValue {
  const copies: JsonValue[] = []
  copy.isWhole &&= messages.length <= LONGEST_LIST
  for (const { role, parts } of messages) {
    if (!copy.isWhole) {
      break
    }
    copies.push({ role: copyContent(copy, role), parts: copyParts(copy, parts) })
    copy.bytes += 22
  }
  return copies
}

function copyParts(copy: Copy, parts: readonly MessagePart[]): JsonValue {
  const copies: JsonValue[] = []
  copy.isWhole &&= parts.length <= LONGEST_LIST
  for (const part of parts) {
    if (!copy.isWhole) {
      break
    }
    copies.push(copyPart(copy, part))
  }
  return copies
}

function copyPart(copy: Copy, part: MessagePart): JsonValue {
  const fields: Record<string, JsonValue> = {}
  for (const key of Object.keys(part)) {
    const value: unknown = Reflect.get(part, key)
    // What has no place in JSON is left out.
    if (value !== undefined && typeof value !== 'function' && typeof value !== 'symbol') {
      fields[key] = key === 'response' ? copyValue(copy, value) : copyContent(copy, value)
      copy.bytes += key.length + 4
    }
  }
  copy.bytes += 3
  return fields
}

function copyContent(copy: Copy, value: unknown): JsonValue {
  // Any text here is a field of a message, which stays a text.
  const clean = typeof value === 'string' ? elideMedia(value) : value
  if (typeof clean === 'string' && isSimpleText(clean)) {
    copy.bytes += clean.length + 2
    return clean
  }
  return copyValue(copy, clean)
}

function copyValue(copy: Copy, value: unknown): JsonValue {
  const content = snapshot(value, copy)
  copy.bytes += content.bytes
  copy.isWhole &&= !content.truncated
  return content.value
}
