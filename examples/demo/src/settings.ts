import { parseArgs } from 'node:util'

/** What the command line and the environment ask for. */
export interface Settings {
  /** The key of the real provider, with `--live`. */
  readonly openaiApiKey: string | undefined
  /** The key of TruLayer, with `--send`. */
  readonly trulayerApiKey: string | undefined
}

const OPTIONS: ReadonlySet<string> = new Set(['live', 'send'])

/**
 * Reads the command line.
 *
 * @returns the settings, or the one line that says what is missing or wrong
 */
export function readSettings(): Settings | string {
  const { values, tokens } = parseArgs({
    options: { live: { type: 'boolean' }, send: { type: 'boolean' } },
    strict: false,
    tokens: true,
  })
  const unknown = tokens.find((token) => token.kind !== 'option' || !OPTIONS.has(token.name))
  if (unknown !== undefined) {
    return `the demo knows --live and --send, and not ${process.argv[unknown.index + 2]}.`
  }
  const openaiApiKey = variable('OPENAI_API_KEY')
  if (values.live === true && openaiApiKey === undefined) {
    return '--live runs the agents against OpenAI and needs OPENAI_API_KEY; without --live scripted models are used.'
  }
  const trulayerApiKey = variable('TRULAYER_API_KEY')
  if (values.send === true && trulayerApiKey === undefined) {
    return '--send ships the traces to TruLayer and needs TRULAYER_API_KEY; without --send they go to an endpoint on this machine.'
  }
  return {
    openaiApiKey: values.live === true ? openaiApiKey : undefined,
    trulayerApiKey: values.send === true ? trulayerApiKey : undefined,
  }
}

/* One that is set to nothing is not set. */
function variable(name: string): string | undefined {
  const value = process.env[name]?.trim()
  return value === '' ? undefined : value
}
