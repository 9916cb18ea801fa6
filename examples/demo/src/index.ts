/*
 * The main job, end to end: real agents of real frameworks run a few turns, and each turn is printed as the tree that
 * arrived over HTTP. The model is scripted and the service stands on this machine, so it needs no key, no network and no
 * account. With --live the agents use OpenAI, with --send the traces go to TruLayer.
 */
import { init } from '@trulayer/core'
import { nestedTurn, streamedTurn } from './ai-sdk-turns.ts'
import { recoveringTurn, retrievalTurn, supportTurns } from './langchain-turns.ts'
import { printTotals, printTrace } from './print.ts'
import type { Provider } from './provider.ts'
import { openReceiver } from './receiver.ts'
import { script } from './script.ts'
import { startScriptedProvider } from './scripted-provider.ts'
import { readSettings, type Settings } from './settings.ts'

const turns: readonly ((provider: Provider) => Promise<void>)[] = [
  supportTurns,
  retrievalTurn,
  streamedTurn,
  nestedTurn,
  recoveringTurn,
]

const settings = readSettings()
if (typeof settings === 'string') {
  console.error(settings)
  process.exitCode = 1
} else {
  await run(settings)
}

async function run({ openaiApiKey, trulayerApiKey }: Settings): Promise<void> {
  await using receiver = await openReceiver(trulayerApiKey, printTrace)
  const trulayer = init({ ...receiver.clientOptions, projectName: 'demo', environment: 'demo' })
  receiver.listenTo(trulayer)

  await using scripted =
    openaiApiKey === undefined ? await startScriptedProvider(script) : undefined
  const provider = { apiKey: openaiApiKey ?? 'scripted', baseUrl: scripted?.baseUrl }
  for (const turn of turns) {
    await turn(provider)
    await trulayer.flush()
  }
  await trulayer.shutdown()
  printTotals(trulayer.stats(), receiver.refused())
  process.exitCode = trulayer.stats().traces.recorded === receiver.accepted(trulayer) ? 0 : 1
}
