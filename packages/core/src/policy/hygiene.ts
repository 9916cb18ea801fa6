import type { JsonObject } from '../shape/json.ts'
import type { FinishedTrace } from '../shape/trace.ts'
import { TAGS } from './limits.ts'

/** Tells a thing once for each key. */
export type WarnOnce = (message: string, key: string) => void

const EMAIL = /[^\s@]@[^\s@.]+\.[^\s@]/

/**
 * Tells once what a host would want to know of its metadata: it is indexed, and what stands in a key or in a session's
 * id is hard to take out again.
 *
 * @param trace - as it was recorded
 */
export function checkHygiene(trace: FinishedTrace, warn: WarnOnce): void {
  if (hasEmailKey([trace]) || hasEmailKey(trace.spans) || hasEmailKey(trace.events)) {
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
  const tags = Object.keys(trace.tags).length
  if (tags > TAGS) {
    warn(
      `a trace has ${tags} tags; the ${TAGS} that were set last are kept, since the service takes no more.`,
      'many-tags',
    )
  }
}

/** Tells once that a metadata value was cut. */
export function warnOfLarge(key: string, warn: WarnOnce): void {
  warn(
    `the metadata value \`${key.slice(0, LONGEST_NAME)}\` is larger than 2 KB and is cut: metadata is indexed, so put what is large into an input or an output.`,
    'large-metadata',
  )
}

const LONGEST_NAME = 64

/* Every trace passes here, so nothing is copied. */
function hasEmailKey(holders: readonly { readonly metadata: JsonObject }[]): boolean {
  for (const { metadata } of holders) {
    for (const key in metadata) {
      // Nearly no key has the sign, and looking for it is cheaper than the pattern.
      if (key.includes('@') && EMAIL.test(key)) {
        return true
      }
    }
  }
  return false
}
