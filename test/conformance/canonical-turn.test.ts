import { HumanMessage } from '@langchain/core/messages'
import { instrumentAISDK } from '@trulayer/ai-sdk'
import { type FinishedSpan, type FinishedTrace, TruLayer } from '@trulayer/core'
import { captureTraces, spanTree } from '@trulayer/core/testing'
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

const QUESTION = 'What is the weather in Paris and Berlin, and what is 2 + 3?'

const TREE = `support · ok · 40 in, 10 out
├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
├─ tool calculator · ok
├─ tool weather · ok
├─ tool weather · ok
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`

type Turn = (client: TruLayer) => Promise<unknown>

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

async function record(turn: Turn): Promise<FinishedTrace> {
  const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false })
  const capture = captureTraces({ client })
  await turn(client)
  const trace = await capture.last()
  expect(capture.traces).toHaveLength(1)
  return trace
}

/* What must be the same from every framework: everything but ids, times and the framework's own metadata. */
function essence(trace: FinishedTrace): unknown {
  return {
    name: trace.name,
    status: trace.status,
    input: trace.input,
    output: trace.output,
    model: trace.model,
    spans: trace.spans
      .map(essenceOfSpan)
      .toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)),
  }
}

function essenceOfSpan({
  name,
  type,
  status,
  input,
  output,
  model,
  usage,
  metadata,
}: FinishedSpan) {
  const {
    'gen_ai.operation.name': operation,
    'gen_ai.tool.call.id': callId,
    'gen_ai.response.finish_reasons': finishReasons,
  } = metadata
  return { name, type, status, model, usage, operation, callId, finishReasons, input, output }
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
