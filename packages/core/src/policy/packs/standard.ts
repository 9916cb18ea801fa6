import type { Detector, Pack } from '../detector.ts'
import { credentials } from './credentials.ts'

const LOCAL_UNIT = /[\p{L}\p{N}\p{M}._%+'!#$&*^~-]/u
const LONGEST_LOCAL = 64
/* Quadratic in a long text, but a match has at most 258 characters. */
const TRAILING = /[.-]+$/
const PLAIN_LABEL = /^[a-z]{2,63}$/i
const LAST_LABEL = /^(?:\p{L}{2,63}|xn--[a-z\d-]{2,59})$/iu

/* Anchored at the sign in the middle: most texts hold none, and what lies before it is looked at once. */
const email: Detector = {
  types: ['email'],
  pattern: /(?:@|%40)[\p{L}\p{N}][\p{L}\p{N}.-]{2,254}/gu,
  locate: (text, match, floor) => {
    const sign = match.index
    const host = match[0].replace(TRAILING, '')
    const end = sign + host.length
    // In the match only: a search through the text would run back to its beginning for each sign without a dot.
    const point = host.lastIndexOf('.')
    // Before the local part, which would be searched for again at each sign that this refuses.
    const label = host.slice(point + 1)
    if (point < 0 || !(PLAIN_LABEL.test(label) || LAST_LABEL.test(label))) {
      return undefined
    }
    const start = localStart(text, sign, floor)
    return start < sign ? { start, end } : undefined
  },
}

function localStart(text: string, sign: number, floor: number): number {
  let start = sign
  if (text[sign - 1] === '"') {
    // A local part in quotes may hold anything.
    const least = Math.max(floor, sign - LONGEST_LOCAL)
    const quote = text.slice(least, sign - 1).lastIndexOf('"')
    return quote < 0 ? sign : least + quote
  }
  while (start > floor && isLocalUnit(text.charCodeAt(start - 1))) {
    start -= 1
  }
  return start
}

/* Letters and digits of ASCII first: nearly all of them are. */
function isLocalUnit(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x30 && code <= 0x39) ||
    LOCAL_UNIT.test(String.fromCharCode(code))
  )
}

const DATE = /^\d\d[./-]\d\d[./-]\d{4}/

/* Abroad (`+49 30 …`, `0049…`), in North America, and with the zero of a trunk line. Ten bare digits may be anything. */
const phone: Detector = {
  types: ['phone'],
  pattern:
    /(?:\+|(?<![\w.])00)[1-9](?:[ ().-]{0,3}\d){6,14}(?!\d)|(?<!\d)(?:1[ .-])?(?:\([2-9]\d{2}\)[ .-]{0,2}|[2-9]\d{2}[ .-])\d{3}[ .-]\d{4}(?![\w])|(?<![\w.-])\(?0\d{1,4}\)?[ ./-](?:[ ./-]?\d){6,10}(?!\d)/g,
  locate: (_, match) => {
    const text = match[0]
    const digits = text.replaceAll(/\D/g, '').length
    return (text.startsWith('0') && digits < 9) || DATE.test(text)
      ? undefined
      : { start: match.index, end: match.index + text.length }
  },
}

/* With its dashes, or named. Some groups were never given out. */
const ssn: Detector = {
  types: ['ssn'],
  pattern:
    /(?<!\d|\d[ -])(?!000|666)\d{3}([ -])(?!00)\d{2}\1(?!0000)\d{4}(?!\d|[ -]\d)|(?<=(?:ssn|social security(?: number| no\.?)?)[^\w\n]{1,5})\d{9}(?!\d)/gi,
}

/** People and their tokens. */
export const standardPack = (): Pack => ({
  detectors: [email, ...credentials, ssn, phone],
  keys: [{ type: 'ssn', key: /^(?:ssn|social[ _-]?security(?:[ _-]?number)?)$/i }],
})
