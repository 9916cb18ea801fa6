interface WellFormedMethods {
  isWellFormed(): boolean
  toWellFormed(): string
}

const REPLACEMENT = '\uFFFD'
/* With the `u` flag a surrogate of a pair is no match, so this finds lone ones alone. */
const LONE_SURROGATE = /\p{Surrogate}/u
const LONE_SURROGATES = /\p{Surrogate}/gu

/* The library of ES2023 has no types for the two, and old engines do not have them. */
const native = hasMethods(String.prototype) ? String.prototype : undefined

/**
 * The same text without what PostgreSQL's `jsonb` refuses: every NUL and every lone surrogate becomes U+FFFD. A text
 * that has none of them, which is nearly every text, is returned as it is.
 */
export function wellFormedText(text: string): string {
  const paired = pairedText(text)
  return paired.includes('\0') ? paired.replaceAll('\0', REPLACEMENT) : paired
}

function hasMethods(value: object): value is WellFormedMethods {
  return 'isWellFormed' in value && 'toWellFormed' in value
}

function pairedText(text: string): string {
  if (native !== undefined) {
    return native.isWellFormed.call(text) ? text : native.toWellFormed.call(text)
  }
  return LONE_SURROGATE.test(text) ? text.replace(LONE_SURROGATES, REPLACEMENT) : text
}
