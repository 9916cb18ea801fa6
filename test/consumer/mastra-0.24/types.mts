import type { Agent } from '@mastra/core/agent'
import { Mastra } from '@mastra/core/mastra'
import { init, type TruLayer } from '@trulayer/core'
import {
  TruLayerExporter,
  trulayerObservability,
  trulayerTraceId,
  withTruLayer,
} from '@trulayer/mastra'

const client: TruLayer = init({ mode: 'local' })

export const mastra: Mastra = new Mastra({
  observability: {
    configs: {
      default: trulayerObservability({ serviceName: 'support' }),
      own: { serviceName: 'own', exporters: [new TruLayerExporter({ client, nodes: 'all' })] },
    },
  },
})

export async function ask(agent: Agent): Promise<string | undefined> {
  const answer = await agent.generate('?', {
    tracingOptions: withTruLayer({ sessionId: 'chat-42' }),
  })
  return trulayerTraceId(answer)
}

// @ts-expect-error there is no such choice
export const refused = new TruLayerExporter({ nodes: 'some' })
