import { spanTree } from '@trulayer/core/testing'
import { describe, expect, test } from 'vitest'

import { canonicalModel, canonicalTools } from '../../../test/support/ai-sdk-agents.ts'
import { type AI, bothWays, readAll, recording } from './support.ts'

const prompt = 'What is the weather in Paris and Berlin, and 2 + 3?'

const TREE = (name: string): string => `${name} · ok · 40 in, 10 out
├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
├─ tool calculator · ok
├─ tool weather · ok
├─ tool weather · ok
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`

function agent(sdk: AI, delay?: number) {
  return new sdk.ToolLoopAgent({
    id: 'support',
    model: canonicalModel({ delay }),
    tools: canonicalTools,
    instructions: 'Be brief.',
  })
}

/* A tool as the SDK describes it to a model. */
function definition(name: string, description: string, properties: object): object {
  return {
    type: 'function',
    name,
    description,
    parameters: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
    },
  }
}

describe('the canonical turn', () => {
  test('of an agent that generates', async () => {
    const { seen, bare, tree } = await bothWays(async (sdk) => {
      const { text, usage, steps, finishReason } = await agent(sdk).generate({ prompt })
      return { text, usage, content: steps.map((step) => step.content), finishReason }
    })
    expect(tree).toBe(TREE('support'))
    expect(seen).toEqual(bare)
    expect(seen.text).toBe('Sunny in both, and 5.')
  })

  test.each([undefined, 1])('of an agent that streams, with a delay of %s', async (delay) => {
    const { seen, bare, tree } = await bothWays(async (sdk) => {
      const result = await agent(sdk, delay).stream({ prompt })
      return { ...(await readAll(result.fullStream)), usage: await result.usage }
    })
    expect(tree).toBe(TREE('support'))
    expect(seen).toEqual(bare)
  })

  test('of generateText', async () => {
    const { seen, bare, tree } = await bothWays(async (sdk) => {
      const { text, steps, response } = await sdk.generateText({
        model: canonicalModel(),
        tools: canonicalTools,
        stopWhen: sdk.isStepCount(4),
        prompt,
      })
      return { text, content: steps.map((step) => step.content), messages: response.messages }
    })
    expect(tree).toBe(TREE('generateText'))
    expect(seen).toEqual(bare)
  })

  test.each([undefined, 1])('of streamText, with a delay of %s', async (delay) => {
    const { seen, bare, tree } = await bothWays(async (sdk) => {
      const result = sdk.streamText({
        model: canonicalModel({ delay }),
        tools: canonicalTools,
        stopWhen: sdk.isStepCount(4),
        prompt,
      })
      return readAll(result.fullStream)
    })
    expect(tree).toBe(TREE('streamText'))
    expect(seen).toEqual(bare)
  })

  test.each(['text', 'steps', 'consumeStream', 'textStream', 'toUIMessageStream'] as const)(
    'of streamText that is consumed through %s',
    async (way) => {
      const { seen, bare, tree } = await bothWays(async (sdk) => {
        const result = sdk.streamText({
          model: canonicalModel({ delay: 1 }),
          tools: canonicalTools,
          stopWhen: sdk.isStepCount(4),
          prompt,
          telemetry: { functionId: 'weather-report' },
        })
        switch (way) {
          case 'text':
            return result.text
          case 'steps':
            return (await result.steps).map((step) => step.content)
          case 'consumeStream':
            return result.consumeStream()
          case 'textStream':
            return readAll(result.textStream)
          case 'toUIMessageStream':
            return readAll(result.toUIMessageStream())
          default:
            return way satisfies never
        }
      })
      expect(tree).toBe(TREE('weather-report'))
      expect(seen).toEqual(bare)
    },
  )

  test('holds messages, tools, tokens and times of each part', async () => {
    const { ai, capture } = recording()
    await agent(ai).generate({ prompt })
    const trace = await capture.last()
    expect(spanTree(trace)).toBe(TREE('support'))
    expect(trace.sessionId).toBe(trace.id)
    expect(trace).toMatchObject({
      input: prompt,
      output: 'Sunny in both, and 5.',
      model: 'gpt-4o-mini',
      metadata: {
        'trulayer.framework': 'ai-sdk',
        'gen_ai.agent.name': 'support',
        'gen_ai.operation.name': 'invoke_agent',
        'trulayer.status': 'ok',
      },
    })
    const [first, , , , last] = trace.spans
    expect(first?.input).toEqual([
      { role: 'system', parts: [{ type: 'text', content: 'Be brief.' }] },
      { role: 'user', parts: [{ type: 'text', content: prompt }] },
    ])
    const calls = [
      { type: 'tool_call', id: 'call_1', name: 'weather', arguments: { city: 'Paris' } },
      { type: 'tool_call', id: 'call_2', name: 'weather', arguments: { city: 'Berlin' } },
      { type: 'tool_call', id: 'call_3', name: 'calculator', arguments: { a: 2, b: 3 } },
    ]
    expect(first?.output).toEqual([{ role: 'assistant', parts: calls }])
    expect(first?.usage).toEqual({
      promptTokens: 20,
      completionTokens: 5,
      cachedTokens: 4,
      cacheWriteTokens: 2,
      reasoningTokens: 3,
    })
    expect(first?.metadata).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.response.id': 'resp_1',
      'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
      'gen_ai.response.finish_reasons': ['tool_calls'],
      'gen_ai.usage.cache_read.input_tokens': 4,
      'gen_ai.usage.cache_write.input_tokens': 2,
      'gen_ai.usage.reasoning.output_tokens': 3,
      'gen_ai.tool.definitions': [
        definition('weather', 'The weather of a city', { city: { type: 'string' } }),
        definition('calculator', 'The sum of two numbers', {
          a: { type: 'number' },
          b: { type: 'number' },
        }),
      ],
      'trulayer.status': 'ok',
    })
    expect(trace.spans.slice(1, 4)).toMatchObject([
      {
        name: 'weather',
        input: { city: 'Paris' },
        output: 'sunny in Paris',
        metadata: { 'gen_ai.tool.call.id': 'call_1', 'gen_ai.operation.name': 'execute_tool' },
      },
      { name: 'weather', input: { city: 'Berlin' }, output: 'sunny in Berlin' },
      { name: 'calculator', input: { a: 2, b: 3 }, output: '5' },
    ])
    expect(last?.input).toEqual([
      { role: 'system', parts: [{ type: 'text', content: 'Be brief.' }] },
      { role: 'user', parts: [{ type: 'text', content: prompt }] },
      { role: 'assistant', parts: calls },
      ...[
        { type: 'tool_call_response', id: 'call_1', response: 'sunny in Paris' },
        { type: 'tool_call_response', id: 'call_2', response: 'sunny in Berlin' },
        { type: 'tool_call_response', id: 'call_3', response: '5' },
      ].map((part) => ({ role: 'tool', parts: [part] })),
    ])
    expect(last?.output).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'Sunny in both, and 5.' }] },
    ])
  })

  test('is the same when it is streamed, with the time to the first token', async () => {
    const { ai, capture } = recording()
    await agent(ai).generate({ prompt })
    const generated = await capture.last()
    const { ai: streaming, capture: streamed } = recording()
    const result = await agent(streaming, 2).stream({ prompt })
    await result.consumeStream()
    const trace = await streamed.last()
    expect(trace).toMatchObject({ input: generated.input, output: generated.output })
    for (const [index, span] of generated.spans.entries()) {
      const other = trace.spans[index]
      const { 'trulayer.ttft_ms': toFirstToken, ...metadata } = other?.metadata ?? {}
      expect(other).toMatchObject({ name: span.name, type: span.type, input: span.input })
      expect(other?.output).toEqual(span.output)
      expect(metadata).toEqual(span.metadata)
      expect(typeof toFirstToken).toBe(span.type === 'llm' ? 'number' : 'undefined')
    }
    const [model, ...others] = trace.spans
    expect(others[0]?.startedAt).toBeGreaterThanOrEqual(model?.endedAt ?? Infinity)
  })
})
