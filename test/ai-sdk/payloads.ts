import type { CostQuestion, FinishedTrace } from '@trulayer/core'
import { spanTree } from '@trulayer/core/testing'
import { describe, expect, test } from 'vitest'

import { recording, waysOf } from './call-ids.ts'
import type { SDKSet } from './support/host.ts'
import { majorOf } from './support/host.ts'
import type { Kit } from './support/kit.ts'

const prompt = 'hi'
const PNG = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  Buffer.alloc(30_000, 7),
])
const base64 = PNG.toString('base64')
const blob = { type: 'blob', mime_type: 'image/png', bytes: PNG.length }
const screenshot = { content: [{ type: 'image', data: base64, mimeType: 'image/png' }] }
const denied = { content: [{ type: 'text', text: 'EACCES: permission denied' }], isError: true }

const MEDIA: readonly (readonly [name: string, result: unknown, recorded: unknown])[] = [
  ['of MCP', screenshot, { content: [blob] }],
  ['of a plain tool', { type: 'image', data: base64 }, blob],
  ['in JSON text', JSON.stringify(screenshot), JSON.stringify({ content: [blob] })],
  [
    'in a text',
    `![](data:image/png;base64,${base64})`,
    `![]([blob image/png ${PNG.length} bytes])`,
  ],
]

/* Calls a tool that the program has, and returns what the program sees of its result. */
async function callTool(
  kit: Kit,
  name: string,
  { result, telemetry }: { readonly result: unknown; readonly telemetry: object },
): Promise<unknown> {
  const { steps } = await kit.sdk.generateText({
    model: kit.model([{ calls: [{ id: 'c1', name, input: {} }] }, { text: ['done'] }]),
    tools: { [name]: kit.tool({ schema: kit.z.object({}), execute: async () => result }) },
    prompt,
    ...kit.steps(3),
    ...telemetry,
  })
  const [seen] = steps[0]?.toolResults ?? []
  return Reflect.get(Object(seen), kit.major === 4 ? 'result' : 'output')
}

/* Has the provider call a tool of its own. */
async function callHosted(
  kit: Kit,
  name: string,
  {
    isStreamed = false,
    ...hosted
  }: { readonly result: unknown; readonly telemetry: object; readonly isStreamed?: boolean },
): Promise<void> {
  const call = { id: 'h1', name, input: {}, providerResult: hosted.result }
  const options = {
    model: kit.model([{ calls: [call], text: ['done'] }]),
    tools: { [name]: hostedTool(kit, name) },
    prompt,
    ...hosted.telemetry,
  }
  if (isStreamed) {
    await kit.sdk.streamText(options).consumeStream()
  } else {
    await kit.sdk.generateText(options)
  }
}

function hostedTool(kit: Kit, name: string): object {
  return {
    type: kit.major === 5 ? 'provider-defined' : 'provider',
    id: `openai.${name}`,
    name,
    isProviderExecuted: true,
    args: {},
    inputSchema: kit.z.object({}),
  }
}

function toolOf(traces: readonly FinishedTrace[]) {
  return traces[0]?.spans.find(({ type }) => type === 'tool')
}

/** What tools return, and what is recorded of it. */
export function runPayloads(set: SDKSet): void {
  describe.each(waysOf(set))('results of tools, %s', (way) => {
    const major = majorOf(set)
    // Version 4 knows no such tools, and the telemetry of 5 and 6 does not report their results.
    const hasHosted = major === 7 || (major > 4 && way === 'wrapped')

    test.each(MEDIA)(
      'an image %s is recorded as its type and size',
      async (_, result, recorded) => {
        const { kit, telemetry, traces } = recording(set, way)
        const seen = await callTool(kit, 'screenshot', { result, telemetry: telemetry() })
        expect(seen).toEqual(result)
        const all = await traces()
        expect(toolOf(all)?.output).toEqual(recorded)
        expect(JSON.stringify(all)).not.toContain(base64.slice(-200))
      },
    )

    test('a result of MCP with `isError` is an error of the tool', async () => {
      const { kit, telemetry, traces } = recording(set, way)
      const seen = await callTool(kit, 'remove', { result: denied, telemetry: telemetry() })
      expect(seen).toEqual(denied)
      const all = await traces()
      expect(all.map((trace) => spanTree(trace))).toEqual([
        expect.stringContaining('· ok · 40 in, 10 out'),
      ])
      expect(toolOf(all)).toMatchObject({
        status: 'error',
        error: 'Error: EACCES: permission denied',
        output: denied,
      })
    })

    test.each(hasHosted ? [way] : [])('an image that a provider made is not recorded', async () => {
      const { kit, telemetry, traces } = recording(set, way)
      await callHosted(kit, 'image_generation', {
        result: { result: base64 },
        telemetry: telemetry(),
      })
      const all = await traces()
      expect(toolOf(all)?.output).toEqual({ result: blob })
      expect(JSON.stringify(all)).not.toContain(base64.slice(-200))
    })

    test.each(hasHosted ? [false, true] : [])(
      'a call of a hosted MCP server that failed is an error, streamed: %s',
      async (isStreamed) => {
        const { kit, telemetry, traces } = recording(set, way)
        const content = [{ type: 'text', text: 'upstream 500' }]
        const error = { type: 'mcp_tool_execution_error', content }
        const result = { type: 'call', serverLabel: 'wiki', name: 'ask', arguments: '{}', error }
        await callHosted(kit, 'mcp.ask', { result, telemetry: telemetry(), isStreamed })
        const all = await traces()
        expect(all[0]?.status).toBe('ok')
        expect(toolOf(all)).toMatchObject({ status: 'error', error: 'Error: upstream 500' })
      },
    )
  })

  describe.each(waysOf(set))('what a provider reports, %s', (way) => {
    const major = majorOf(set)
    // The telemetry of 4.1 leaves out what the provider reports.
    const isReported = way === 'wrapped' || !set.name.startsWith('4.1.')

    test.each(
      isReported
        ? [
            ['OpenRouter', { openrouter: { usage: { cost: 0.00123 } } }, 0.00123],
            ['a gateway', { openai: { cost: 1 }, gateway: { cost: '0.00045' } }, 0.00045],
            ['a provider that reports none', { openai: { responseId: 'r' } }, undefined],
          ]
        : [],
    )('the cost of %s is the cost of the span', async (_, providerMetadata, cost) => {
      const questions: CostQuestion[] = []
      const ask = (question: CostQuestion): undefined => {
        questions.push(question)
      }
      const { kit, telemetry, traces } = recording(set, way, { costOf: ask })
      const model = kit.model([{ text: ['hello'], providerMetadata }])
      await kit.sdk.generateText({ model, prompt, ...telemetry() })
      await kit.sdk.streamText({ model, prompt, ...telemetry() }).consumeStream()
      const spans = (await traces()).flatMap((trace) => trace.spans)
      expect(spans.map((span) => span.cost)).toEqual([cost, cost])
      const question = { providerMetadata, reportedCost: cost, model: 'gpt-4o-mini' }
      expect(questions).toEqual([
        expect.objectContaining(question),
        expect.objectContaining(question),
      ])
    })

    test('the id and the model of a response may come in two parts', async () => {
      const opening = [
        { type: 'response-metadata', id: 'gen-1', modelId: undefined },
        { type: 'response-metadata', modelId: 'deepseek/deepseek-r1' },
      ]
      const { kit, telemetry, traces } = recording(set, way)
      const model = kit.model([{ text: ['hello'], opening }])
      await kit.sdk.streamText({ model, prompt, ...telemetry() }).consumeStream()
      const [span] = (await traces()).flatMap((trace) => trace.spans)
      const { 'gen_ai.response.id': id, 'gen_ai.response.model': name } = span?.metadata ?? {}
      // Versions 4 to 6 report to telemetry what they made of the parts.
      const isOurs = way === 'wrapped' || major === 7
      expect([isOurs ? id : 'gen-1', name]).toEqual(['gen-1', 'deepseek/deepseek-r1'])
    })

    test.each(major === 7 ? [way] : [])(
      'bookkeeping of a provider is not part of a message',
      async () => {
        const opening = [
          { type: 'response-metadata', id: 'm1', modelId: 'claude' },
          {
            type: 'custom',
            kind: 'anthropic.message_start',
            providerMetadata: { anthropic: { messageStart: { id: 'm1' } } },
          },
        ]
        const { kit, telemetry, traces } = recording(set, way)
        const model = kit.model([{ text: ['hello'], opening }])
        const result = kit.sdk.streamText({ model, prompt, ...telemetry() })
        await result.consumeStream()
        const { messages } = await result.response
        await kit.sdk.generateText({
          model,
          messages: [{ role: 'user', content: 'hi' }, ...messages, { role: 'user', content: 'hi' }],
          ...telemetry(),
        })
        const [first, second] = (await traces()).flatMap((trace) => trace.spans)
        const said = { role: 'assistant', parts: [{ type: 'text', content: 'hello' }] }
        expect(first?.output).toEqual([said])
        expect(second?.input).toEqual([expect.anything(), said, expect.anything()])
      },
    )
  })

  describe.each(waysOf(set))('what a call offers, %s', (way) => {
    test('the definitions of its tools, the same in every step', async () => {
      const { kit, telemetry, traces } = recording(set, way)
      const weather = kit.tool({
        description: 'The weather of a city',
        schema: kit.z.object({ city: kit.z.string() }),
        execute: async () => 'sunny',
      })
      const calls = [{ id: 'c1', name: 'weather', input: { city: 'Rome' } }]
      const options = { tools: { weather }, prompt, ...kit.steps(3), ...telemetry() }
      const model = kit.model([{ calls }, { text: ['done'] }])
      await kit.sdk.generateText({ ...options, model })
      await kit.sdk.streamText({ ...options, model }).consumeStream()
      const spans = (await traces()).flatMap((trace) => trace.spans)
      const definitions = spans
        .filter(({ type }) => type === 'llm')
        .map(({ metadata }) => metadata['gen_ai.tool.definitions'])
      expect(definitions).toHaveLength(4)
      for (const definition of definitions) {
        expect(definition).toMatchObject([
          {
            type: 'function',
            name: 'weather',
            description: 'The weather of a city',
            parameters: { type: 'object', properties: { city: { type: 'string' } } },
          },
        ])
      }
    })

    test('nothing of it, where inputs are not recorded', async () => {
      const { kit, telemetry, traces } = recording(set, way, { recordInputs: false })
      const tools = { weather: kit.tool({ schema: kit.z.object({}), execute: async () => '' }) }
      const model = kit.model([{ text: ['done'] }])
      await kit.sdk.generateText({ model, tools, prompt, ...telemetry() })
      const [span] = (await traces()).flatMap((trace) => trace.spans)
      expect(span?.metadata).not.toHaveProperty(['gen_ai.tool.definitions'])
    })

    test('the schema of an object', async () => {
      const { kit, telemetry, traces } = recording(set, way)
      await kit.sdk.generateObject({
        model: kit.model([{ text: ['{"city":"Rome"}'] }]),
        schema: kit.z.object({ city: kit.z.string() }),
        prompt,
        ...telemetry(),
      })
      const [span] = (await traces()).flatMap((trace) => trace.spans)
      expect(span?.metadata).toMatchObject({
        'gen_ai.output.type': 'json',
        'trulayer.response_schema': { properties: { city: { type: 'string' } } },
      })
    })
  })
}
