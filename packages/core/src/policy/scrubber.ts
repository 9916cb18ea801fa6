import { type Detector, type Pack, replaceSecrets } from './detector.ts'
import { pseudonymId, pseudonymOf } from './pseudonym.ts'
import type { RedactionContext } from './redaction.ts'

/* Short enough to read, long enough that two values of one trace do not meet. */
const MARK_LETTERS = 12

/** What a scrubber is made with. */
export interface ScrubberOptions {
  readonly packs: readonly Pack[]
  /** Tells equal secrets apart from others, by a keyed pseudonym in each mark. */
  readonly salt?: string | undefined
}

/** What a `Redactor` does. */
export interface Scrubber {
  redact(value: string, context?: RedactionContext): string
  pseudonym(value: string): string
  hides(key: string): boolean
  readonly ignoresContext: true
}

/** Takes out of texts what the packs find, and puts typed marks in its place: `<REDACTED:email>`. */
export function createScrubber({ packs, salt }: ScrubberOptions): Scrubber {
  const detectors = withoutDoubles(packs.flatMap((pack) => pack.detectors))
  const keys = packs.flatMap((pack) => pack.keys ?? [])
  const mark = (type: string, secret: () => string): string =>
    salt === undefined
      ? `<REDACTED:${type}>`
      : `<REDACTED:${type}:${pseudonymOf(secret(), salt, MARK_LETTERS)}>`
  const find = (field: string): (typeof keys)[number] | undefined =>
    keys.find(({ key }) => key.test(field))
  return {
    redact: (value, context) => {
      const named = context?.key === undefined ? undefined : find(context.key)
      return named === undefined || value === ''
        ? replaceSecrets(value, detectors, mark)
        : mark(named.type, () => value)
    },
    pseudonym: (value) => pseudonymId(value, salt),
    hides: (key) => find(key) !== undefined,
    ignoresContext: true,
  }
}

/* Packs share some of their detectors. */
function withoutDoubles(detectors: readonly Detector[]): readonly Detector[] {
  return detectors.filter(
    ({ types, pattern }, index) =>
      detectors.findIndex(
        (other) => other.types[0] === types[0] && other.pattern.source === pattern.source,
      ) === index,
  )
}
