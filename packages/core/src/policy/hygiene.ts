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
  const holders = [trace, ...trace.spans, ...trace.events]
  if (holders.some(({ metadata }) => Object.keys(metadata).some((key) => EMAIL.test(key)))) {
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
  const large = [clean, ...clean.spans]
    .flatMap(({ metadata }) => Object.entries(metadata))
    .find(([, value]) => isLargeMetadata(value))
  if (large !== undefined) {
    warn(
      `the metadata value \`${large[0].slice(0, LONGEST_NAME)}\` is larger than 2 KB and is cut: metadata is indexed, so put what is large into an input or an output.`,
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
