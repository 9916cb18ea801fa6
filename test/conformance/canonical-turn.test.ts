import { HumanMessage } from '@langchain/core/messages'
import { instrumentAISDK } from '@trulayer/ai-sdk'
import type { TruLayer } from '@trulayer/core'
import { spanTree } from '@trulayer/core/testing'
import { TruLayerCallbackHandler } from '@trulayer/langchain'
import * as ai from 'ai'
import { createAgent } from 'langchain'
import { expect, test } from 'vitest'
import { canonicalModel as aiSDKModel, canonicalTools } from '../support/ai-sdk-agents.ts'
import {
  calculator,
  canonicalModel as langchainModel,
  weather,
} from '../support/langchain-agents.ts'
import { essence, QUESTION, record, TREE, type Turn } from './canonical-turn.ts'

const turns: Readonly<Record<string, Turn>> = {
  'LangChain, invoke': (client) =>
    langchainAgent().invoke(
      { messages: [new HumanMessage(QUESTION)] },
      { callbacks: [new TruLayerCallbackHandler({ client })] },
    ),
  'LangChain, stream': async (client) => {
    const stream = await langchainAgent().stream(
      { messages: [new HumanMessage(QUESTION)] },
      { callbacks: [new TruLayerCallbackHandler({ client })], streamMode: 'messages' },
    )
    await readAll(stream)
  },
  'AI SDK, generate': (client) => aiSDKAgent(client).generate({ prompt: QUESTION }),
  'AI SDK, stream': async (client) => {
    const result = await aiSDKAgent(client).stream({ prompt: QUESTION })
    await readAll(result.textStream)
  },
}

function langchainAgent() {
  return createAgent({ name: 'support', model: langchainModel(), tools: [weather, calculator] })
}

function aiSDKAgent(client: TruLayer) {
  const { ToolLoopAgent } = instrumentAISDK(ai, { client })
  return new ToolLoopAgent({
    id: 'support',
    model: aiSDKModel({ delay: 1 }),
    tools: canonicalTools,
  })
}

async function readAll(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) {
    // Read to the end, as a route does.
  }
}

test.each(Object.entries(turns))('%s gives the canonical tree', async (_, turn) => {
  const trace = await record(turn)
  expect(spanTree(trace)).toBe(TREE)
  expect(trace).toMatchObject({ input: QUESTION, output: 'Sunny in both, and 5.' })
})

test('LangChain and the AI SDK give equal traces, messages and all', async () => {
  const [langchain, ...others] = await Promise.all(Object.values(turns).map(record))
  expect(langchain).toBeDefined()
  for (const other of others) {
    expect(other === undefined ? undefined : essence(other)).toEqual(
      langchain === undefined ? undefined : essence(langchain),
    )
  }
})
