import type { AIMessageChunk } from '@langchain/core/messages'
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

const isNewest = setName === 'newest'

/* How an answer is requested. */
type How = 'invoke' | 'stream'

const providers = [
  {
    provider: 'openai',
    api: 'chat completions',
    request: { 'gen_ai.request.temperature': 0.2 },
    model: (server: ProviderServer) =>
      new set.openai.ChatOpenAI({
        model: 'gpt-4o',
        apiKey: 'sk-none',
        temperature: 0.2,
        maxRetries: 0,
        configuration: { baseURL: server.baseUrl },
      }),
    responseModel: 'gpt-4o-2026-10-01',
    finishReasons: { whole: 'stop', cut: 'length' },
    showsThoughts: false,
    // OpenAI reports the reasoning, and no tokens written into its cache.
    partsOf: ({ tokens }: BilledCall) => ({
      cachedTokens: tokens.cacheRead ?? 0,
      reasoningTokens: tokens.reasoning ?? 0,
    }),
  },
  {
    provider: 'openai',
    api: 'responses',
    request: { 'gen_ai.request.temperature': 0.2 },
    model: (server: ProviderServer) =>
      new set.openai.ChatOpenAI({
        model: 'gpt-4o',
        apiKey: 'sk-none',
        temperature: 0.2,
        maxRetries: 0,
        useResponsesApi: true,
        configuration: { baseURL: server.baseUrl },
      }),
    responseModel: 'gpt-4o-2026-10-01',
    finishReasons: { whole: 'completed', cut: 'max_output_tokens' },
    partsOf: ({ tokens }: BilledCall) => ({
      cachedTokens: tokens.cacheRead ?? 0,
      reasoningTokens: tokens.reasoning ?? 0,
    }),
  },
  {
    provider: 'anthropic',
    api: 'messages',
    request: { 'gen_ai.request.temperature': 0.2 },
    model: (server: ProviderServer) =>
      new set.anthropic.ChatAnthropic({
        model: 'claude-x',
        apiKey: 'sk-none',
        temperature: 0.2,
        maxRetries: 0,
        anthropicApiUrl: server.origin,
      }),
    responseModel: 'claude-x-20261001',
    finishReasons: { whole: 'end_turn', cut: 'max_tokens' },
    partsOf: ({ tokens }: BilledCall) => ({
      cachedTokens: tokens.cacheRead ?? 0,
      cacheWriteTokens: tokens.cacheWrite ?? 0,
    }),
  },
  {
    provider: 'google_genai',
    api: 'gemini',
    model: (server: ProviderServer) =>
      new set.google.ChatGoogleGenerativeAI({
        model: 'gemini-x',
        apiKey: 'none',
        temperature: 0.2,
        maxRetries: 0,
        baseUrl: server.origin,
      }),
    responseModel: undefined,
    finishReasons: { whole: 'STOP', cut: 'MAX_TOKENS' },
    // Before version 1 thoughts are text.
    showsThoughts: isNewest,
    // Before version 2 the integration leaves the cache out. Since then it adds up what each part of a stream repeats, so
    // that only a stream with one part has the right count.
    partsOf: ({ tokens }: BilledCall, how: How, parts: number) => ({
      cachedTokens: isNewest && (how === 'invoke' || parts === 1) ? tokens.cacheRead : undefined,
      reasoningTokens: tokens.reasoning,
    }),
  },
  {
    provider: 'ollama',
    api: 'chat',
    model: (server: ProviderServer) =>
      new set.ollama.ChatOllama({
        model: 'llama-x',
        temperature: 0.2,
        maxRetries: 0,
        baseUrl: server.origin,
      }),
    responseModel: 'llama-x',
    finishReasons: { whole: 'stop', cut: 'length' },
    // Before version 1 thoughts are text.
    showsThoughts: isNewest,
    partsOf: () => ({}),
  },
  {
    provider: 'amazon_bedrock',
    api: 'converse',
    model: (server: ProviderServer) =>
      new set.aws.ChatBedrockConverse({
        model: 'claude-x',
        region: 'us-east-1',
        temperature: 0.2,
        maxRetries: 0,
        client: new set.BedrockRuntimeClient({
          region: 'us-east-1',
          endpoint: server.origin,
          maxAttempts: 1,
          credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
          requestHandler: new set.NodeHttpHandler(),
        }),
      }),
    responseModel: undefined,
    finishReasons: { whole: 'end_turn', cut: 'max_tokens' },
    partsOf: ({ tokens }: BilledCall) => ({
      cachedTokens: tokens.cacheRead ?? 0,
      cacheWriteTokens: tokens.cacheWrite ?? 0,
    }),
  },
]

/* Protocol events came with LangGraph 1.3; of the sets with the clients of providers only the newest has them. */
const setsWithEvents = isNewest ? [setName] : []

/* The chunks of a stream as one message. */
async function wholeOf(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
  const chunks = await collect(stream)
  return chunks.reduce((whole, chunk) => whole.concat(chunk))
}

/* The clients of Google and Ollama report what they have as a part, even if it is the whole answer. */
function reportsParts(provider: string, how: How): boolean {
  return how === 'stream' || provider === 'google_genai' || provider === 'ollama'
}

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
  'the client of $provider $api',
  ({
    provider,
    api,
    model,
    request = {},
    responseModel,
    finishReasons,
    showsThoughts = true,
    partsOf,
  }) => {
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
      // Ollama's client streams in any case.
      expect(server.billed.map(({ isStreamed }) => isStreamed)).toEqual(
        Array(2).fill(how === 'stream' || provider === 'ollama'),
      )
      expect(spans.map(({ usage }) => usage)).toEqual(
        server.billed.map((call, index) => usageOf(call, partsOf(call, how, index === 0 ? 1 : 3))),
      )
      expect('trulayer.ttft_ms' in (spans[1]?.metadata ?? {})).toBe(reportsParts(provider, how))
      expect(spans[0]).toMatchObject({
        output: [
          {
            role: 'assistant',
            parts: [
              {
                type: 'tool_call',
                // Ollama's calls have no id, and its client makes one.
                id: provider === 'ollama' ? expect.any(String) : 'call_1',
                name: 'weather',
                arguments: { city: 'Paris' },
              },
            ],
          },
        ],
        metadata: { 'gen_ai.provider.name': provider, ...request },
      })
      expect(spans[1]).toMatchObject({
        output: [{ role: 'assistant', parts: [{ type: 'text', content: 'Sunny in Paris.' }] }],
        metadata: {
          ...(responseModel === undefined ? {} : { 'gen_ai.response.model': responseModel }),
          'gen_ai.response.finish_reasons': [finishReasons.whole],
        },
      })
    })

    test.each(['invoke', 'stream'] as const)('an answer that is cut off: %s', async (how) => {
      await using server = await startProviderServer([{ text: 'Sunny in', isCut: true }])
      const client = testClient()
      const capture = captureTraces({ client })
      onTestFinished(() => capture.stop())
      const callbacks = [new TruLayerCallbackHandler({ client })]
      if (how === 'stream') {
        await collect(await model(server).stream('Weather?', { callbacks }))
      } else {
        await model(server).invoke('Weather?', { callbacks })
      }
      const [span] = (await capture.last()).spans
      // Before version 1 the client of OpenAI's responses does not know the event that ends such a stream.
      const isUnknown = api === 'responses' && how === 'stream' && !isNewest
      expect(span?.metadata['gen_ai.response.finish_reasons']).toEqual(
        isUnknown ? undefined : [finishReasons.cut],
      )
    })

    test.each(showsThoughts ? (['invoke', 'stream'] as const) : [])(
      'thoughts, and text in one part: %s',
      async (how) => {
        await using server = await startProviderServer([
          { reasoning: 'Let me think.', text: 'Slow start doubles.' },
        ])
        const client = testClient()
        const capture = captureTraces({ client })
        onTestFinished(() => capture.stop())
        const callbacks = [new TruLayerCallbackHandler({ client })]
        const answer = {
          role: 'assistant',
          parts: [
            { type: 'reasoning', content: 'Let me think.' },
            { type: 'text', content: 'Slow start doubles.' },
          ],
        }
        const message =
          how === 'stream'
            ? await wholeOf(await model(server).stream('Why?', { callbacks }))
            : await model(server).invoke('Why?', { callbacks })
        const { output, spans } = await capture.last()
        expect(spans[0]?.output).toEqual([answer])
        expect(output).toBe('Slow start doubles.')
        await model(server).invoke(['Why?', message, 'Again.'], { callbacks })
        expect((await capture.last()).spans[0]?.input).toMatchObject([{}, answer, {}])
      },
    )

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

    test.each(provider === 'openai' && api === 'chat completions' ? [provider] : [])(
      'the schema of an answer',
      async () => {
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
      },
    )

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

test.each(
  (['invoke', 'stream'] as const).flatMap((how) =>
    (isNewest ? [undefined, 'v1'] : [undefined]).map((outputVersion) => ({ how, outputVersion })),
  ),
)('tools that run at OpenAI: $how, format $outputVersion', async ({ how, outputVersion }) => {
  const search = {
    type: 'web_search_call',
    id: 'ws_1',
    status: 'completed',
    action: { type: 'search', query: 'events' },
  }
  const picture = {
    type: 'image_generation_call',
    id: 'ig_1',
    status: 'completed',
    result: Buffer.alloc(3000, 5).toString('base64'),
  }
  await using server = await startProviderServer([
    { reasoning: 'I should search.', serverTools: [search, picture], text: 'There is a concert.' },
  ])
  const client = testClient()
  const capture = captureTraces({ client })
  onTestFinished(() => capture.stop())
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const model = new set.openai.ChatOpenAI({
    model: 'gpt-4o',
    apiKey: 'sk-none',
    maxRetries: 0,
    useResponsesApi: true,
    outputVersion,
    configuration: { baseURL: server.baseUrl },
  })
  if (how === 'stream') {
    await collect(await model.stream('Events?', { callbacks }))
  } else {
    await model.invoke('Events?', { callbacks })
  }
  const { output, spans } = await capture.last()
  expect(output).toBe('There is a concert.')
  const text = JSON.stringify(spans[0]?.output)
  expect(text).toContain('I should search.')
  expect(text).toContain('"query":"events"')
  expect(text.match(/web_search/g)).toHaveLength(1)
  expect(text).toContain('"type":"blob"')
  expect(text).toContain('"bytes":3000')
  if (outputVersion === undefined) {
    expect(spans[0]?.output).toMatchObject([
      { parts: [{ type: 'reasoning' }, { type: 'other', content: search }, {}, { type: 'text' }] },
    ])
  }
})

test.each(['invoke', 'stream'] as const)(
  'several answers of one call are billed once: %s',
  async (how) => {
    await using server = await startProviderServer([
      { text: 'Sunny.', tokens: { fresh: 10, answer: 8 } },
    ])
    const client = testClient()
    const capture = captureTraces({ client })
    onTestFinished(() => capture.stop())
    const callbacks = [new TruLayerCallbackHandler({ client })]
    const model = new set.openai.ChatOpenAI({
      model: 'gpt-4o',
      apiKey: 'sk-none',
      maxRetries: 0,
      n: 3,
      configuration: { baseURL: server.baseUrl },
    })
    if (how === 'stream') {
      await collect(await model.stream('Weather?', { callbacks }))
    } else {
      await model.invoke('Weather?', { callbacks })
    }
    const [span] = (await capture.last()).spans
    expect(server.billed).toHaveLength(1)
    expect(span?.usage).toMatchObject({ promptTokens: 10, completionTokens: 8 })
  },
)

test.each(['signal', 'reader', ...setsWithEvents.map(() => 'events')])(
  'a stream of Anthropic that is stopped keeps the tokens that were read: %s',
  async (how) => {
    const tokens = { fresh: 30, cacheRead: 200, cacheWrite: 50, answer: 90 }
    await using server = await startProviderServer([
      { text: 'Once upon a time there was a king.', tokens, delay: 10 },
    ])
    const client = testClient()
    const capture = captureTraces({ client })
    onTestFinished(() => capture.stop())
    const callbacks = [new TruLayerCallbackHandler({ client })]
    const controller = new AbortController()
    const { signal } = controller
    const model = new set.anthropic.ChatAnthropic({
      model: 'claude-x',
      apiKey: 'sk-none',
      maxRetries: 0,
      anthropicApiUrl: server.origin,
    })
    if (how === 'events') {
      const run = await set.langchain
        .createAgent({ model, tools: [] })
        .streamEvents(
          { messages: [{ role: 'user', content: 'Tell.' }] },
          { version: 'v3', callbacks, signal },
        )
      const reading = (async () => {
        for await (const event of run) {
          if (JSON.stringify(event).includes('upon ')) {
            controller.abort()
          }
        }
      })()
      await expect(Promise.all([reading, run.output])).rejects.toThrow(/abort/i)
    } else {
      const parts: AIMessageChunk[] = []
      const reading = (async () => {
        for await (const part of await model.stream('Tell.', { callbacks, signal })) {
          if (parts.push(part) === 4) {
            if (how === 'reader') {
              break
            }
            controller.abort()
          }
        }
      })()
      if (how === 'reader') {
        await reading
      } else {
        await expect(reading).rejects.toThrow(/abort/i)
      }
    }
    await client.flush({ open: 'close' })
    const [span] = (await capture.last()).spans
    expect(span?.status).not.toBe('ok')
    expect(span?.usage).toEqual({ promptTokens: 280, cachedTokens: 200, cacheWriteTokens: 50 })
  },
)
