import type { Fields } from './read.ts'
import { probe, read } from './readable.ts'

/** What a built-in object holds, as something that a snapshot can copy. `left` counts entries that were not taken. */
export type BuiltInForm =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'items'; readonly items: readonly unknown[]; readonly left: number }
  | { readonly kind: 'fields'; readonly fields: Fields; readonly left: number }

const ERROR_FIELDS = ['name', 'message', 'code', 'cause', 'errors'] as const
const OPAQUE_TAGS: ReadonlySet<string> = new Set([
  'Promise',
  'WeakMap',
  'WeakSet',
  'WeakRef',
  'Generator',
  'AsyncGenerator',
])

/**
 * What a built-in object holds, or `undefined` for an instance of a class, whose own properties say it. Streams,
 * promises and iterators are named and never read, since they can be read only once and that is the host's to do.
 */
export function builtInForm(value: Fields, maxEntries: number): BuiltInForm | undefined {
  const tag = tagOf(value)
  const blob = blobForm(value, tag)
  if (blob !== undefined) {
    return { kind: 'fields', fields: blob, left: 0 }
  }
  const name = opaqueName(value, tag)
  if (name !== undefined) {
    return { kind: 'value', value: `[${name}]` }
  }
  if (isError(value, tag)) {
    return errorForm(value)
  }
  return taggedForm(value, tag, maxEntries) ?? emptyForm(value, tag)
}

/* `Map`, `Promise`, for most classes `Object`. */
function tagOf(value: Fields): string {
  try {
    return Object.prototype.toString.call(value).slice('[object '.length, -1)
  } catch {
    return 'Object'
  }
}

/* Binary content as its size, without a byte of it being read. */
function blobForm(value: Fields, tag: string): Fields | undefined {
  if (ArrayBuffer.isView(value) || tag === 'ArrayBuffer' || tag === 'SharedArrayBuffer') {
    return sizeForm(probe(value, 'byteLength'), undefined)
  }
  const isBlob = isMethod(value, 'arrayBuffer') && isMethod(value, 'slice')
  return isBlob ? sizeForm(probe(value, 'size'), probe(value, 'type')) : undefined
}

function sizeForm(bytes: unknown, mimeType: unknown): Fields | undefined {
  if (typeof bytes !== 'number') {
    return undefined
  }
  return typeof mimeType === 'string' && mimeType !== ''
    ? { type: 'blob', mime_type: mimeType, bytes }
    : { type: 'blob', bytes }
}

function opaqueName(value: Fields, tag: string): string | undefined {
  if (OPAQUE_TAGS.has(tag)) {
    return tag
  }
  if (isMethod(value, 'getReader')) {
    return tag === 'Object' ? 'ReadableStream' : tag
  }
  if (isMethod(value, Symbol.asyncIterator)) {
    return tag === 'Object' ? 'AsyncIterator' : tag
  }
  return undefined
}

function isMethod(value: Fields, key: PropertyKey): boolean {
  return typeof probe(value, key) === 'function'
}

/* The stack is not read: engines write it at the first reading, at a price, through a hook of the host's. */
function isError(value: Fields, tag: string): boolean {
  if (tag === 'Error' || tag === 'DOMException') {
    return true
  }
  return (
    'stack' in value &&
    typeof probe(value, 'name') === 'string' &&
    typeof probe(value, 'message') === 'string'
  )
}

function errorForm(value: Fields): BuiltInForm {
  const fields: Record<string, unknown> = Object.create(null)
  for (const field of ERROR_FIELDS) {
    if (field in value) {
      fields[field] = read(value, field)
    }
  }
  for (const key of Object.keys(value)) {
    if (key !== 'stack' && !(key in fields)) {
      fields[key] = read(value, key)
    }
  }
  return { kind: 'fields', fields, left: 0 }
}

/* A tag is a claim that any class can make; the built-in's own method is the proof, and throws where it is a lie. */
function taggedForm(value: Fields, tag: string, maxEntries: number): BuiltInForm | undefined {
  try {
    switch (tag) {
      case 'Map':
        return mapForm(value, maxEntries)
      case 'Set':
        return setForm(value, maxEntries)
      case 'Date':
        return { kind: 'value', value: dateText(value) }
      case 'RegExp':
        return { kind: 'value', value: RegExp.prototype.toString.call(value) }
      case 'Boolean':
        return { kind: 'value', value: Boolean.prototype.valueOf.call(value) }
      case 'Number':
        return { kind: 'value', value: Number.prototype.valueOf.call(value) }
      case 'String':
        return { kind: 'value', value: String.prototype.valueOf.call(value) }
      case 'BigInt':
        return { kind: 'value', value: BigInt.prototype.valueOf.call(value) }
      case 'Symbol':
        return { kind: 'value', value: Symbol.prototype.toString.call(value) }
      default:
        return undefined
    }
  } catch {
    return undefined
  }
}

function dateText(value: Fields): string | null {
  const time = Date.prototype.getTime.call(value)
  return Number.isNaN(time) ? null : Date.prototype.toISOString.call(value)
}

function setForm(value: Fields, maxEntries: number): BuiltInForm {
  const values: Iterable<unknown> = Set.prototype.values.call(value)
  const items = firstOf(values, maxEntries)
  return { kind: 'items', items, left: sizeOf(Set.prototype, value) - items.length }
}

function mapForm(value: Fields, maxEntries: number): BuiltInForm {
  const entries: Iterable<readonly [unknown, unknown]> = Map.prototype.entries.call(value)
  const items = firstOf(entries, maxEntries)
  const left = sizeOf(Map.prototype, value) - items.length
  const fields: Record<string, unknown> = Object.create(null)
  for (const [key, item] of items) {
    if (typeof key !== 'string') {
      return { kind: 'items', items, left }
    }
    fields[key] = item
  }
  return { kind: 'fields', fields, left }
}

function firstOf<Item>(items: Iterable<Item>, count: number): Item[] {
  const first: Item[] = []
  for (const item of items) {
    first.push(item)
    if (first.length >= count) {
      break
    }
  }
  return first
}

/* By the built-in's own getter, for a subclass may have another. */
function sizeOf(prototype: object, value: Fields): number {
  const size: unknown = Reflect.get(prototype, 'size', value)
  return typeof size === 'number' ? size : 0
}

/* What keeps all it has in private, such as a `Response` or an iterator, is told by its name at least. */
function emptyForm(value: Fields, tag: string): BuiltInForm | undefined {
  return tag !== 'Object' && Object.keys(value).length === 0
    ? { kind: 'value', value: `[${tag}]` }
    : undefined
}
