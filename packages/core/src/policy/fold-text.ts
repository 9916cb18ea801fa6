/** A text whose look-alikes of ASCII are ASCII, and where each of its units stood. */
export interface FoldedText {
  readonly text: string
  /** The position in the original of a position in `text`. */
  position(index: number): number
}

const WIDE = /[^\0-\x9f]/
/* What takes no room of its own: zero-width and directional marks, and accents and frames over the letter before. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{M}]/u
const SPACE = /\p{Z}/u
const DASH = /[\p{Pd}\u2212]/u
const DIGIT = /\p{Nd}/u
const ASCII = /^[ -~]$/
const HEX = /^[\da-f]{4}$/i

/* In the table of folded units; zero stands for what was not asked yet. */
const REMOVED = 0xffff
const CHUNK = 8192

/**
 * Folds what people, models and programs write in place of ASCII, so that `４１１１`, `sk\u200b-…`, `a＠b.co` and the JSON
 * escape `\u0040` are found: odd spaces and dashes, invisible and combining marks, digits of other scripts, compatible
 * forms (full-width, mathematical, raised), escapes. A text without any of it, which is nearly every text, is returned as
 * it is.
 */
export function foldText(text: string): FoldedText {
  return WIDE.test(text) || text.includes('\\') ? fold(text) : { text, position: same }
}

function fold(text: string): FoldedText {
  const units = new Uint16Array(text.length)
  const positions = new Uint32Array(text.length + 1)
  let length = 0
  let isSame = true
  for (let index = 0; index < text.length;) {
    const code = text.charCodeAt(index)
    const sequence = code === BACKSLASH ? escapeAt(text, index) : pairAt(text, index, code)
    const folded = sequence?.unit ?? (isFoldable(code) ? foldUnit(code) : code)
    isSame &&= sequence === undefined && folded === code
    // The backslashes of a row that is no escape are taken together, lest each look at the rest of them.
    const count = sequence === undefined && code === BACKSLASH ? backslashes(text, index) : 1
    const kept = folded === REMOVED ? 0 : count
    for (let taken = 0; taken < kept; taken += 1) {
      units[length] = folded
      positions[length] = index + taken
      length += 1
    }
    index += sequence?.length ?? count
  }
  if (isSame) {
    return { text, position: same }
  }
  positions[length] = text.length
  return {
    text: toString(units.subarray(0, length)),
    position: (index) => positions[index] ?? text.length,
  }
}

function same(index: number): number {
  return index
}

const BACKSLASH = 0x5c

function backslashes(text: string, index: number): number {
  let count = 1
  while (text.charCodeAt(index + count) === BACKSLASH) {
    count += 1
  }
  return count
}

/* Several units that stand for one. */
interface Sequence {
  readonly unit: number
  readonly length: number
}

/* JSON in the middle of a text is read by no parser, and its escapes are doubled where it stands in JSON itself. */
function escapeAt(text: string, index: number): Sequence | undefined {
  const start = index + backslashes(text, index)
  const length = start + 1 - index
  switch (text[start]) {
    case 'n':
    case 'r':
    case 't':
      return { unit: 0x0a, length }
    case '/':
      return { unit: 0x2f, length }
    case 'u': {
      const digits = text.slice(start + 1, start + 5)
      return HEX.test(digits)
        ? { unit: foldUnit(Number.parseInt(digits, 16)), length: length + 4 }
        : undefined
    }
    case undefined:
    default:
      return undefined
  }
}

/* Of the pairs of surrogates only mathematical letters and digits stand for ASCII, and only tags and selectors are unseen. */
function pairAt(text: string, index: number, code: number): Sequence | undefined {
  if (code === 0xdb40) {
    const isPair = (text.codePointAt(index) ?? code) > 0xffff
    return isPair ? { unit: REMOVED, length: 2 } : undefined
  }
  const ascii = code === 0xd835 ? mathematical(text.charCodeAt(index + 1)) : undefined
  return ascii === undefined ? undefined : { unit: ascii, length: 2 }
}

const letters = new Map<number, number | undefined>()

function mathematical(low: number): number | undefined {
  if (!letters.has(low)) {
    const form = String.fromCharCode(0xd835, low).normalize('NFKC')
    letters.set(low, ASCII.test(form) ? form.charCodeAt(0) : undefined)
  }
  return letters.get(low)
}

/* Nothing of the scripts of East Asia, the longest texts of which would pay for every character. */
function isFoldable(code: number): boolean {
  return code >= 0xa0 && (code < 0x3001 || code >= 0xa620)
}

let table: Uint16Array | undefined

function foldUnit(code: number): number {
  if (code < 0xa0) {
    return code
  }
  table ??= new Uint16Array(0x10000)
  const known = table[code] ?? 0
  if (known !== 0) {
    return known
  }
  const folded = foldCharacter(code)
  table[code] = folded
  return folded
}

function foldCharacter(code: number): number {
  const character = String.fromCharCode(code)
  const compatible = character.normalize('NFKC')
  if (ASCII.test(compatible)) {
    return compatible.charCodeAt(0)
  }
  if (UNSEEN.test(character)) {
    return REMOVED
  }
  if (SPACE.test(character)) {
    return 0x20
  }
  if (DASH.test(character)) {
    return 0x2d
  }
  return DIGIT.test(character) ? 0x30 + digitValue(code) : code
}

/* The ten digits of a script follow one another, so the distance to what is no digit tells the value. */
function digitValue(code: number): number {
  let before = 0
  while (DIGIT.test(String.fromCharCode(code - before - 1))) {
    before += 1
  }
  return before % 10
}

function toString(units: Uint16Array): string {
  let text = ''
  for (let index = 0; index < units.length; index += CHUNK) {
    const piece: unknown = Reflect.apply(
      String.fromCharCode,
      undefined,
      units.subarray(index, index + CHUNK),
    )
    text += String(piece)
  }
  return text
}
