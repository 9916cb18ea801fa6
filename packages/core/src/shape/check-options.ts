import { isList, isObject, isRecord } from './read.ts'
import { TruLayerError } from './trulayer-error.ts'

/** One of the forms that an option may have. */
export interface OptionKind {
  /** As it appears in a message: `a string`. */
  readonly name: string
  readonly accepts: (value: unknown) => boolean
}

/** The forms that each option may have, by the name of the option. */
export type OptionKinds = Readonly<Record<string, readonly OptionKind[]>>

/** The kinds that most options have. */
export const kinds = {
  string: { name: 'a string', accepts: (value) => typeof value === 'string' },
  number: {
    name: 'a number',
    accepts: (value) => typeof value === 'number' && !Number.isNaN(value),
  },
  boolean: { name: 'a boolean', accepts: (value) => typeof value === 'boolean' },
  function: { name: 'a function', accepts: (value) => typeof value === 'function' },
  /** A function whose answer is used at once, which an async function does not give. */
  syncFunction: {
    name: 'a function',
    accepts: (value) => typeof value === 'function' && !isAsyncFunction(value),
  },
  object: { name: 'an object', accepts: isObject },
  list: { name: 'a list', accepts: isList },
  /** Databases number their rows. */
  id: {
    name: 'a string',
    accepts: (value) => ['string', 'number', 'bigint'].includes(typeof value),
  },
  record: { name: 'an object', accepts: isRecord },
  tags: { name: 'a list or an object', accepts: isObject },
  any: { name: 'anything', accepts: () => true },
} as const satisfies Readonly<Record<string, OptionKind>>

/** The options that say whom a turn is for, wherever they are given. */
export const sessionKinds = {
  sessionId: [kinds.id],
  userId: [kinds.id],
  metadata: [kinds.record],
  tags: [kinds.tags],
} as const satisfies OptionKinds

/** An option that is one of a few words. */
export function oneOf(...words: readonly string[]): OptionKind {
  return {
    name: words.map((word) => `'${word}'`).join(' or '),
    accepts: (value) => words.some((word) => word === value),
  }
}

/**
 * Checks the types of options, for callers without a type checker.
 *
 * @param owner - what has the options, as messages name it; omitted for the client
 * @returns the names that are not options
 * @throws TruLayerError `invalid-option` for a value of the wrong type, which is a mistake in code
 */
export function checkOptions(
  options: unknown,
  known: OptionKinds,
  { owner, prefix = '' }: { readonly owner?: string; readonly prefix?: string } = {},
): string[] {
  const ofOwner = owner === undefined ? '' : ` of ${owner}`
  if (!isObject(options) || isList(options)) {
    // Not the value itself, which may be a key.
    throw new TruLayerError(
      'invalid-option',
      `the options${ofOwner} must be an object, not ${typeName(options)}.`,
    )
  }
  const unknown: string[] = []
  for (const [name, value] of Object.entries(options)) {
    const accepted = Object.hasOwn(known, name) ? known[name] : undefined
    if (accepted === undefined) {
      unknown.push(prefix + name)
    } else if (value !== undefined && !isOneOf(value, accepted)) {
      throw new TruLayerError(
        'invalid-option',
        wrongType(prefix + name, describe(value), accepted, ofOwner),
      )
    }
  }
  return unknown
}

/**
 * The options of a call without what cannot be used. Their values are often data of a request, so nothing throws: `null` is
 * left out as `undefined` is, and everything else that is wrong is left out with a warning.
 *
 * @param context - `warn` is called with each problem; `explain` says where a name belongs that is unknown here
 */
export function cleanOptions<Options extends object>(
  options: Options,
  known: OptionKinds,
  {
    owner,
    warn,
    explain = () => undefined,
  }: {
    readonly owner: string
    readonly warn: (message: string) => void
    readonly explain?: (name: string) => string | undefined
  },
): Options {
  if (!isRecord(options)) {
    if (options !== null && options !== undefined) {
      warn(`the options of ${owner} must be an object, not ${typeName(options)}; they are ignored.`)
    }
    return emptied(options)
  }
  let clean: Options | undefined
  for (const [name, value] of Object.entries(options)) {
    const accepted = Object.hasOwn(known, name) ? known[name] : undefined
    const isUsable = value === undefined || (accepted !== undefined && isOneOf(value, accepted))
    if (!isUsable || accepted === undefined) {
      clean ??= { ...options }
      Reflect.deleteProperty(clean, name)
      if (accepted === undefined) {
        warn(explain(name) ?? ignoredOption(name, known, owner))
      } else if (value !== null) {
        // Data of a request must not be in a log.
        const shown = typeof value === 'string' ? 'this string' : typeName(value)
        warn(`${wrongType(name, shown, accepted, ` of ${owner}`)} It is ignored.`)
      }
    }
  }
  return clean ?? options
}

/* Also of a string or a list that a caller without a type checker handed over. */
function emptied<Options extends object>(options: Options): Options {
  const copy = { ...options }
  for (const name of Object.keys(copy)) {
    Reflect.deleteProperty(copy, name)
  }
  return copy
}

function isOneOf(value: unknown, accepted: readonly OptionKind[]): boolean {
  return accepted.some((kind) => kind.accepts(value))
}

function wrongType(
  name: string,
  shown: string,
  accepted: readonly OptionKind[],
  ofOwner: string,
): string {
  const names = accepted.map((kind) => kind.name).join(' or ')
  return `option \`${name}\`${ofOwner} must be ${names}, not ${shown}.`
}

/* More names than that are no help in a message. */
const MOST_NAMES = 10

/** What to say about a name that is not an option. Values are left out, since they may be secrets. */
export function noSuchOption(name: string, known: OptionKinds, owner?: string): string {
  const subject = owner === undefined ? 'there is no option' : `${owner} has no option`
  return `${subject} \`${name}\`.${hint(name, Object.keys(known))}`
}

/** The same where the option is ignored. */
export function ignoredOption(name: string, known: OptionKinds, owner?: string): string {
  const subject = owner === undefined ? 'there is no option' : `${owner} has no option`
  return `${subject} \`${name}\`; it is ignored.${hint(name, Object.keys(known))}`
}

function hint(name: string, known: readonly string[]): string {
  const similar = similarName(name.slice(name.lastIndexOf('.') + 1), known)
  if (similar !== undefined) {
    return ` Did you mean \`${similar}\`?`
  }
  const names = known.map((other) => `\`${other}\``).join(', ')
  return known.length > MOST_NAMES ? '' : ` Known options: ${names}.`
}

/** The known name that was probably meant. */
export function similarName(name: string, known: readonly string[]): string | undefined {
  return known.find((other) => isSimilar(name, other))
}

/* Another case, another separator, a part of the name, or two letters exchanged. */
function isSimilar(one: string, other: string): boolean {
  const [short = '', long = ''] = [plain(one), plain(other)].toSorted(
    (first, second) => first.length - second.length,
  )
  return (
    (short.length > 2 && (long.startsWith(short) || long.endsWith(short))) ||
    (short.length > 3 && sorted(short) === sorted(long))
  )
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, '')
}

function sorted(name: string): string {
  return Array.from(name).toSorted().join('')
}

function isAsyncFunction(value: object): boolean {
  return Object.prototype.toString.call(value) === '[object AsyncFunction]'
}

function describe(value: unknown): string {
  if (typeof value === 'string') {
    return `'${value}'`
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeName(value)
}

/** The type of a value, as messages name it. */
export function typeName(value: unknown): string {
  if (value === null) {
    return 'null'
  }
  if (typeof value === 'function' && isAsyncFunction(value)) {
    return 'an async function'
  }
  return isList(value) ? 'this list' : typeof value
}
