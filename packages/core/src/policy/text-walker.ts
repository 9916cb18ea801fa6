import { isJsonList, isJsonObject, type JsonValue } from '../shape/json.ts'
import { mapJsonText } from './json-text.ts'
import { REDACTION_FAILED } from './redaction-failed.ts'
import { isPair, nameBefore, nameOf, type Pair, RAW_HEADERS } from './named-values.ts'
import { fromEntries } from './unique-keys.ts'

/** Takes every text of a value through a function. What it leaves alone is the same object as before. */
export interface TextWalker {
  /** @param key - that of the object in which the text stands */
  text(value: string, key?: string): string
  value(value: JsonValue, key?: string): JsonValue
}

/* A number of fewer digits is neither a card nor an account. */
const SMALLEST_NUMBER = 1e8

/** What a walker does to what it meets. */
export interface WalkerOptions {
  /** Answers with the text that may leave. */
  readonly redact: (value: string, key: string | undefined) => string
  /** Answers with what stands for the id of a tool call. */
  readonly toId: (id: string) => string
  /** Whether everything under that key is a secret: every number, however short it is. */
  readonly hides: (key: string) => boolean
  /**
   * Whether a key that hides counts for what is inside objects and lists under it too. False for schemas, in which
   * `password` is the name of a parameter.
   */
  readonly hidesBelow: boolean
  /** What has been made of long texts so far, where that depends on nothing but the text. */
  readonly known?: Map<string, string> | undefined
}

/* As deep as what is recorded may be. What others wrote may be deeper than the stack. */
const DEEPEST = 500

/* A shorter text is looked at sooner than looked up. */
const LONG = 100

/** Walks over lists, objects and JSON inside strings, whatever their depth. */
export function createTextWalker(options: WalkerOptions): TextWalker {
  const { redact, toId, hides, hidesBelow, known } = options
  const isHiding = (key: string | undefined): key is string => key !== undefined && hides(key)
  const look = (value: string, key?: string): string => {
    if (hidesBelow && isHiding(key)) {
      return redact(value, key)
    }
    // Tools hand JSON around as text, where escapes would hide a secret from a pattern.
    return mapJsonText(value, { map: text, hides, hidesBelow }) ?? redact(value, key)
  }
  const text = (value: string, key?: string): string => {
    if (value === '') {
      return value
    }
    if (known === undefined || value.length < LONG || isHiding(key)) {
      return look(value, key)
    }
    const before = known.get(value)
    const clean = before ?? look(value, key)
    if (before === undefined) {
      known.set(value, clean)
    }
    return clean
  }
  const walk = (value: JsonValue, key?: string, depth = 0): JsonValue => {
    if (typeof value === 'string') {
      return text(value, key)
    }
    if (typeof value === 'number') {
      return number(value, key)
    }
    if (typeof value !== 'object' || value === null) {
      return value
    }
    if (depth >= DEEPEST) {
      throw new RangeError('too deep')
    }
    return isJsonList(value) ? list(value, key, depth + 1) : object(value, key, depth + 1)
  }
  const number = (value: number, key: string | undefined): JsonValue => {
    const isLong = Math.abs(value) >= SMALLEST_NUMBER && Number.isInteger(value)
    if (!isLong && !isHiding(key)) {
      return value
    }
    const digits = String(value)
    const after = redact(digits, key)
    return after === digits ? value : after
  }
  const list = (
    values: readonly JsonValue[],
    key: string | undefined,
    depth: number,
  ): JsonValue => {
    const walked = joinTexts(
      values,
      values.map((value, index) => {
        const name = key === RAW_HEADERS ? nameBefore(values, index) : undefined
        return hidesBelow && isPair(value)
          ? pair(value, key, depth)
          : walk(value, isHiding(name) ? name : key, depth)
      }),
      text,
    )
    return walked.some((value, index) => value !== values[index]) ? walked : values
  }
  const pair = (value: Pair, key: string | undefined, depth: number): JsonValue => {
    const [name] = value
    const valueKey = !isHiding(key) && isHiding(name) ? name : key
    const walked = [text(name, key), walk(value[1], valueKey, depth)]
    return walked.some((entry, index) => entry !== value[index]) ? walked : value
  }
  const object = (
    value: { readonly [key: string]: JsonValue },
    outerKey: string | undefined,
    depth: number,
  ): JsonValue => {
    const hiddenBy = hidesBelow && isHiding(outerKey) ? outerKey : undefined
    const named = hidesBelow ? nameOf(value) : undefined
    const isToolCall = value['type'] === 'tool_call' || value['type'] === 'tool_call_response'
    let isSame = true
    const entries = Object.entries(value).map(([key, entry]): [string, JsonValue] => {
      const newKey = text(key)
      const newEntry =
        isToolCall && key === 'id' && typeof entry === 'string'
          ? toId(entry)
          : walk(entry, hiddenBy ?? (key === 'value' && isHiding(named) ? named : key), depth)
      isSame &&= newKey === key && newEntry === entry
      return [newKey, newEntry]
    })
    return isSame ? value : fromEntries(entries)
  }
  const whole = (value: JsonValue, key?: string): JsonValue => {
    try {
      return walk(value, key)
    } catch {
      // Too deep, for nothing else throws: as a text it is looked at without a stack.
      return text(JSON.stringify(value), key)
    }
  }
  return { text, value: whole }
}

interface Piece {
  readonly type: string
  readonly field: 'content' | 'text'
  readonly text: string
}

/* Parts of a message that hold a text, in our shape and as providers write them. */
const TEXT_TYPES: ReadonlySet<unknown> = new Set(['text', 'reasoning', 'input_text', 'output_text'])

/*
 * A model or a provider may cut one text into parts, and a secret with it: neighbours are looked at as one text too. Where
 * more is found in it than in the parts, it takes the place of the first, and the others become empty.
 */
function joinTexts(
  values: readonly JsonValue[],
  walked: readonly JsonValue[],
  redact: (value: string, key: string) => string,
): readonly JsonValue[] {
  const joined = [...walked]
  for (let start = 0; start < values.length; start += 1) {
    const run = runOf(values, start)
    const [first] = run
    if (first !== undefined && run.length > 1) {
      const parts = run.map((_, index) => pieceOf(walked[start + index])?.text ?? '')
      const before = run.map((piece) => piece.text).join('')
      const whole = redact(before, first.field)
      if (whole !== before && whole !== parts.join('')) {
        const clean = withFindings(whole, run, parts)
        run.forEach((piece, index) => {
          joined[start + index] = withText(walked[start + index], piece, index === 0 ? clean : '')
        })
      }
      start += run.length - 1
    }
  }
  return joined
}

/* Neighbours of one kind. */
function runOf(values: readonly JsonValue[], start: number): Piece[] {
  const first = pieceOf(values[start])
  const run: Piece[] = []
  for (let piece = first; piece !== undefined; piece = pieceOf(values[start + run.length])) {
    if (piece.type !== first?.type || piece.field !== first.field) {
      break
    }
    run.push(piece)
  }
  return run
}

/* Each is looked for in the whole, and a message may have ten thousand parts. */
const MOST_FINDINGS = 100

/* What a part held by itself, and what the text beside it has hidden from the look at the whole. */
function withFindings(whole: string, run: readonly Piece[], parts: readonly string[]): string {
  const findings = new Map<string, string>()
  run.forEach((piece, index) => {
    const { lost, replacement } = differenceOf(piece.text, parts[index] ?? '')
    findings.set(lost, replacement)
  })
  findings.delete('')
  if (findings.size > MOST_FINDINGS) {
    return REDACTION_FAILED
  }
  return [...findings].reduce(
    (text, [lost, replacement]) => text.replaceAll(lost, () => replacement),
    whole,
  )
}

/* From the first to the last unit in which two texts differ. */
function differenceOf(
  before: string,
  after: string,
): { readonly lost: string; readonly replacement: string } {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) {
    start += 1
  }
  let end = 0
  while (
    end < shorter - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end += 1
  }
  return {
    lost: before.slice(start, before.length - end),
    replacement: after.slice(start, after.length - end),
  }
}

function withText(value: JsonValue | undefined, piece: Piece, text: string): JsonValue {
  return isJsonObject(value) ? { ...value, [piece.field]: text } : text
}

function pieceOf(value: JsonValue | undefined): Piece | undefined {
  if (!isJsonObject(value)) {
    return undefined
  }
  const { type, content, text } = value
  if (typeof type !== 'string' || !TEXT_TYPES.has(type)) {
    return undefined
  }
  if (typeof content === 'string') {
    return { type, field: 'content', text: content }
  }
  return typeof text === 'string' ? { type, field: 'text', text } : undefined
}
