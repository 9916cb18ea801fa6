import { shared } from '../runtime/shared-state.ts'
import { hmacSha256 } from './sha256.ts'

const encoder = new TextEncoder()
const FIRST_LETTER = 'a'.charCodeAt(0)

/**
 * A name for a value that cannot be led back to it without the key, the same for the same value and key: the first
 * letters of its HMAC-SHA-256. Letters alone (`a` for 0 to `p` for 15), so that no rule takes it for a number.
 *
 * @param salt - the key; without one, random bytes of this process
 */
export function pseudonymOf(value: string, salt: string | undefined, length: number): string {
  const key = salt === undefined ? processKey() : encoder.encode(salt)
  let letters = ''
  for (const byte of hmacSha256(key, encoder.encode(value))) {
    letters += String.fromCharCode(FIRST_LETTER + (byte >> 4), FIRST_LETTER + (byte & 15))
  }
  return letters.slice(0, length)
}

/* Drawn at first use, since Workers forbid randomness while a module loads; one for all copies of the library. */
function processKey(): Uint8Array {
  return shared('pseudonymKey', () => globalThis.crypto.getRandomValues(new Uint8Array(32)))
}

const ID_LETTERS = 32

/** What stands for an id that must not leave: the same for the same id, so that grouping survives. */
export function pseudonymId(value: string, salt?: string): string {
  return `psn_${pseudonymOf(value, salt, ID_LETTERS)}`
}

/**
 * What may stand for a person in `userId`: the same for the same value, so that a person's turns stay together, and without
 * the key no way leads back.
 *
 * @param options.salt - the key. With one the pseudonym is the same in every process that has the same key, and that of
 *   a `Redactor` with this salt; without one it is the same in this process alone. Keep it as you keep a password: who has it can test guesses.
 *
 * @example
 * ```ts
 * const userId = pseudonym(user.email, { salt: process.env.PSEUDONYM_SALT })
 * await trulayer.trace('answer', () => agent(question), { userId })
 * ```
 */
export function pseudonym(
  value: string,
  options: { readonly salt?: string | undefined } = {},
): string {
  return pseudonymId(value, options.salt)
}
