import { builtInForm } from './built-in.ts'
import type { JsonValue } from './json.ts'
import {
  type BlobPart,
  findMedia,
  mayHoldBase64,
  mayHoldMedia,
  wholeMedia,
  withoutMedia,
} from './media.ts'
import { type Fields, isObject } from './read.ts'
import { objectForm } from './object-forms.ts'
import { probe, read, readItem } from './readable.ts'
import { cutMiddle, isWide, textBytes } from './text-bytes.ts'
import { wellFormedText } from './well-formed-text.ts'

/** Bounds of a snapshot. */
export interface SnapshotLimits {
  /** Rough size of the copy as JSON, in bytes of UTF-8: 4 MiB unless given. */
  readonly maxBytes: number
  /** How deep lists and objects may stand in each other: 100 unless given, and at most 500 to spare the stack. */
  readonly maxDepth: number
  /** Entries of one list or object: 10,000 unless given. */
  readonly maxEntries: number
}

/** A plain copy of a value as it was at one moment. */
export interface Snapshot {
  readonly value: JsonValue
  /** Rough size of the value as JSON, in bytes of UTF-8. */
  readonly bytes: number
  /** Whether a limit cut something. */
  readonly truncated: boolean
}

/** One run of `snapshot`. */
interface Walk {
  readonly maxDepth: number
  readonly maxEntries: number
  /** The budget of bytes. It falls to 0 when the walk has looked at too much that came to nothing. */
  maxBytes: number
  bytes: number
  /** Properties that were listed and have no place in the copy: they take no bytes, but time. */
  idle: number
  truncated: boolean
  /** Whether media was replaced by its type and size. */
  elided: boolean
  depth: number
  /** The first `height` are the objects that the value at hand stands in. */
  readonly ancestors: object[]
  height: number
}

type Copy = Record<string, JsonValue>

const DEFAULT_BYTES = 4 * 1024 * 1024
const DEFAULT_DEPTH = 100
const DEFAULT_ENTRIES = 10_000
const DEEPEST = 500
const MOST_IDLE = 2_000_000
const LONGEST_KEY = 1_024
/* With less room than this a cut text would be little but its mark. */
const SHORTEST_CUT = 64
/* The decimal digits of a huge number take time that grows faster than the number. */
const LARGEST_BIGINT = 1n << 32_768n
/* Shorter texts are not searched for media. */
const SHORTEST_MEDIA = 24
/* A shorter run of base64 in JSON text may be an id or a hash. */
const SHORTEST_BASE64 = 160
/* Longer JSON text is not parsed, as the host waits for it. */
const LONGEST_JSON = 16 * 1024 * 1024
const JSON_START = /^\s{0,8}[[{]/
const JSON_MEDIA = /"(?:image|audio|video)\/|"Buffer"/
const SIZE_LIMIT = '[Size limit]'
const UNREADABLE = '[Unreadable]'
const MORE_KEY = '…'

/**
 * Makes a plain, detached copy that JSON can hold, whatever the value is: frameworks change what they hand over, and a
 * trace must not change with it. It never throws, and takes bounded time and memory; what has no place in JSON becomes
 * a text that names it, such as `[Circular]`.
 */
export function snapshot(value: unknown, limits?: Partial<SnapshotLimits>): Snapshot {
  const maxBytes = limitOr(limits?.maxBytes, DEFAULT_BYTES)
  let walk: Walk | undefined
  try {
    // Most of what is copied is a short text, which needs no walk.
    if (
      typeof value === 'string' &&
      value.length < SHORTEST_MEDIA &&
      value.length + 2 <= maxBytes &&
      isSimpleText(value)
    ) {
      return { value, bytes: value.length + 2, truncated: false }
    }
    walk = startWalk(maxBytes, limits)
    const copy = copyValue(walk, value, '')
    const kept = copy === undefined ? copyUnkept(walk, value) : copy
    return { value: kept, bytes: walk.bytes, truncated: walk.truncated }
  } catch {
    // Where the host has used up the stack even the marks below cannot be made.
    return {
      value: UNREADABLE,
      bytes: UNREADABLE.length + 2,
      truncated: walk?.truncated === true,
    }
  }
}

function startWalk(maxBytes: number, limits: Partial<SnapshotLimits> | undefined): Walk {
  return {
    maxDepth: Math.min(DEEPEST, limitOr(limits?.maxDepth, DEFAULT_DEPTH)),
    maxEntries: limitOr(limits?.maxEntries, DEFAULT_ENTRIES),
    maxBytes,
    bytes: 0,
    idle: 0,
    truncated: false,
    elided: false,
    depth: 0,
    ancestors: [],
    height: 0,
  }
}

/** JSON text of a plain value, for fields that hold text; a string stays as it is. */
export function toText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function limitOr(limit: number | undefined, fallback: number): number {
  return limit !== undefined && limit >= 0 ? limit : fallback
}

/* `undefined` where JSON has no place for the value: an object leaves it out, a list holds null. */
function copyValue(walk: Walk, value: unknown, key: string | number): JsonValue | undefined {
  switch (typeof value) {
    case 'string':
      return copyString(walk, value, key)
    case 'number':
      return copyNumber(walk, value)
    case 'boolean':
      walk.bytes += 5
      return value
    case 'bigint':
      return copyBigint(walk, value)
    case 'object':
      return isObject(value) ? copyObject(walk, value, key) : copyNull(walk)
    case 'function':
    case 'symbol':
    case 'undefined':
    default:
      return undefined
  }
}

function copyUnkept(walk: Walk, value: unknown): JsonValue {
  if (typeof value === 'function') {
    return copyText(walk, functionText(value))
  }
  return typeof value === 'symbol' ? copyText(walk, String(value)) : copyNull(walk)
}

function functionText(value: object): string {
  let name: unknown
  try {
    name = Reflect.get(value, 'name')
  } catch {
    // A proxy may refuse; it is a function all the same.
  }
  return typeof name === 'string' && name !== '' ? `[Function ${name}]` : '[Function]'
}

function copyNull(walk: Walk): null {
  walk.bytes += 4
  return null
}

function copyNumber(walk: Walk, value: number): JsonValue {
  if (!Number.isFinite(value)) {
    return copyText(walk, String(value))
  }
  // About: small integers are short, and anything else may have up to 17 digits.
  walk.bytes += (value | 0) === value ? 4 : 16
  // JSON knows no -0.
  return value === 0 ? 0 : value
}

function copyBigint(walk: Walk, value: bigint): string {
  const isShort = value < LARGEST_BIGINT && value > -LARGEST_BIGINT
  return isShort ? copyText(walk, String(value)) : cutMark(walk, '[BigInt]')
}

/* The texts of a message keep their form, whatever they hold. */
function copyString(walk: Walk, text: string, key: string | number): JsonValue {
  if (text.length < SHORTEST_MEDIA) {
    return copyText(walk, text)
  }
  const media = key === 'content' || key === 'text' ? undefined : wholeMedia(text)
  if (media !== undefined) {
    const fields: Copy = {}
    walk.bytes += 2
    putMedia(walk, fields, media)
    return fields
  }
  const clean = elideMedia(text)
  walk.elided ||= clean !== text
  return copyText(walk, clean)
}

/** The text with media replaced by its type and size, also where the text is JSON. */
export function elideMedia(text: string): string {
  if (text.length < SHORTEST_MEDIA) {
    return text
  }
  const isJson =
    JSON_START.test(text) &&
    text.length <= LONGEST_JSON &&
    (JSON_MEDIA.test(text) || mayHoldBase64(text, SHORTEST_BASE64))
  return (isJson ? elideJson(text) : undefined) ?? withoutMedia(text)
}

/* `undefined` for a text that is not JSON, or in which nothing is replaced. */
function elideJson(text: string): string | undefined {
  try {
    const walk = startWalk(Number.POSITIVE_INFINITY, {
      maxDepth: DEEPEST,
      maxEntries: Number.POSITIVE_INFINITY,
    })
    const copy = copyValue(walk, JSON.parse(text), '')
    return walk.elided && !walk.truncated ? JSON.stringify(copy) : undefined
  } catch {
    return undefined
  }
}

function putMedia(walk: Walk, fields: Copy, { mime_type: mediaType, bytes }: BlobPart): void {
  walk.elided = true
  put(fields, copyKey(walk, 'type'), copyText(walk, 'blob'))
  if (mediaType !== undefined) {
    put(fields, copyKey(walk, 'mime_type'), copyText(walk, mediaType))
  }
  if (bytes !== undefined) {
    put(fields, copyKey(walk, 'bytes'), copyNumber(walk, bytes))
  }
}

function copyText(walk: Walk, text: string): string {
  const wide = isWide(text)
  const bytes = (wide ? textBytes(text) : text.length) + 2
  const room = walk.maxBytes - walk.bytes
  if (bytes <= room) {
    walk.bytes += bytes
    // Surrogates are wide, so most text needs the cheap half of the check alone.
    return wide || text.includes('\0') ? wellFormedText(text) : text
  }
  // An eighth stays for what stands beside the text: one long field must not cost the others.
  const share = walk.depth === 0 ? room : Math.floor(room * 0.875)
  return share < SHORTEST_CUT
    ? cutMark(walk, SIZE_LIMIT)
    : cutMark(walk, wellFormedText(cutMiddle(text, share - 2)))
}

/** Whether each character is one byte, or about, and none has to be replaced. */
export function isSimpleText(text: string): boolean {
  return !isWide(text) && !text.includes('\0')
}

/* A text that stands for what it is not, whatever room there is. */
function mark(walk: Walk, text: string): string {
  walk.bytes += textBytes(text) + 2
  return text
}

function cutMark(walk: Walk, text: string): string {
  walk.truncated = true
  return mark(walk, text)
}

function copyObject(walk: Walk, value: Fields, key: string | number): JsonValue | undefined {
  const { depth, height } = walk
  if (isAncestor(walk, value)) {
    return mark(walk, '[Circular]')
  }
  if (depth >= walk.maxDepth) {
    return cutMark(walk, '[Depth limit]')
  }
  walk.depth = depth + 1
  enter(walk, value)
  try {
    return copyContent(walk, value, key)
  } catch {
    // A proxy that throws, or the end of the stack.
    return mark(walk, UNREADABLE)
  } finally {
    walk.depth = depth
    walk.height = height
  }
}

/* Objects above alone, not all that were seen: the same object twice in different places is no cycle. */
function isAncestor(walk: Walk, value: object): boolean {
  for (let index = walk.height - 1; index >= 0; index -= 1) {
    if (walk.ancestors[index] === value) {
      return true
    }
  }
  return false
}

/* Left again by resetting the height alone; shrinking the array each time would double the cost of small objects. */
function enter(walk: Walk, value: object): void {
  walk.ancestors[walk.height] = value
  walk.height += 1
}

function copyContent(walk: Walk, value: Fields, key: string | number): JsonValue | undefined {
  const method = probe(value, 'toJSON')
  // The `toJSON` of a `Buffer` would write out every byte.
  if (typeof method !== 'function' || ArrayBuffer.isView(value)) {
    return copyBody(walk, value)
  }
  const shown = objectForm(value) ?? ownForm(value, method, key)
  if (shown === value) {
    return copyBody(walk, value)
  }
  if (!isObject(shown)) {
    return copyValue(walk, shown, key)
  }
  if (isAncestor(walk, shown)) {
    return mark(walk, '[Circular]')
  }
  enter(walk, shown)
  return copyBody(walk, shown)
}

/* What `toJSON` gives. As in `JSON.stringify`, what it gives is not asked again. */
function ownForm(value: Fields, method: Function, key: string | number): unknown {
  try {
    return Reflect.apply(method, value, [String(key)])
  } catch {
    return value
  }
}

function copyBody(walk: Walk, value: Fields): JsonValue | undefined {
  if (isPlain(value)) {
    return copyPlain(walk, value)
  }
  return isList(value) ? copyItems(walk, value, lengthOf(value)) : copyInstance(walk, value)
}

function copyPlain(walk: Walk, value: Fields): JsonValue | undefined {
  const before = walk.bytes
  const fields = copyFields(walk, value)
  // Two bytes are an empty object, and a stream may be written as an object of functions. Asking only here what it is
  // saves every other object the look-ups.
  const form = walk.bytes === before + 2 ? builtInForm(value, 0) : undefined
  return form?.kind === 'value' ? copyValue(walk, form.value, '') : fields
}

function isPlain(value: Fields): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function isList(value: Fields): value is Fields & readonly unknown[] {
  return Array.isArray(value)
}

/* That of a proxy may be anything. */
function lengthOf(items: Fields): number {
  const { length } = items
  return typeof length === 'number' && Number.isSafeInteger(length) ? length : 0
}

function copyInstance(walk: Walk, value: Fields): JsonValue | undefined {
  const form = builtInForm(value, walk.maxEntries)
  switch (form?.kind) {
    case 'value':
      return copyValue(walk, form.value, '')
    case 'items':
      return copyItems(walk, form.items, form.items.length + form.left)
    case 'fields':
      return copyFields(walk, form.fields, form.left)
    case undefined:
    default:
      return copyFields(walk, value)
  }
}

function copyItems(walk: Walk, items: readonly unknown[], total: number): JsonValue {
  const copies: JsonValue[] = []
  const count = Math.min(total, walk.maxEntries)
  walk.bytes += 2
  let index = 0
  while (index < count && walk.bytes < walk.maxBytes) {
    const copy = copyValue(walk, readItem(items, index), index)
    copies.push(copy === undefined ? copyNull(walk) : copy)
    walk.bytes += 1
    index += 1
  }
  if (index < total) {
    copies.push(moreMark(walk, total - index))
  }
  return copies
}

/* `left` entries are missing from the source already. */
function copyFields(walk: Walk, source: Fields, left = 0): JsonValue {
  const keys = Object.keys(source)
  const media = mayHoldMedia(keys) ? findMedia(source, keys) : undefined
  const fields: Copy = {}
  walk.bytes += 2
  if (media !== undefined) {
    putMedia(walk, fields, media.part)
  }
  let taken = 0
  for (const key of keys) {
    if (taken >= walk.maxEntries || walk.bytes >= walk.maxBytes) {
      break
    }
    taken += 1
    if (media?.keys.has(key) === true) {
      continue
    }
    const copy = copyValue(walk, read(source, key), key)
    if (copy === undefined) {
      countIdle(walk, 1)
    } else {
      put(fields, copyKey(walk, key), copy)
    }
  }
  const missing = keys.length - taken
  if (missing + left > 0) {
    countIdle(walk, missing)
    put(fields, MORE_KEY, moreMark(walk, missing + left))
  }
  return fields
}

/* Keys that need no check, since the same few come again and again. */
const simpleKeys = new Set<string>()
const MOST_SIMPLE_KEYS = 1000
const LONGEST_SIMPLE_KEY = 64

function copyKey(walk: Walk, key: string): string {
  walk.bytes += key.length + 4
  if (simpleKeys.has(key)) {
    return key
  }
  if (key.length > LONGEST_KEY) {
    walk.truncated = true
    return wellFormedText(cutMiddle(key, LONGEST_KEY))
  }
  const clean = wellFormedText(key)
  if (clean === key && key.length <= LONGEST_SIMPLE_KEY && simpleKeys.size < MOST_SIMPLE_KEYS) {
    simpleKeys.add(key)
  }
  return clean
}

/* What assigning does to `__proto__`, and what it refuses where the host has frozen `Object.prototype`. */
function put(fields: Copy, key: string, value: JsonValue): void {
  if (key !== '__proto__') {
    try {
      fields[key] = value
      return
    } catch {
      // Defined below.
    }
  }
  Object.defineProperty(fields, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  })
}

function countIdle(walk: Walk, count: number): void {
  walk.idle += count
  if (walk.idle > MOST_IDLE) {
    walk.maxBytes = 0
  }
}

function moreMark(walk: Walk, count: number): string {
  return cutMark(walk, walk.bytes < walk.maxBytes ? `[… ${count} more]` : SIZE_LIMIT)
}
