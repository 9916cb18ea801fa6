import { TruLayerError } from '../shape/trulayer-error.ts'
import type { Detector, Pack } from './detector.ts'
import { financePack } from './packs/finance.ts'
import { phiPack } from './packs/phi.ts'
import { secretsPack } from './packs/secrets.ts'
import { standardPack } from './packs/standard.ts'
import { strictPack } from './packs/strict.ts'
import type { RedactionContext, TextRedactor } from './redaction.ts'
import { createScrubber, type Scrubber } from './scrubber.ts'

/**
 * A set of patterns.
 *
 * - `secrets`: keys of clouds, code hosts, model providers and other services, private keys, passwords that are called
 *   so, bearer tokens, JWTs;
 * - `standard`: e-mail addresses, phone numbers, US social security numbers, bearer tokens, JWTs;
 * - `strict`: `standard`, and IP addresses, payment cards, IBANs;
 * - `phi`: numbers of health records, ICD-10 codes, birth dates;
 * - `finance`: SWIFT codes, US routing numbers, account numbers that are called so.
 */
export type RedactionPack = 'secrets' | 'standard' | 'strict' | 'phi' | 'finance'

/** A pattern of your own. */
export interface RedactionRule {
  /** The word of its marks: `<REDACTED:name>`. */
  readonly name: string
  /**
   * What is to go. Flags stay, `g` is added. It runs on texts that strangers wrote: bound what may repeat (`{1,64}`), and
   * never repeat what repeats.
   */
  readonly pattern: RegExp | string
  /** What stands for it, in place of the mark. */
  readonly replacement?: string | undefined
  /** Has the last word on each match, by a checksum perhaps. */
  readonly validator?: ((match: string) => boolean) | undefined
}

/** What a redactor is made with. */
export interface RedactorOptions {
  /** @defaultValue `['secrets']` */
  readonly packs?: readonly RedactionPack[] | undefined
  readonly rules?: readonly RedactionRule[] | undefined
  /**
   * The key of the pseudonyms. With one, marks tell equal secrets apart from others (`<REDACTED:email:gcobbnlahpio>`), and
   * pseudonyms are the same in every process that has the same key. Keep it as you keep a password: who has it can test
   * guesses.
   */
  readonly salt?: string | undefined
}

const PACKS: Readonly<Record<RedactionPack, () => Pack>> = {
  secrets: secretsPack,
  standard: standardPack,
  strict: strictPack,
  phi: phiPack,
  finance: financePack,
}

/**
 * Takes what its packs and rules find out of texts.
 *
 * @example
 * ```ts
 * init({
 *   redact: new Redactor({
 *     packs: ['secrets', 'strict'],
 *     rules: [{ name: 'employee', pattern: /EMP-\d{6}/ }],
 *     salt: process.env.REDACTION_SALT,
 *   }),
 * })
 * ```
 */
export class Redactor implements TextRedactor {
  /** A text alone, and the key that it stands under, say what is taken out of it. */
  readonly ignoresContext = true
  readonly #scrubber: Scrubber

  /** @throws TruLayerError `invalid-option` for a pack that does not exist or a pattern that is none */
  constructor(options: RedactorOptions = {}) {
    const packs = (options.packs ?? ['secrets']).map((name) => packOf(name))
    const rules = (options.rules ?? []).map((rule) => toDetector(rule))
    this.#scrubber = createScrubber({
      packs: [{ detectors: rules }, ...packs],
      salt: options.salt,
    })
  }

  /** The text as it may leave. */
  redact(value: string, context?: RedactionContext): string {
    return this.#scrubber.redact(value, context)
  }

  /**
   * What stands for an id of a person: the same for the same id, and without the key no way leads back. With a `salt` it
   * is the same in every process, without one in this process alone.
   */
  pseudonym(value: string): string {
    return this.#scrubber.pseudonym(value)
  }

  /** Whether what stands under that key is a secret whatever it looks like, as under `password`. */
  hides(key: string): boolean {
    return this.#scrubber.hides(key)
  }
}

function packOf(name: string): Pack {
  if (!isPackName(name)) {
    throw new TruLayerError(
      'invalid-option',
      `there is no redaction pack '${name}'; there are ${Object.keys(PACKS).join(', ')}.`,
    )
  }
  return PACKS[name]()
}

function isPackName(name: string): name is RedactionPack {
  return Object.hasOwn(PACKS, name)
}

function toDetector({ name, pattern, replacement, validator }: RedactionRule): Detector {
  let compiled
  try {
    const flags = typeof pattern === 'string' ? 'g' : `${pattern.flags.replaceAll(/[gy]/g, '')}g`
    compiled = new RegExp(pattern, flags)
  } catch (cause) {
    throw new TruLayerError('invalid-option', `the pattern of the rule '${name}' is none.`, {
      cause,
    })
  }
  return {
    types: [name],
    pattern: compiled,
    replacement,
    locate: (_, match) =>
      validator === undefined || validator(match[0])
        ? { start: match.index, end: match.index + match[0].length }
        : undefined,
  }
}
