/**
 * What a string in a JSON text is to become.
 *
 * @param key - the key before it; `undefined` where it is a key itself, or stands below none
 */
export type MapJsonString = (value: string, key: string | undefined) => string

/**
 * A JSON text with its strings and long numbers mapped, and everything else as it stands there: its spaces, its numbers of
 * any length, keys that come twice. `undefined` for what is no JSON text or holds no string.
 *
 * @param hides - whether every number under that key is mapped, however short it is
 */
export function mapJsonText(
  text: string,
  map: MapJsonString,
  hides: (key: string) => boolean,
): string | undefined {
  if (!/^\s*[{["]/.test(text) || !isJson(text)) {
    return undefined
  }
  let result = ''
  let done = 0
  let key: string | undefined
  const mapGap = (gap: string): string => {
    // What follows the end of an object stands under another key, or none.
    const end = gap.includes('}') ? gap.indexOf('}') : gap.length
    const least = key !== undefined && hides(key) ? ANY_NUMBER : LONG_NUMBER
    return (
      mapNumbers(gap.slice(0, end), least, (number) => map(number, key)) +
      mapNumbers(gap.slice(end), LONG_NUMBER, (number) => map(number, undefined))
    )
  }
  for (let open = text.indexOf('"'); open >= 0; open = text.indexOf('"', done)) {
    const end = closingQuote(text, open) + 1
    const isKey = KEY_AFTER.test(text.slice(end, end + LONGEST_GAP))
    const value: unknown = JSON.parse(text.slice(open, end))
    const before = typeof value === 'string' ? value : ''
    const after = map(before, isKey ? undefined : key)
    result += mapGap(text.slice(done, open))
    result += after === before ? text.slice(open, end) : JSON.stringify(after)
    key = isKey ? before : key
    done = end
  }
  return result + mapGap(text.slice(done))
}

const KEY_AFTER = /^\s*:/
/* More space than this between a key and its colon is written by nobody; the key then counts as a value. */
const LONGEST_GAP = 1000

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    // Text that merely begins like JSON, or was cut.
    return false
  }
}

/* In a JSON text there is one. */
function closingQuote(text: string, open: number): number {
  let quote = text.indexOf('"', open + 1)
  while (quote >= 0 && isEscaped(text, quote)) {
    quote = text.indexOf('"', quote + 1)
  }
  return quote < 0 ? text.length : quote
}

function isEscaped(text: string, index: number): boolean {
  let slashes = 0
  while (text[index - slashes - 1] === '\\') {
    slashes += 1
  }
  return slashes % 2 === 1
}

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const ANY_NUMBER = /^/
/* Account and card numbers are written as numbers too, by some programs with a fraction. */
const LONG_NUMBER = /^-?\d{9,}(?:\.0*)?$/

function mapNumbers(gap: string, wanted: RegExp, map: (number: string) => string): string {
  return gap.replaceAll(NUMBER, (number) => {
    const after = wanted.test(number) ? map(number) : number
    return after === number ? number : JSON.stringify(after)
  })
}
