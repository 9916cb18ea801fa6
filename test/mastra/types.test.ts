import { join } from 'node:path'

import { expect, test } from 'vitest'

import { typeCheck } from '../support/type-check.ts'
import { setName } from './frameworks.ts'

const sinceOne = `
import type { Agent } from '@mastra/core/agent'
import { Mastra } from '@mastra/core/mastra'
import type { ObservabilityExporter } from '@mastra/core/observability'
import type { Workflow } from '@mastra/core/workflows'
import { ConsoleExporter, Observability } from '@mastra/observability'
import { TruLayerExporter, trulayerObservability, trulayerTraceId, withTruLayer } from '@trulayer/mastra'

export const exporter: ObservabilityExporter = new TruLayerExporter()
export const own = new Mastra({
  observability: new Observability({
    configs: { default: { serviceName: 'own', exporters: [new TruLayerExporter({ nodes: 'all' })] } },
  }),
})
export const whole = new Mastra({
  observability: new Observability({
    configs: {
      default: trulayerObservability({ serviceName: 'whole' }),
      beside: trulayerObservability<ConsoleExporter>({ exporters: [new ConsoleExporter()] }),
    },
  }),
})
declare const agent: Agent
declare const workflow: Workflow
export async function calls(): Promise<(string | undefined)[]> {
  const tracingOptions = withTruLayer({ sessionId: 'S', tags: ['a:b'] }, { metadata: { tenant: 'acme' } })
  const answer = await agent.generate('Hi', { tracingOptions })
  const stream = await agent.stream('Hi', { tracingOptions: withTruLayer({ userId: 'U' }) })
  const run = await workflow.createRun()
  const result = await run.start({ inputData: {}, tracingOptions })
  return [trulayerTraceId(answer), trulayerTraceId(stream), trulayerTraceId(result)]
}
`

const beforeOne = `
import type { Agent } from '@mastra/core/agent'
import type { AITracingExporter } from '@mastra/core/ai-tracing'
import { Mastra } from '@mastra/core/mastra'
import { TruLayerExporter, trulayerObservability, trulayerTraceId, withTruLayer } from '@trulayer/mastra'

export const exporter: AITracingExporter = new TruLayerExporter()
export const own = new Mastra({
  observability: { configs: { default: { serviceName: 'own', exporters: [new TruLayerExporter()] } } },
})
export const whole = new Mastra({
  observability: { configs: { default: trulayerObservability({ serviceName: 'whole' }) } },
})
declare const agent: Agent
export async function calls(): Promise<(string | undefined)[]> {
  const tracingOptions = withTruLayer({ sessionId: 'S', tags: ['a:b'] }, { metadata: { tenant: 'acme' } })
  const answer = await agent.generate('Hi', { tracingOptions })
  return [trulayerTraceId(answer)]
}
`

test(`the exporter fits the types of ${setName}`, async () => {
  const program = setName === 'core-0.24' ? beforeOne : sinceOne
  const report = await typeCheck({
    folder: join(import.meta.dirname, setName),
    files: { 'program.ts': program },
    // Of a program with `exactOptionalPropertyTypes` few frameworks are.
    compilerOptions: { exactOptionalPropertyTypes: false },
  })
  expect(report).toBe('')
}, 60_000)
