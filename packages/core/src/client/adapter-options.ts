import {
  checkOptions,
  cleanOptions,
  ignoredOption,
  type OptionKind,
  type OptionKinds,
} from '../shape/check-options.ts'
import { read } from '../shape/read.ts'
import { TruLayerError } from '../shape/trulayer-error.ts'
import { isClient } from './client-internals.ts'
import { CLIENT_OPTIONS, VARIABLES } from './options.ts'
import { loggerAtSetup } from './resolve-recorder.ts'

/** The option that every adapter has. */
export const clientKind: OptionKind = {
  name: 'a client, as `init()` or `new TruLayer()` makes one',
  accepts: isClient,
}

const CLIENT_ONLY: OptionKinds = { client: [clientKind] }

/**
 * Checks the options that a user gives to an entry point of an adapter. A name that does not exist causes one warning and no
 * error, since hosts may pass more than is meant for us.
 *
 * @param owner - what has the options, as messages name it: `instrumentAISDK()`
 * @param known - what each option may be. @defaultValue `client` alone
 * @param explain - what to say about a name that has a place elsewhere
 * @throws TruLayerError `invalid-option` for a value of the wrong type, which is a mistake in code
 */
export function checkAdapterOptions(
  owner: string,
  options: unknown,
  known: OptionKinds = CLIENT_ONLY,
  explain: (name: string) => string | undefined = () => undefined,
): void {
  if (isClient(options)) {
    throw new TruLayerError(
      'invalid-option',
      `${owner} takes options and not the client itself: pass \`{ client }\`.`,
    )
  }
  for (const name of checkOptions(options, known, { owner })) {
    const message =
      explain(name) ?? explainClientOption(name, owner) ?? ignoredOption(name, known, owner)
    loggerAtSetup(read(options, 'client')).warn(message, message)
  }
}

/**
 * The options that a user gives to an adapter for a single call, without what cannot be used. It never throws, since values
 * are often data of a request.
 */
export function cleanAdapterOptions<Options extends object>(
  owner: string,
  options: Options,
  known: OptionKinds,
): Options {
  return cleanOptions(options, known, {
    owner,
    explain: (name) => explainClientOption(name, owner),
    warn: (message) => loggerAtSetup(read(options, 'client')).warn(message, message),
  })
}

function explainClientOption(name: string, owner: string): string | undefined {
  if (!Object.hasOwn(CLIENT_OPTIONS, name)) {
    return undefined
  }
  const variable = VARIABLES[name]
  const orSet = variable === undefined ? '' : ` or set ${variable}`
  return `\`${name}\` is an option of the client and is ignored by ${owner}: call \`init({ ${name} })\`${orSet}.`
}
