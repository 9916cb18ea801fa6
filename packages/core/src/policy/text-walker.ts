import type { JsonValue } from '../shape/json.ts'
import { mapJsonText } from './json-text.ts'

/** Takes every text of a value through a function. What it leaves alone is the same object as before. */
export interface TextWalker {
  /** @param key - that of the object in which the text stands */
  text(value: string, key?: string): string
  value(value: JsonValue, key?: string): JsonValue
}

/* A number of fewer digits is neither a card nor an account. */
const SMALLEST_NUMBER = 1e8

/**
 * Walks over lists, objects and JSON inside strings, whatever their depth.
 *
 * @param redact - answers with the text that may leave
 * @param toId - answers with what stands for the id of a tool call
 */
export function createTextWalker(
  redact: (value: string, key: string | undefined) => string,
  toId: (id: string) => string,
): TextWalker {
  const text = (value: string, key?: string): string => {
    if (value === '') {
      return value
    }
    // Tools hand JSON around as text, where escapes would hide a secret from a pattern.
    const mapped = mapJsonText(value, (part, key) => text(part, key))
    return mapped ?? redact(value, key)
  }
  const walk = (value: JsonValue, key?: string): JsonValue => {
    if (typeof value === 'string') {
      return text(value, key)
    }
    if (typeof value === 'number') {
      return number(value, key)
    }
    if (typeof value !== 'object' || value === null) {
      return value
    }
    return isList(value) ? list(value, key) : object(value)
  }
  const number = (value: number, key: string | undefined): JsonValue => {
    if (Math.abs(value) < SMALLEST_NUMBER || !Number.isInteger(value)) {
      return value
    }
    const digits = String(value)
    const after = redact(digits, key)
    return after === digits ? value : after
  }
  const list = (values: readonly JsonValue[], key: string | undefined): JsonValue => {
    const walked = joinTexts(
      values.map((value) => walk(value, key)),
      (value) => text(value),
    )
    return walked.some((value, index) => value !== values[index]) ? walked : values
  }
  const object = (value: { readonly [key: string]: JsonValue }): JsonValue => {
    const isToolCall = value['type'] === 'tool_call' || value['type'] === 'tool_call_response'
    const entries = new Map<string, JsonValue>()
    let isSame = true
    for (const [key, entry] of Object.entries(value)) {
      const newKey = freeKey(text(key), entries)
      const newEntry =
        isToolCall && key === 'id' && typeof entry === 'string' ? toId(entry) : walk(entry, key)
      isSame &&= newKey === key && newEntry === entry
      entries.set(newKey, newEntry)
    }
    return isSame ? value : Object.fromEntries(entries)
  }
  return { text, value: walk }
}

/* Two keys with one mark are still two entries. */
function freeKey(key: string, taken: ReadonlyMap<string, JsonValue>): string {
  let free = key
  for (let count = 2; taken.has(free); count += 1) {
    free = `${key} ${count}`
  }
  return free
}

interface Piece {
  readonly type: string
  readonly field: 'content' | 'text'
  readonly text: string
}

/*
 * A model or a provider may cut one text into parts, and a secret with it: neighbours are looked at as one text too. What
 * is found only there takes the place of the first, and the others become empty.
 */
function joinTexts(
  values: readonly JsonValue[],
  redact: (value: string) => string,
): readonly JsonValue[] {
  const joined = [...values]
  for (let start = 0; start < values.length; start += 1) {
    const first = pieceOf(values[start])
    const run: Piece[] = []
    while (first !== undefined) {
      const piece = pieceOf(values[start + run.length])
      if (piece?.type !== first.type || piece.field !== first.field) {
        break
      }
      run.push(piece)
    }
    if (first !== undefined && run.length > 1) {
      const whole = run.map((piece) => piece.text).join('')
      const clean = redact(whole)
      if (clean !== whole) {
        run.forEach((piece, index) => {
          joined[start + index] = withText(values[start + index], piece, index === 0 ? clean : '')
        })
      }
      start += run.length - 1
    }
  }
  return joined
}

function withText(value: JsonValue | undefined, piece: Piece, text: string): JsonValue {
  return isObject(value) ? { ...value, [piece.field]: text } : text
}

function pieceOf(value: JsonValue | undefined): Piece | undefined {
  if (!isObject(value)) {
    return undefined
  }
  const { type, content, text } = value
  if (type !== 'text' && type !== 'reasoning') {
    return undefined
  }
  if (typeof content === 'string') {
    return { type, field: 'content', text: content }
  }
  return typeof text === 'string' ? { type, field: 'text', text } : undefined
}

function isObject(value: JsonValue | undefined): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
