import { describe, expect, test } from 'vitest'

import { type ProviderReply, startProviderServer } from '../support/provider-server.ts'
import { bothWays } from './support/both-ways.ts'
import type { SDKSet } from './support/host.ts'
import { majorOf } from './support/host.ts'
import { type Kit, nameOf, readAll, thrownBy } from './support/kit.ts'

const TOKENS = { fresh: 15, cacheRead: 80, cacheWrite: 5, answer: 10, reasoning: 20 }
const CALL = { id: 'call_1', name: 'weather', arguments: { city: 'Rome' } }

type CreateProvider = (settings: object) => object

/* What providers of every generation have in common. */
interface Provider {
  chat(model: string): object
  responses(model: string): object
  messages(model: string): object
}

/* A loop of two calls, each of which is billed. */
function loop(tokens: ProviderReply['tokens']): ProviderReply[] {
  return [
    { toolCalls: [CALL], tokens },
    { text: 'It is sunny in Rome.', tokens },
  ]
}

function callOf(kit: Kit, model: object): object {
  return {
    model,
    prompt: 'hi',
    maxRetries: 0,
    tools: {
      weather: kit.tool({
        description: 'The weather of a city',
        schema: kit.z.object({ city: kit.z.string() }),
        execute: async () => 'sunny',
      }),
    },
    ...kit.steps(3),
  }
}

/* Which generations of providers a version takes; it refuses the others by an error of its own. */
const ACCEPTED: Readonly<Record<number, readonly number[]>> = {
  4: [1],
  5: [2],
  6: [2, 3],
  7: [2, 3, 4],
}

/** Real providers of every generation, against a server that speaks their wire and knows what it billed. */
export function describeProviders(
  set: SDKSet,
  {
    createOpenAI,
    createAnthropic,
    generations,
  }: { createOpenAI: unknown; createAnthropic: unknown; generations: object },
): void {
  const major = majorOf(set)

  describe(`ai ${set.name} with the OpenAI provider of`, () => {
    test.each([1, 2, 3, 4])('generation %i behaves as without us', async (generation) => {
      await using server = await startProviderServer(({ body }) => {
        const messages = body['messages'] as readonly { role: string }[]
        const [first, second] = loop(TOKENS)
        return (messages.some(({ role }) => role === 'tool') ? second : first) ?? {}
      })
      const create = Reflect.get(generations, `createOpenAI${generation}`) as CreateProvider
      const provider = create({ baseURL: server.baseUrl, apiKey: 'sk-none' }) as Provider
      const run = await bothWays(set, async (kit) => {
        const call = callOf(kit, provider.chat('gpt-4o-mini'))
        const generated = await thrownBy(async () => {
          const { text, finishReason, usage } = await kit.sdk.generateText(call)
          throw { text, finishReason, usage }
        })
        const streamed = await thrownBy(async () => {
          const result = kit.sdk.streamText({ ...call, onError: () => {} })
          const { parts, thrown } = await readAll(result.fullStream)
          throw { types: parts.map(({ type }) => type), thrown }
        })
        return [generated, streamed].map((each) => (each instanceof Error ? nameOf(each) : each))
      })
      expect(run.seen).toEqual(run.bare)
      if (ACCEPTED[major]?.includes(generation)) {
        expect(run.tree).toContain('llm chat gpt-4o-mini · ok · 100 in, 30 out')
        expect(run.tree).not.toContain('error')
      } else {
        expect(run.tree).toContain('AI_UnsupportedModelVersionError')
        expect(run.tree).not.toContain('llm')
      }
    })
  })

  const wires = [
    ['openai-chat', createOpenAI, 'chat', { ...TOKENS, cacheWrite: 0 }],
    ['openai-responses', createOpenAI, 'responses', { ...TOKENS, cacheWrite: 0 }],
    ['anthropic-messages', createAnthropic, 'messages', { ...TOKENS, reasoning: 0 }],
  ] as const

  describe(`ai ${set.name} records what is billed on the wire of`, () => {
    test.each(wires)('%s', async (name, create, method, tokens) => {
      await using server = await startProviderServer(({ body }) => {
        const [first, second] = loop(tokens)
        const isSecond = JSON.stringify(body['messages'] ?? body['input']).includes('sunny')
        return (isSecond ? second : first) ?? {}
      })
      const provider = (create as CreateProvider)({
        baseURL: server.baseUrl,
        apiKey: 'sk-none',
        compatibility: 'strict',
      }) as Provider
      const run = await bothWays(set, async (kit) => {
        const call = callOf(kit, provider[method]('gpt-4o-mini'))
        const { text } = await kit.sdk.generateText(call)
        const result = kit.sdk.streamText(call)
        const { parts, thrown } = await readAll(result.fullStream)
        return [text, parts.map(({ type }) => type), thrown]
      })
      expect(run.seen).toEqual(run.bare)
      expect(server.billed.map(({ wire }) => wire)).toEqual(Array.from({ length: 8 }, () => name))
      expect(server.billed.filter(({ isStreamed }) => isStreamed)).toHaveLength(4)
      const spans = run.traces.flatMap((trace) => trace.spans.filter(({ type }) => type === 'llm'))
      const { fresh, cacheRead, cacheWrite, answer, reasoning } = tokens
      const billed = {
        promptTokens: fresh + cacheRead + cacheWrite,
        completionTokens: answer + reasoning,
        cachedTokens: cacheRead,
        ...(cacheWrite > 0 && { cacheWriteTokens: cacheWrite }),
        ...(reasoning > 0 && { reasoningTokens: reasoning }),
      }
      expect(spans.map(({ usage }) => usage)).toEqual(
        Array.from({ length: 4 }, () => expect.objectContaining(billed)),
      )
    })
  })
}
