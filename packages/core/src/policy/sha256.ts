/*
 * SHA-256 (FIPS 180-4) and HMAC (RFC 2104) without Web Crypto, whose digests come as promises: redaction is synchronous.
 * Decision 0006 says why this is written here.
 */
const BLOCK = 64

/* The first 32 bits of the fractional parts of the square roots (start) and cube roots (rounds) of the first primes. */
let constants: { readonly start: Uint32Array; readonly rounds: Uint32Array } | undefined

function tables(): { readonly start: Uint32Array; readonly rounds: Uint32Array } {
  if (constants === undefined) {
    const primes: number[] = []
    for (let candidate = 2; primes.length < 64; candidate += 1) {
      if (primes.every((prime) => candidate % prime !== 0)) {
        primes.push(candidate)
      }
    }
    constants = {
      start: Uint32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime))),
      rounds: Uint32Array.from(primes, (prime) => fraction(Math.cbrt(prime))),
    }
  }
  return constants
}

function fraction(root: number): number {
  return (root - Math.floor(root)) * 2 ** 32
}

/** The SHA-256 digest of bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const { start, rounds } = tables()
  const state = Uint32Array.from(start)
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / BLOCK) * BLOCK)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor((bytes.length * 8) / 2 ** 32))
  view.setUint32(padded.length - 4, (bytes.length * 8) >>> 0)
  const words = new Uint32Array(BLOCK)
  for (let offset = 0; offset < padded.length; offset += BLOCK) {
    for (let index = 0; index < 16; index += 1) {
      words[index] = view.getUint32(offset + index * 4)
    }
    compress(state, words, rounds)
  }
  const digest = new Uint8Array(32)
  const out = new DataView(digest.buffer)
  state.forEach((word, index) => out.setUint32(index * 4, word))
  return digest
}

function compress(state: Uint32Array, words: Uint32Array, rounds: Uint32Array): void {
  for (let index = 16; index < BLOCK; index += 1) {
    const early = at(words, index - 15)
    const late = at(words, index - 2)
    words[index] =
      at(words, index - 16) +
      (turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)) +
      at(words, index - 7) +
      (turn(late, 17) ^ turn(late, 19) ^ (late >>> 10))
  }
  const [s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0] = state
  let [a, b, c, d, e, f, g, h] = [s0, s1, s2, s3, s4, s5, s6, s7]
  for (let index = 0; index < BLOCK; index += 1) {
    const one =
      h +
      (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) +
      ((e & f) ^ (~e & g)) +
      at(rounds, index) +
      at(words, index)
    const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  // A typed array keeps the low 32 bits of each sum.
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) {
    state[index] = at(state, index) + word
  }
}

function at(list: Uint32Array, index: number): number {
  return list[index] ?? 0
}

function turn(word: number, count: number): number {
  return (word >>> count) | (word << (32 - count))
}

/** The HMAC-SHA-256 of a message under a key. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK)
  block.set(key.length > BLOCK ? sha256(key) : key)
  const padded = (mask: number, rest: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(BLOCK + rest.length)
    bytes.set(block.map((byte) => byte ^ mask))
    bytes.set(rest, BLOCK)
    return bytes
  }
  return sha256(padded(0x5c, sha256(padded(0x36, message))))
}
