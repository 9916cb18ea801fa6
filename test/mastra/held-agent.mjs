/*
 * Plays an agent that a tool holds on to, with an exporter that has to find Mastra's current span by itself. The adapter
 * runs from source, where Mastra is not installed: its look-up is sent to the folder of the newest version.
 */
import { registerHooks } from 'node:module'

const newest = new URL('./newest/frameworks.js', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier, specifier.startsWith('@mastra/') ? { ...context, parentURL: newest } : context),
})

const { TruLayer } = await import('@trulayer/core')
const { captureTraces, spanTree } = await import('@trulayer/core/testing')
const { TruLayerExporter } = await import('@trulayer/mastra')
const { Agent, createTool, Mastra, Observability, z } = await import('./newest/frameworks.js')
const { ScriptedModel } = await import('../support/mastra-scripted-model.ts')

const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false })
const capture = captureTraces({ client })
const exporter = new TruLayerExporter({ client })
const sub = new Agent({
  id: 'sub',
  name: 'sub',
  instructions: '',
  model: new ScriptedModel([{ text: 'sub answer' }]),
})
const ask = createTool({
  id: 'ask',
  description: 'Asks',
  inputSchema: z.object({}),
  execute: async () => (await sub.generate('x')).text,
})
const support = new Agent({
  id: 'support',
  name: 'support',
  instructions: '',
  model: new ScriptedModel([{ tools: [{ id: 'c1', name: 'ask', args: {} }] }, { text: 'done' }]),
  tools: { ask },
})
const mastra = new Mastra({
  logger: false,
  agents: { support, sub },
  observability: new Observability({
    configs: { default: { serviceName: 'test', exporters: [exporter] } },
  }),
})
await mastra.getAgent('support').generate('Hi')
await capture.last()
console.log(capture.traces.map(spanTree).join('\n'))
