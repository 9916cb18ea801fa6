/** A text whose look-alikes of ASCII are ASCII, and where each of its units stood. */
export interface FoldedText {
  readonly text: string
  /** The position in the original of a position in `text`. */
  position(index: number): number
}

const WIDE = /[^\0-\x9f]/
const INVISIBLE = /[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/
const SPACE = /[\u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/
const DASH = /[\u2010-\u2015\u2212\ufe58\ufe63]/
const DIGIT = /\p{Nd}/u

/* In the table of folded units; zero stands for what was not asked yet. */
const REMOVED = 0xffff
const CHUNK = 8192

/**
 * Folds what people and models write in place of ASCII, so that `４１１１`, `sk\u200b-…` and `a＠b.co` are found: odd spaces
 * and dashes, invisible marks, digits of other scripts, full-width and mathematical forms. A text without any of it, which
 * is nearly every text, is returned as it is.
 */
export function foldText(text: string): FoldedText {
  return WIDE.test(text) ? foldWide(text) : { text, position: same }
}

function foldWide(text: string): FoldedText {
  const units = new Uint16Array(text.length)
  const positions = new Uint32Array(text.length + 1)
  let length = 0
  let isSame = true
  for (let index = 0; index < text.length; index += 1) {
    const start = index
    const code = text.charCodeAt(index)
    let folded = code
    if (code === 0xd835) {
      // Mathematical letters and digits, the one pair of surrogates that stands for ASCII.
      const letter = foldMathematical(text.codePointAt(index) ?? code)
      folded = letter ?? code
      index += letter === undefined ? 0 : 1
    } else if (code >= 0xa0 && (code < 0x3001 || code >= 0xa620)) {
      folded = foldUnit(code)
    }
    isSame &&= folded === code
    if (folded !== REMOVED) {
      units[length] = folded
      positions[length] = start
      length += 1
    }
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

let table: Uint16Array | undefined

function foldUnit(code: number): number {
  table ??= new Uint16Array(0x10000)
  const known = table[code] ?? 0
  if (known !== 0) {
    return known
  }
  const folded = fold(code)
  table[code] = folded
  return folded
}

function fold(code: number): number {
  if (code >= 0xff01 && code <= 0xff5e) {
    return code - 0xfee0
  }
  const character = String.fromCharCode(code)
  if (INVISIBLE.test(character)) {
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

function foldMathematical(point: number): number | undefined {
  if (point >= 0x1d7ce && point <= 0x1d7ff) {
    return 0x30 + ((point - 0x1d7ce) % 10)
  }
  if (point < 0x1d400 || point > 0x1d6a3) {
    return undefined
  }
  const letter = (point - 0x1d400) % 52
  return letter < 26 ? 0x41 + letter : 0x61 + letter - 26
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
