/* The canonical turn, two calls of a model and three tools, of an agent of Mastra with one exporter. */
import { Agent } from '@mastra/core/agent'
import { Mastra } from '@mastra/core/mastra'
import { createTool } from '@mastra/core/tools'
import { Observability } from '@mastra/observability'
import { z } from 'zod'

import { ScriptedModel } from '../../support/mastra-scripted-model.ts'
import { serveRounds } from './serve-rounds.mjs'
import { SpanCounter } from './span-counter.mjs'

const QUESTION = 'What is the weather in Paris and Berlin, and what is 2 + 3?'
const [kind, name, url] = process.argv.slice(2)

const model = new ScriptedModel([
  {
    text: 'Let me look.',
    tools: [
      { id: 'call_1', name: 'weather', args: { city: 'Paris' } },
      { id: 'call_2', name: 'weather', args: { city: 'Berlin' } },
      { id: 'call_3', name: 'calculator', args: { a: 2, b: 3 } },
    ],
  },
  { text: 'Sunny in both, and 5.' },
])

const weather = createTool({
  id: 'weather',
  description: 'The weather of a city',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ sky: `sunny in ${city}` }),
})

const calculator = createTool({
  id: 'calculator',
  description: 'The sum of two numbers',
  inputSchema: z.object({ a: z.number(), b: z.number() }),
  execute: async ({ a, b }) => ({ sum: a + b }),
})

/* What each contender adds to a configuration, what goes on behind it, and what it has seen. */
const contenders = {
  none: () => ({ exporter: undefined }),

  empty: () => {
    const done = Promise.resolve()
    const nothing = () => done
    return {
      exporter: {
        name: 'empty',
        exportTracingEvent: nothing,
        onLogEvent: nothing,
        onScoreEvent: nothing,
        onFeedbackEvent: nothing,
        flush: nothing,
        shutdown: nothing,
      },
    }
  },

  trulayer: async () => {
    const { countingClient } = await import('./counting-client.mjs')
    const { TruLayerExporter } = await import('@trulayer/mastra')
    const { client, counts } = await countingClient()
    return {
      exporter: new TruLayerExporter({ client }),
      drain: () => client.flush(),
      seen: () => counts.spans,
    }
  },

  '@mastra/langfuse': async () => {
    const { LangfuseExporter } = await import('@mastra/langfuse')
    const exporter = new LangfuseExporter({ publicKey: 'pk', secretKey: 'sk', baseUrl: url })
    return { exporter, drain: () => exporter.flush() }
  },

  '@mastra/otel-exporter': async () => {
    const { OtelExporter } = await import('@mastra/otel-exporter')
    const counter = new SpanCounter()
    const exporter = new OtelExporter({
      provider: { custom: { endpoint: url, protocol: 'http/json' } },
      exporter: counter,
      signals: { logs: false },
    })
    return { exporter, drain: () => exporter.flush(), seen: () => counter.spans }
  },
}

const { exporter, drain, seen } = await contenders[name]()
const mastra = new Mastra({
  logger: false,
  agents: {
    support: new Agent({
      id: 'support',
      name: 'support',
      instructions: 'Be kind.',
      model,
      tools: { weather, calculator },
    }),
  },
  ...(exporter === undefined
    ? {}
    : {
        observability: new Observability({
          configs: { default: { serviceName: 'bench', exporters: [exporter] } },
        }),
      }),
})
const agent = mastra.getAgent('support')

const turns = {
  generate: () => agent.generate(QUESTION),
  stream: async () => {
    const { textStream } = await agent.stream(QUESTION)
    for await (const _ of textStream) {
      // Read to the end, as a route does.
    }
  },
}

serveRounds({
  async work(count) {
    for (let turn = 0; turn < count; turn += 1) {
      await turns[kind]()
    }
  },
  drain,
  /* How many spans come of a turn. */
  async describe() {
    const before = seen?.() ?? 0
    await turns[kind]()
    await drain?.()
    return (seen?.() ?? 0) - before
  },
})
