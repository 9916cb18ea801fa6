import type { JsonObject, JsonValue } from '../shape/json.ts'
import type { FinishedTrace } from '../shape/trace.ts'
import { isLargeMetadata, TAGS } from './limits.ts'

/** Tells a thing once for each key. */
export type WarnOnce = (message: string, key: string) => void

const EMAIL = /[^\s@]@[^\s@.]+\.[^\s@]/

/**
 * Tells once what a host would want to know of its metadata: it is indexed, and what stands in a key or in a session's
 * id is hard to take out again.
 *
 * @param trace - as it was recorded
 * @param clean - as it may leave, so that no warning tells a secret
 */
export function checkHygiene(trace: FinishedTrace, clean: FinishedTrace, warn: WarnOnce): void {
  const email =
    findKey([trace], hasEmailKey) ??
    findKey(trace.spans, hasEmailKey) ??
    findKey(trace.events, hasEmailKey)
  if (email !== undefined) {
    warn(
      'a metadata key holds an e-mail address: keys are shown and indexed, so put it into a value, or better `pseudonym(address)`.',
      'email-in-key',
    )
  }
  if (EMAIL.test(trace.sessionId)) {
    warn(
      'a session id holds an e-mail address: use the conversation for the session, and `userId: pseudonym(address)` for the person.',
      'email-in-session',
    )
  }
  const large = findKey([clean], isLargeEntry) ?? findKey(clean.spans, isLargeEntry)
  if (large !== undefined) {
    warn(
      `the metadata value \`${large.slice(0, LONGEST_NAME)}\` is larger than 2 KB and is cut: metadata is indexed, so put what is large into an input or an output.`,
      'large-metadata',
    )
  }
  const tags = Object.keys(trace.tags).length
  if (tags > TAGS) {
    warn(
      `a trace has ${tags} tags; the ${TAGS} that were set last are kept, for the service takes no more.`,
      'many-tags',
    )
  }
}

const LONGEST_NAME = 64

/* The first key of metadata that is found. Every trace passes here, so nothing is copied. */
function findKey(
  holders: readonly { readonly metadata: JsonObject }[],
  isFound: (key: string, value: JsonValue | undefined) => boolean,
): string | undefined {
  for (const { metadata } of holders) {
    const found = Object.keys(metadata).find((key) => isFound(key, metadata[key]))
    if (found !== undefined) {
      return found
    }
  }
  return undefined
}

function hasEmailKey(key: string): boolean {
  // Nearly no key has the sign, and looking for it is cheaper than the pattern.
  return key.includes('@') && EMAIL.test(key)
}

function isLargeEntry(_key: string, value: JsonValue | undefined): boolean {
  return value !== undefined && isLargeMetadata(value)
}
