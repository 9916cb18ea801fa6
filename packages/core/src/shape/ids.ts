const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/* Random bytes are drawn in bulk, since one call each costs more than the rest of an id. */
const BYTES_PER_ID = 10
const pool = new Uint8Array(BYTES_PER_ID * 128)
let used = pool.length

const DIGITS = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
const DASH = '-'.charCodeAt(0)
/* Where the digits of the sixteen bytes stand. */
const POSITIONS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]
/* The millisecond whose digits stand in `codes` already: most ids are made together. */
let written = -1
const codes: number[] = Array.from({ length: 36 }, () => DASH)

/**
 * A new UUID, version 7 (RFC 9562): lower case, sortable by the millisecond in which it was made. Draws randomness only
 * when called, since Workers forbid it while a module loads.
 *
 * @param now - milliseconds since 1970
 */
export function createId(now: number): string {
  if (used === pool.length) {
    fill(pool)
    used = 0
  }
  const time = Math.max(0, Math.floor(now))
  if (time !== written) {
    writeTime(time)
    written = time
  }
  for (let index = 6; index < 16; index += 1) {
    write(index, withMark(index, pool[used] ?? 0))
    used += 1
  }
  // From codes and not by concatenation, whose pieces an engine would keep alive as long as the id.
  return String.fromCharCode(...codes)
}

/* Node 18 has no global `crypto`. Nothing is recorded there, but what a program asks for its id must have one. */
function fill(bytes: Uint8Array<ArrayBuffer>): void {
  const crypto: Crypto | undefined = Reflect.get(globalThis, 'crypto')
  if (crypto === undefined) {
    bytes.forEach((_, index) => {
      bytes[index] = Math.random() * 256
    })
  } else {
    crypto.getRandomValues(bytes)
  }
}

function writeTime(time: number): void {
  let rest = time
  for (let index = 5; index >= 0; index -= 1) {
    write(index, rest % 256)
    rest = Math.floor(rest / 256)
  }
}

/* The version stands in byte 6, the variant in byte 8. */
function withMark(index: number, byte: number): number {
  if (index === 6) {
    return 0x70 | (byte & 0x0f)
  }
  return index === 8 ? 0x80 | (byte & 0x3f) : byte
}

function write(index: number, byte: number): void {
  const position = POSITIONS[index] ?? 0
  codes[position] = DIGITS[byte >> 4] ?? DASH
  codes[position + 1] = DIGITS[byte & 15] ?? DASH
}

/** The UUID in lower case, or `undefined` for what is none. */
export function toUuid(value: unknown): string | undefined {
  return typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : undefined
}
