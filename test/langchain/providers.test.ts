import type { FinishedSpan } from '@trulayer/core'
import { captureTraces } from '@trulayer/core/testing'
import { TruLayerCallbackHandler } from '@trulayer/langchain'
import { describe, expect, onTestFinished, test } from 'vitest'

import { testClient } from '../../packages/langchain/test/play.ts'
import {
  type BilledCall,
  type ProviderReply,
  type ProviderServer,
  startProviderServer,
} from '../support/provider-server.ts'
import { loadSet, setName } from './frameworks.ts'
import { collect } from './scenarios/scenario.ts'

const set = await loadSet(setName)

const replies: readonly ProviderReply[] = [
  {
    toolCalls: [{ id: 'call_1', name: 'weather', arguments: { city: 'Paris' } }],
    tokens: { fresh: 30, cacheRead: 200, cacheWrite: 50, answer: 8, reasoning: 4 },
  },
  { text: 'Sunny in Paris.', tokens: { fresh: 300, cacheRead: 40, answer: 5 } },
]

const providers = [
  {
    provider: 'openai',
    model: (server: ProviderServer) =>
      new set.openai.ChatOpenAI({
        model: 'gpt-4o',
        apiKey: 'sk-none',
        temperature: 0.2,
        maxRetries: 0,
        configuration: { baseURL: server.baseUrl },
      }),
    responseModel: 'gpt-4o-2026-10-01',
    // A provider that tells no tokens written into its cache, and whose reasoning is told.
    partsOf: ({ tokens }: BilledCall) => ({
      cachedTokens: tokens.cacheRead ?? 0,
      reasoningTokens: tokens.reasoning ?? 0,
    }),
  },
  {
    provider: 'anthropic',
    model: (server: ProviderServer) =>
      new set.anthropic.ChatAnthropic({
        model: 'claude-x',
        apiKey: 'sk-none',
        temperature: 0.2,
        maxRetries: 0,
        anthropicApiUrl: server.origin,
      }),
    responseModel: 'claude-x-20261001',
    partsOf: ({ tokens }: BilledCall) => ({
      cachedTokens: tokens.cacheRead ?? 0,
      cacheWriteTokens: tokens.cacheWrite ?? 0,
    }),
  },
]

/* Protocol events came with LangGraph 1.3; of the sets with the clients of providers only the newest has them. */
const setsWithEvents = [setName].filter((name) => name === 'newest')

/* What was billed, as a span has to show it. */
function usageOf(call: BilledCall, parts: object): object {
  const { fresh = 0, cacheRead = 0, cacheWrite = 0, answer = 0, reasoning = 0 } = call.tokens
  return {
    promptTokens: fresh + cacheRead + cacheWrite,
    completionTokens: answer + reasoning,
    ...parts,
  }
}

describe.each(providers)(
  'the client of $provider',
  ({ provider, model, responseModel, partsOf }) => {
    test.each(['invoke', 'stream'] as const)('%s', async (how) => {
      await using server = await startProviderServer(replies)
      const client = testClient()
      const capture = captureTraces({ client })
      onTestFinished(() => capture.stop())
      const callbacks = [new TruLayerCallbackHandler({ client })]
      const spans: FinishedSpan[] = []
      while (spans.length < replies.length) {
        capture.clear()
        if (how === 'stream') {
          await collect(await model(server).stream('Weather?', { callbacks }))
        } else {
          await model(server).invoke('Weather?', { callbacks })
        }
        spans.push(...(await capture.last()).spans)
      }
      expect(server.billed.map(({ isStreamed }) => isStreamed)).toEqual(
        Array(2).fill(how === 'stream'),
      )
      expect(spans.map(({ usage }) => usage)).toEqual(
        server.billed.map((call) => usageOf(call, partsOf(call))),
      )
      expect(spans.map(({ metadata }) => 'trulayer.ttft_ms' in metadata)).toEqual(
        Array(2).fill(how === 'stream'),
      )
      expect(spans[0]).toMatchObject({
        output: [
          {
            role: 'assistant',
            parts: [
              { type: 'tool_call', id: 'call_1', name: 'weather', arguments: { city: 'Paris' } },
            ],
          },
        ],
        metadata: { 'gen_ai.provider.name': provider, 'gen_ai.request.temperature': 0.2 },
      })
      expect(spans[1]).toMatchObject({
        output: [{ role: 'assistant', parts: [{ type: 'text', content: 'Sunny in Paris.' }] }],
        metadata: {
          'gen_ai.response.model': responseModel,
          'gen_ai.response.finish_reasons': [expect.stringMatching(/^(?:stop|end_turn)$/)],
        },
      })
    })

    test('the definitions of its tools', async () => {
      await using server = await startProviderServer([replies[0] ?? {}])
      const client = testClient()
      const capture = captureTraces({ client })
      onTestFinished(() => capture.stop())
      const { tool } = set.tools
      const weather = tool(() => 'sunny', {
        name: 'weather',
        description: 'The weather of a city',
        schema: set.z.object({ city: set.z.string() }),
      })
      await model(server)
        .bindTools?.([weather])
        .invoke('Weather?', { callbacks: [new TruLayerCallbackHandler({ client })] })
      const [span] = (await capture.last()).spans
      expect(span?.metadata['gen_ai.tool.definitions']).toMatchObject([
        {
          type: 'function',
          name: 'weather',
          description: 'The weather of a city',
          parameters: { type: 'object', properties: { city: { type: 'string' } } },
        },
      ])
    })

    test.each(provider === 'openai' ? [provider] : [])('the schema of an answer', async () => {
      await using server = await startProviderServer([{ text: '{"city":"Rome"}' }])
      const client = testClient()
      const capture = captureTraces({ client })
      onTestFinished(() => capture.stop())
      const schema = {
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
        additionalProperties: false,
      }
      const format: object = {
        response_format: { type: 'json_schema', json_schema: { name: 'city', schema } },
      }
      await model(server)
        .withConfig(format)
        .invoke('Which city?', { callbacks: [new TruLayerCallbackHandler({ client })] })
      const [span] = (await capture.last()).spans
      expect(span?.metadata).toMatchObject({
        'gen_ai.output.type': 'json',
        'trulayer.response_schema': schema,
      })
    })

    test.each(setsWithEvents)('in an agent, streamed as protocol events', async () => {
      await using server = await startProviderServer([replies[1] ?? {}])
      const client = testClient()
      const capture = captureTraces({ client })
      onTestFinished(() => capture.stop())
      const run = await set.langchain
        .createAgent({ model: model(server), tools: [] })
        .streamEvents(
          { messages: [{ role: 'user', content: 'Weather?' }] },
          { version: 'v3', callbacks: [new TruLayerCallbackHandler({ client })] },
        )
      await run.output
      const { spans } = await capture.last()
      expect(spans).toHaveLength(1)
      expect(spans[0]).toMatchObject({ usage: { promptTokens: 340, completionTokens: 5 } })
      expect(spans[0]?.metadata).toHaveProperty(['trulayer.ttft_ms'])
    })

    test('a refusal', async () => {
      await using server = await startProviderServer([{ status: 429, message: 'too fast' }])
      const client = testClient()
      const capture = captureTraces({ client })
      onTestFinished(() => capture.stop())
      const callbacks = [new TruLayerCallbackHandler({ client })]
      await expect(model(server).invoke('Weather?', { callbacks })).rejects.toThrow('too fast')
      const trace = await capture.last()
      expect(trace.status).toBe('error')
      expect(trace.error).toContain('too fast')
      // LangChain's address for help would keep equal failures apart.
      expect(trace.error).not.toContain('Troubleshooting')
    })
  },
)
