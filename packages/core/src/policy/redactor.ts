import {
  checkOptions,
  kinds,
  type OptionKind,
  type OptionKinds,
  noSuchOption,
} from '../shape/check-options.ts'
import { isList, isText, read } from '../shape/read.ts'
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
  /** Packs in addition to `secrets`, which is always included unless `exclude` names it. @defaultValue `[]` */
  readonly packs?: readonly RedactionPack[] | undefined
  /** `['secrets']` leaves out the pack that is otherwise always included. @defaultValue `[]` */
  readonly exclude?: readonly 'secrets'[] | undefined
  /** Patterns of your own, applied together with the packs. @defaultValue `[]` */
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

const packList: OptionKind = {
  name: 'a list of redaction packs',
  accepts: (value) => isList(value) && value.every((entry) => typeof entry === 'string'),
}

const excludedPacks: OptionKind = {
  name: "the list ['secrets'], since no other pack is included by default",
  accepts: (value) => isList(value) && value.every((entry) => entry === 'secrets'),
}

const REDACTOR_OPTIONS = {
  packs: [packList],
  exclude: [excludedPacks],
  rules: [{ ...kinds.list, name: 'a list of rules, each `{ name, pattern }`' }],
  salt: [kinds.string],
} as const satisfies Readonly<Record<keyof RedactorOptions, readonly OptionKind[]>>

const RULE_OPTIONS = {
  name: [{ name: 'a string that is not empty', accepts: isText }],
  pattern: [kinds.string, { name: 'a RegExp', accepts: isPattern }],
  replacement: [kinds.string],
  validator: [kinds.syncFunction],
} as const satisfies Readonly<Record<keyof RedactionRule, readonly OptionKind[]>>

/**
 * Takes what its packs and rules find out of texts. The pack `secrets` is always among them unless `exclude` names it.
 *
 * @example
 * ```ts
 * init({
 *   redact: new Redactor({
 *     packs: ['strict'],
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

  /**
   * @throws TruLayerError `invalid-option` for an option that does not exist or has the wrong type, an unknown pack and a
   *   pattern that is not valid: a redactor that ignored them would let pass what it was made for
   */
  constructor(options: RedactorOptions = {}) {
    checkAll(options, REDACTOR_OPTIONS, 'Redactor')
    const rules = (options.rules ?? []).map((rule) => toDetector(rule))
    this.#scrubber = createScrubber({
      packs: [{ detectors: rules }, ...[...packNames(options)].map((name) => packOf(name))],
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

/* Without a logger to warn with, and with more at stake than an ignored option elsewhere. */
function checkAll(options: unknown, known: OptionKinds, owner: string): void {
  const [unknown] = checkOptions(options, known, { owner })
  if (unknown !== undefined) {
    throw new TruLayerError('invalid-option', noSuchOption(unknown, known, owner))
  }
}

function packNames({ packs = [], exclude = [] }: RedactorOptions): ReadonlySet<RedactionPack> {
  const isExcluded = exclude.includes('secrets')
  if (isExcluded && packs.includes('secrets')) {
    throw new TruLayerError(
      'invalid-option',
      "the redaction pack 'secrets' is both in `packs` and in `exclude`.",
    )
  }
  return new Set(isExcluded ? packs : ['secrets', ...packs])
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

/* One of another realm as well, as tests in jsdom have them. */
function isPattern(value: unknown): boolean {
  return typeof read(value, 'source') === 'string' && typeof read(value, 'flags') === 'string'
}

function toDetector(rule: RedactionRule): Detector {
  checkAll(rule, RULE_OPTIONS, 'a redaction rule')
  const { name, pattern, replacement, validator } = rule
  if (read(rule, 'name') === undefined || read(rule, 'pattern') === undefined) {
    throw new TruLayerError(
      'invalid-option',
      'a redaction rule needs a `name` and a `pattern`: `{ name: "employee", pattern: /EMP-\\d{6}/ }`.',
    )
  }
  let compiled
  try {
    const flags = typeof pattern === 'string' ? 'g' : `${pattern.flags.replaceAll(/[gy]/g, '')}g`
    compiled = new RegExp(pattern, flags)
  } catch (cause) {
    throw new TruLayerError(
      'invalid-option',
      `the pattern of the redaction rule '${name}' is not a valid regular expression.`,
      {
        cause,
      },
    )
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
