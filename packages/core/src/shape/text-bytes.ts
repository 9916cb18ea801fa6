const WIDE = /[\u0100-\uffff]/
const SAMPLES = 64

/**
 * About how many bytes the text takes as UTF-8. Exact for ASCII; any other text is judged by a sample of its characters,
 * for an exact count would read every text to the end.
 */
export function textBytes(text: string): number {
  return isWide(text) ? sampledBytes(text) : text.length
}

/** Whether the text holds a character beyond Latin-1. Nearly free where it does not: engines keep such text apart. */
export function isWide(text: string): boolean {
  return WIDE.test(text)
}

/**
 * The text cut to about `maxBytes`, mark included. It loses its middle, since what was asked and what came of it stand
 * at the ends. No character is torn apart, and no word where there is room: what is cut before secrets are looked for must
 * not keep half of one.
 */
export function cutMiddle(text: string, maxBytes: number): string {
  const bytes = textBytes(text)
  if (bytes <= maxBytes) {
    return text
  }
  const room = Math.max(0, maxBytes - cutMark(bytes).length)
  const kept = Math.floor((room / bytes) * text.length)
  const most = Math.floor(kept / WORD_PART)
  const head = text.slice(0, boundaryBefore(text, wordEnd(text, Math.ceil(kept / 2), most)))
  const tail = text.slice(
    boundaryAfter(text, wordStart(text, text.length - Math.floor(kept / 2), most)),
  )
  return head + cutMark(bytes - textBytes(head) - textBytes(tail)) + tail
}

/** The first `length` units of the text; one less where that would tear a character apart. */
export function cutEnd(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, boundaryBefore(text, length))
}

/** At most `length` units of the text, mark included, and no half of a word at the end. */
export function cutAtWord(text: string, length: number): string {
  return text.length <= length
    ? text
    : `${cutEnd(text, wordEnd(text, length - 1, Math.floor(length / WORD_PART)))}…`
}

const EDGE = /[\s,;"'<>(){}[\]]/
const LONGEST_WORD = 256
/* Of what is kept no more than this part is given up for the sake of a word. */
const WORD_PART = 8

/* Where the word before begins in which `index` lies; `index` itself where it is too long. */
function wordEnd(text: string, index: number, most: number): number {
  const least = Math.max(0, index - Math.min(LONGEST_WORD, most))
  let end = index
  while (end > least && !EDGE.test(text[end - 1] ?? '')) {
    end -= 1
  }
  return end > least || EDGE.test(text[end - 1] ?? ' ') ? end : index
}

function wordStart(text: string, index: number, most: number): number {
  const last = Math.min(text.length, index + Math.min(LONGEST_WORD, most))
  let start = index
  while (start < last && !EDGE.test(text[start] ?? '')) {
    start += 1
  }
  return start < last ? start : index
}

function cutMark(bytes: number): string {
  return `… [${bytes} bytes cut] …`
}

function sampledBytes(text: string): number {
  const step = Math.ceil(text.length / SAMPLES)
  let samples = 0
  let bytes = 0
  for (let index = 0; index < text.length; index += step) {
    samples += 1
    bytes += unitBytes(text.charCodeAt(index))
  }
  return Math.ceil((bytes / samples) * text.length)
}

/* Of the four bytes of a surrogate pair each half stands for two. */
function unitBytes(unit: number): number {
  if (unit < 0x80) {
    return 1
  }
  return unit < 0x800 || isSurrogate(unit) ? 2 : 3
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}

function splitsPair(text: string, index: number): boolean {
  return (text.codePointAt(index - 1) ?? 0) > 0xffff
}

function boundaryBefore(text: string, index: number): number {
  return splitsPair(text, index) ? index - 1 : index
}

function boundaryAfter(text: string, index: number): number {
  return splitsPair(text, index) ? index + 1 : index
}
