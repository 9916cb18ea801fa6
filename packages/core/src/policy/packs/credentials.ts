import { afterWords, runEnd, type Detector } from '../detector.ts'

const SEGMENT = /[\w-]*/y
const JWT_PAYLOAD = /\.eyJ[\w-]{4}/g

/* A header that begins with `{"`, a payload that does, a signature. Anchored at the payload: whatever lies before its dot
   is looked at once. */
const jwt: Detector = {
  types: ['jwt'],
  pattern: JWT_PAYLOAD,
  locate: (text, match, floor) => {
    let start = match.index
    while (start > floor && isWordUnit(text.charCodeAt(start - 1))) {
      start -= 1
    }
    const header = text.slice(start, match.index).indexOf('eyJ')
    if (header < 0) {
      return undefined
    }
    const payload = runEnd(text, match.index + 1, SEGMENT)
    const end = text[payload] === '.' ? runEnd(text, payload + 1, SEGMENT) : payload
    return { start: start + header, end }
  },
}

/* A dash, a digit, a letter or an underscore. */
function isWordUnit(code: number): boolean {
  return (
    code === 0x2d ||
    code === 0x5f ||
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a)
  )
}

const TOKEN = /[\w.~+/=-]+/y

/* Prose has bearers and basics too: a token has what no word has, or a length that no word has. */
const bearerToken = afterWords(
  'bearer_token',
  /(?<![A-Za-z])(?:bearer|basic)(?:\s|%20|\+){1,4}(?=[\w.~+/=-]{8})/gi,
  TOKEN,
  (token) => token.length >= 24 || /[\d_=+/~]|[a-z][A-Z]/.test(token),
)

/** Tokens that grant access by themselves, whoever issued them. */
export const credentials: readonly Detector[] = [bearerToken, jwt]
