import { watchOwnKeys } from '../own-keys.mjs'
import { schemasOf, toolsOf } from '../tools.mjs'

/** An agent of Mastra on a real client of a provider, recorded by our exporter among others. */
export async function createHost(setting) {
  const { load, order, hasOurs, early, setUpPeer, providerUrl, toolUrl } = setting
  const { Mastra } = await load('@mastra/core/mastra')
  const { Agent } = await load('@mastra/core/agent')
  const { createTool } = await load('@mastra/core/tools')
  const { getCurrentSpan } = await load('@mastra/core/observability/context-storage')
  const observability = await load('@mastra/observability')
  const ours = []
  if (hasOurs) {
    const { TruLayerExporter } = await import('@trulayer/mastra')
    ours.push(new TruLayerExporter({ getCurrentSpan }))
  }
  const tracer = early ?? (await setUpPeer())
  const theirs = tracer.exporters?.() ?? [new SilentExporter()]
  const exporters = order === 'peer-first' ? [...theirs, ...ours] : [...ours, ...theirs]

  const { createOpenAI } = await load('@ai-sdk/openai')
  const { z } = await load('zod')
  const schemas = schemasOf(z)
  const tools = Object.fromEntries(
    Object.entries(toolsOf(toolUrl)).map(([id, execute]) => [
      id,
      createTool({ id, description: id, inputSchema: schemas[id], execute }),
    ]),
  )
  const model = createOpenAI({ apiKey: 'key', baseURL: providerUrl }).chat('gpt-4o-mini')
  const agent = new Agent({ id: 'support', name: 'support', instructions: 'Help.', model, tools })
  const mastra = new Mastra({
    logger: false,
    agents: { support: agent },
    storage: tracer.storage?.(),
    observability: new observability.Observability({
      configs: { default: { serviceName: 'support', exporters } },
    }),
  })
  const leftovers = watchOwnKeys({ mastra, agent, model, ...tools })
  const turn = async (user) => {
    const support = mastra.getAgent('support')
    const options = { tracingOptions: { metadata: { sessionId: user } } }
    const answered = await tracer.request(`answer ${user}`, () =>
      support.generate(`I am ${user}`, options),
    )
    const streamed = await tracer.request(`stream ${user}`, async () => {
      const parts = []
      const stream = await support.stream(`I am ${user}`, options)
      for await (const part of stream.textStream) parts.push(part)
      return parts
    })
    return { text: answered.text, tokens: answered.totalUsage?.totalTokens, streamed }
  }
  return { turn, tracer, leftovers }
}

/* So that Mastra traces without us as it does with us. */
class SilentExporter {
  name = 'silent'
  init() {}
  async exportTracingEvent() {}
  async flush() {}
  async shutdown() {}
}
