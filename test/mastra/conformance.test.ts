import { instrumentAISDK } from '@trulayer/ai-sdk'
import type { TruLayer } from '@trulayer/core'
import { spanTree } from '@trulayer/core/testing'
import { TruLayerExporter } from '@trulayer/mastra'
import * as ai from 'ai'
import { expect, test } from 'vitest'

import { essence, QUESTION, record, TREE, type Turn } from '../conformance/canonical-turn.ts'
import { canonicalModel, canonicalTools } from '../support/ai-sdk-agents.ts'
import { ScriptedModel } from '../support/mastra-scripted-model.ts'
import { loadSet, setName } from './frameworks.ts'
import { drain, pause } from './play.ts'

const set = await loadSet(setName)

function mastraAgent(client: TruLayer) {
  const { Agent, createTool, Mastra, Observability, z } = set
  const tokens = [20, 5] as const
  const model = new ScriptedModel([
    {
      tools: [
        { id: 'call_1', name: 'weather', args: { city: 'Paris' } },
        { id: 'call_2', name: 'weather', args: { city: 'Berlin' } },
        { id: 'call_3', name: 'calculator', args: { a: 2, b: 3 } },
      ],
      tokens,
      cachedTokens: 4,
      reasoningTokens: 3,
    },
    { text: 'Sunny in both, and 5.', tokens, cachedTokens: 4, reasoningTokens: 3 },
  ])
  const weather = createTool({
    id: 'weather',
    description: 'The weather of a city',
    inputSchema: z.object({ city: z.string() }),
    execute: async (input: { city?: string; context?: { city: string } }) => {
      // Long enough for tools that are called together to run together.
      await pause(20)
      return `sunny in ${input.context?.city ?? input.city}`
    },
  })
  const calculator = createTool({
    id: 'calculator',
    description: 'The sum of two numbers',
    inputSchema: z.object({ a: z.number(), b: z.number() }),
    execute: async (input: { a: number; b: number; context?: { a: number; b: number } }) => {
      await pause(20)
      const { a, b } = input.context ?? input
      return String(a + b)
    },
  })
  const support = new Agent({
    id: 'support',
    name: 'support',
    instructions: '',
    model,
    tools: { weather, calculator },
  })
  const configs = {
    default: { serviceName: 'test', exporters: [new TruLayerExporter({ client })] },
  }
  set.clearAITracingRegistry?.()
  return new Mastra({
    logger: false,
    agents: { support },
    observability: Observability === undefined ? { configs } : new Observability({ configs }),
  }).getAgent('support')
}

const turns: Readonly<Record<string, Turn>> = {
  generate: (client) => mastraAgent(client).generate(QUESTION),
  stream: async (client) => drain(await mastraAgent(client).stream(QUESTION)),
}

/* The same turn of another framework, which the repository brings along. */
const reference: Turn = (client) => {
  const { ToolLoopAgent } = instrumentAISDK(ai, { client })
  const model = canonicalModel({ delay: 1 })
  return new ToolLoopAgent({ id: 'support', model, tools: canonicalTools }).generate({
    prompt: QUESTION,
  })
}

/* Of them the version of the model interface that every Mastra takes tells nothing. */
function withoutCacheWrites(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) =>
    key === 'cacheWriteTokens' ? undefined : inner,
  )
}

test.each(Object.entries(turns))(
  `%s gives the canonical tree on ${setName}, messages and all`,
  async (_, turn) => {
    const trace = await record(turn)
    expect(spanTree(trace)).toBe(TREE)
    expect(essence(trace)).toEqual(withoutCacheWrites(essence(await record(reference))))
  },
)
