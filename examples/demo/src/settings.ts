import { parseArgs } from 'node:util'

/** What the command line and the environment ask for. */
export interface Settings {
  /** The key of the real provider, with `--live`. */
  readonly openaiApiKey: string | undefined
  /** The key of TruLayer, with `--send`. */
  readonly trulayerApiKey: string | undefined
}

/**
 * Reads the command line.
 *
 * @returns the settings, or the one line that says what is missing
 */
export function readSettings(): Settings | string {
  const { values } = parseArgs({
    options: { live: { type: 'boolean' }, send: { type: 'boolean' } },
  })
  const openaiApiKey = process.env['OPENAI_API_KEY']
  if (values.live === true && openaiApiKey === undefined) {
    return '--live runs the agents against OpenAI and needs OPENAI_API_KEY; without --live scripted models are used.'
  }
  const trulayerApiKey = process.env['TRULAYER_API_KEY']
  if (values.send === true && trulayerApiKey === undefined) {
    return '--send ships the traces to TruLayer and needs TRULAYER_API_KEY; without --send they go to an endpoint on this machine.'
  }
  return {
    openaiApiKey: values.live === true ? openaiApiKey : undefined,
    trulayerApiKey: values.send === true ? trulayerApiKey : undefined,
  }
}
