/* Plays a turn with the client of the environment, and ends without a flush: by itself, by a signal or by `process.exit`. */
import { TruLayerExporter } from '@trulayer/mastra'

import { ScriptedModel } from '../support/mastra-scripted-model.ts'
import { Agent, Mastra, Observability } from './newest/frameworks.js'

const support = new Agent({
  id: 'support',
  name: 'support',
  instructions: '',
  model: new ScriptedModel([{ text: 'Hello.' }]),
})
const mastra = new Mastra({
  logger: false,
  agents: { support },
  observability: new Observability({
    configs: { default: { serviceName: 'test', exporters: [new TruLayerExporter()] } },
  }),
})
console.log((await mastra.getAgent('support').generate('Hi')).text)

const [ending] = process.argv.slice(2)
if (ending === 'SIGTERM') {
  process.kill(process.pid, ending)
} else if (ending === 'exit') {
  process.exit()
}
