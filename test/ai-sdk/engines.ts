import * as copy from '@trulayer/ai-sdk'
import { TruLayer } from '@trulayer/core'
import { shared } from '@trulayer/core/internal'
import { captureTraces, spanTree, type TraceCapture } from '@trulayer/core/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { expectedTree, isMissing, shorten } from './differences.ts'
import { untilClosed } from './support/both-ways.ts'
import type { Part, SDKSet } from './support/host.ts'
import { majorOf } from './support/host.ts'
import { type Kit, kitOf, nameOf, readAll, thrownBy } from './support/kit.ts'
import { pause } from './support/model.ts'

const { instrumentAISDK, registerTruLayer, trulayerMiddleware, trulayerTelemetry } = copy
const prompt = 'hi'
const LLM = 'llm chat gpt-4o-mini · ok · 20 in, 5 out'
const HELLO = [{ text: ['hel', 'lo'] }]
const CALLS = ['Paris', 'Berlin', 'Rome'].map((city, index) => ({
  id: `call_${index}`,
  name: 'weather',
  input: { city },
}))
const LOOP = [{ calls: CALLS }, { text: ['Sunny', ' everywhere.'] }]

type Copy = typeof copy

/* The package once more, as the CommonJS build or a second installed version would be; core likewise. */
async function otherCopy(): Promise<Copy> {
  vi.resetModules()
  const other = await import('@trulayer/ai-sdk')
  expect(other.instrumentAISDK).not.toBe(copy.instrumentAISDK)
  return other
}

interface Recording {
  readonly client: TruLayer
  readonly capture: TraceCapture
  readonly trees: () => Promise<string>
}

function recording(): Recording {
  const client = new TruLayer({
    apiKey: 'tl_test',
    exitHooks: false,
    limits: { streamIdle: 300 },
  })
  const capture = captureTraces({ client })
  onTestFinished(() => capture.stop())
  return {
    client,
    capture,
    trees: async () => {
      await pause(5)
      await untilClosed(client)
      return capture.traces.map((trace) => spanTree(trace)).join('\n')
    },
  }
}

function weather(kit: Kit, execute: unknown = async ({ city }: { city: string }) => city) {
  return { weather: kit.tool({ schema: kit.z.object({ city: kit.z.string() }), execute }) }
}

function loopTree(name: string): string {
  return `${name} · ok · 40 in, 10 out
├─ ${LLM}
├─ tool weather · ok
├─ tool weather · ok
├─ tool weather · ok
└─ ${LLM}`
}

const TIMEOUT = 'error (TimeoutError: The operation was aborted due to timeout)'

function abortSoon(): AbortSignal {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 10)
  return controller.signal
}

/* A tool that stops by a signal of its own, or by that of the call. */
async function toolStoppedBy(
  kit: Kit,
  telemetry: object,
  { own, call }: { readonly own?: AbortSignal; readonly call?: AbortSignal },
): Promise<unknown> {
  const tools = weather(kit, (_input: unknown, { abortSignal }: { abortSignal?: AbortSignal }) =>
    pause(10_000, own ?? abortSignal),
  )
  const options = { ...kit.steps(3), ...telemetry, ...(call && { abortSignal: call }) }
  const model = kit.model([{ calls: CALLS.slice(0, 1) }, { text: ['Not now.'], delay: 1 }])
  const thrown = await thrownBy(() => kit.sdk.generateText({ model, tools, prompt, ...options }))
  return thrown === 'nothing' ? thrown : nameOf(thrown)
}

function stoppedTree(status: string, tool: string): string {
  const last = status === 'ok' ? `\n└─ ${LLM}` : ''
  return `answer · ${status} · ${last === '' ? '20 in, 5' : '40 in, 10'} out
├─ ${LLM}
${last === '' ? '└' : '├'}─ tool weather · ${tool}${last}`
}

/* Every call of a kit with the same telemetry, as a program that wraps nothing would write it. */
interface EngineScenario {
  readonly name: string
  readonly program: (kit: Kit, telemetry: object) => Promise<unknown>
  readonly tree: string
  /** The outputs of the traces. */
  readonly outputs?: readonly unknown[]
}

const engineScenarios: readonly EngineScenario[] = [
  providerToolScenario('engine: a tool that the provider executes', false),
  providerToolScenario('engine: the same in a stream', true),
  deferredToolScenario('engine: a tool of the provider that answers in a later step', false),
  deferredToolScenario('engine: the same in a stream that answers in a later step', true),
  {
    name: 'engine: a transform that changes the text of a stream',
    program: async (kit, telemetry) => {
      const hide = () =>
        new TransformStream<Part, Part>({
          transform: (part, controller) => {
            const key = 'textDelta' in part ? 'textDelta' : 'text'
            controller.enqueue(part.type === 'text-delta' ? { ...part, [key]: '***' } : part)
          },
        })
      return textOf(kit, true, {
        model: kit.model([{ text: ['SECRET'] }]),
        prompt,
        experimental_transform: hide,
        ...telemetry,
      })
    },
    tree: `answer · ok · 20 in, 5 out\n└─ ${LLM}`,
    outputs: ['***'],
  },
  {
    name: 'engine: a search for tools',
    program: async (kit, telemetry) =>
      textOf(kit, false, {
        model: kit.model([
          { calls: [{ id: 'call_1', name: 'search', input: { query: 'weather' } }] },
          { text: ['found'] },
        ]),
        tools: { search: kit.sdk.toolSearch?.(), ...weather(kit) },
        prompt,
        ...kit.steps(3),
        ...telemetry,
      }),
    tree: `answer · ok · 40 in, 10 out\n├─ ${LLM}\n├─ tool search · ok\n└─ ${LLM}`,
  },
  {
    name: 'engine: a tool loop',
    program: async (kit, telemetry) =>
      (
        await kit.sdk.generateText({
          model: kit.model(LOOP),
          tools: weather(kit),
          prompt,
          ...kit.steps(4),
          ...telemetry,
        })
      ).text,
    tree: loopTree('answer'),
  },
  {
    name: 'engine: a tool loop in a stream',
    program: async (kit, telemetry) => {
      const result = kit.sdk.streamText({
        model: kit.model(LOOP.map((answer) => Object.assign({ delay: 2 }, answer))),
        tools: weather(kit),
        prompt,
        ...kit.steps(4),
        ...telemetry,
      })
      await result.consumeStream()
      return result.text
    },
    tree: loopTree('answer'),
  },
  {
    name: 'engine: agents as tools',
    program: async (kit, telemetry) =>
      (
        await kit.sdk.generateText({
          model: kit.model(LOOP),
          tools: weather(kit, async () => {
            const inner = kit.sdk.streamText({ model: kit.model(HELLO), prompt, ...telemetry })
            await inner.consumeStream()
            return inner.text
          }),
          prompt,
          ...kit.steps(4),
          ...telemetry,
        })
      ).text,
    tree: `answer · ok · 100 in, 25 out
├─ ${LLM}
${[1, 2, 3].map(() => `├─ tool weather · ok\n│  └─ other answer · ok\n│     └─ ${LLM}`).join('\n')}
└─ ${LLM}`,
  },
  {
    name: 'engine: an attempt that fails',
    program: async (kit, telemetry) =>
      (
        await kit.sdk.generateText({
          model: kit.model([{ text: ['hello'], errors: [kit.overloaded()] }]),
          prompt,
          maxRetries: 1,
          ...telemetry,
        })
      ).text,
    tree: `answer · ok · 20 in, 5 out
├─ llm chat gpt-4o-mini · error (AI_APICallError: overloaded)
└─ ${LLM}`,
  },
  {
    name: 'engine: a call that fails',
    program: async (kit, telemetry) =>
      nameOf(
        await thrownBy(() =>
          kit.sdk.generateText({
            model: kit.model([{ errors: [new TypeError('no model')] }]),
            prompt,
            maxRetries: 0,
            ...telemetry,
          }),
        ),
      ),
    tree: `answer · error (TypeError: no model)
└─ llm chat gpt-4o-mini · error (TypeError: no model)`,
  },
  {
    name: 'engine: a stream with an error part',
    program: async (kit, telemetry) => {
      const result = kit.sdk.streamText({
        model: kit.model([{ text: ['a'], errorPart: new Error('hiccup'), finishReason: 'error' }]),
        prompt,
        onError: () => {},
        ...telemetry,
      })
      return (await readAll(result.fullStream)).parts.length
    },
    tree: `answer · error (Error: hiccup) · 20 in, 5 out
└─ llm chat gpt-4o-mini · error (Error: hiccup) · 20 in, 5 out`,
  },
  {
    name: 'engine: an object',
    program: async (kit, telemetry) =>
      (
        await kit.sdk.generateObject({
          model: kit.model([{ text: ['{"sum":5}'] }]),
          schema: kit.z.object({ sum: kit.z.number() }),
          prompt,
          ...telemetry,
        })
      ).object,
    tree: `answer · ok · 20 in, 5 out\n└─ ${LLM}`,
  },
  {
    name: 'engine: an object that does not fit',
    program: async (kit, telemetry) =>
      nameOf(
        await thrownBy(() =>
          kit.sdk.generateObject({
            model: kit.model([{ text: ['{"sum":"five"}'] }]),
            schema: kit.z.object({ sum: kit.z.number() }),
            prompt,
            ...telemetry,
          }),
        ),
      ),
    tree: `answer · error (AI_NoObjectGeneratedError: No object generated: response did not match schema.…) · 20 in, 5 out\n└─ ${LLM}`,
  },
  {
    name: 'engine: a stream of an object',
    program: async (kit, telemetry) => {
      const result = kit.sdk.streamObject({
        model: kit.model([{ text: ['{"sum":', '5}'] }]),
        schema: kit.z.object({ sum: kit.z.number() }),
        prompt,
        ...telemetry,
      })
      return (await readAll(result.partialObjectStream)).parts.length
    },
    tree: `answer · ok · 20 in, 5 out\n└─ ${LLM}`,
  },
  {
    name: 'engine: a stream of an object with an error part',
    program: async (kit, telemetry) => {
      const result = kit.sdk.streamObject({
        model: kit.model([
          { text: ['{"sum":'], errorPart: new Error('hiccup'), finishReason: 'error' },
        ]),
        schema: kit.z.object({ sum: kit.z.number() }),
        prompt,
        onError: () => {},
        ...telemetry,
      })
      void result.object.catch(() => {})
      return (await readAll(result.partialObjectStream)).parts.length
    },
    tree: `answer · error (Error: hiccup) · 20 in, 5 out
└─ llm chat gpt-4o-mini · error (Error: hiccup) · 20 in, 5 out`,
  },
  {
    name: 'engine: embeddings',
    program: async (kit, telemetry) => [
      (await kit.sdk.embed({ model: kit.embeddings(2), value: 'a', ...telemetry })).usage,
      (await kit.sdk.embedMany({ model: kit.embeddings(2), values: ['a', 'b', 'c'], ...telemetry }))
        .usage,
    ],
    tree: `answer · ok · 3 in
└─ llm embeddings text-embedding-3-small · ok · 3 in
answer · ok · 9 in
├─ llm embeddings text-embedding-3-small · ok · 6 in
└─ llm embeddings text-embedding-3-small · ok · 3 in`,
  },
  {
    name: 'engine: a stream that is aborted',
    program: async (kit, telemetry) => {
      const controller = new AbortController()
      const result = kit.sdk.streamText({
        model: kit.model([{ text: ['a', 'b', 'c', 'd', 'e'], delay: 10 }]),
        prompt,
        abortSignal: controller.signal,
        onError: () => {},
        ...telemetry,
      })
      let thrown = 'nothing'
      try {
        for await (const { type } of result.fullStream) {
          if (type === 'text-delta') {
            controller.abort()
          }
        }
      } catch (error) {
        thrown = nameOf(error)
      }
      return thrown
    },
    tree: `answer · cancelled\n└─ llm chat gpt-4o-mini · cancelled`,
  },
  {
    name: 'engine: a tool that stops by an abort of its own',
    program: (kit, telemetry) => toolStoppedBy(kit, telemetry, { own: abortSoon() }),
    tree: stoppedTree('ok', 'error (AbortError: This operation was aborted)'),
  },
  {
    name: 'engine: a tool that stops by a time limit of its own',
    program: (kit, telemetry) => toolStoppedBy(kit, telemetry, { own: AbortSignal.timeout(10) }),
    tree: stoppedTree('ok', TIMEOUT),
  },
  {
    name: 'engine: an abort while a tool runs',
    program: (kit, telemetry) => toolStoppedBy(kit, telemetry, { call: abortSoon() }),
    tree: stoppedTree('cancelled', 'cancelled'),
  },
  {
    name: 'engine: a time limit while a tool runs',
    program: (kit, telemetry) => toolStoppedBy(kit, telemetry, { call: AbortSignal.timeout(60) }),
    tree: stoppedTree(TIMEOUT, TIMEOUT),
  },
  {
    name: 'engine: a time limit of a stream',
    program: async (kit, telemetry) => {
      const result = kit.sdk.streamText({
        model: kit.model([{ text: ['a', 'b', 'c'], delay: 2, stallsAt: 4 }]),
        prompt,
        abortSignal: AbortSignal.timeout(60),
        onError: () => {},
        ...telemetry,
      })
      const { parts, thrown } = await readAll(result.fullStream)
      return [parts.at(-1)?.type, thrown]
    },
    tree: `answer · ${TIMEOUT}\n└─ llm chat gpt-4o-mini · ${TIMEOUT}`,
  },
  {
    name: 'engine: a call of an unknown tool',
    program: async (kit, telemetry) =>
      nameOf(
        await thrownBy(() =>
          kit.sdk.generateText({
            model: kit.model([
              { calls: [{ id: 'call_1', name: 'nope', input: {} }] },
              { text: ['sorry'] },
            ]),
            tools: weather(kit),
            prompt,
            ...kit.steps(4),
            ...telemetry,
          }),
        ),
      ),
    tree: `answer · ok · 40 in, 10 out
├─ ${LLM}
├─ tool nope · error (AI_NoSuchToolError: Model tried to call unavailable tool 'nope'. Available tools: weather.)
└─ ${LLM}`,
  },
]

function providerTool(kit: Kit): object {
  return {
    type: kit.major === 5 ? 'provider-defined' : 'provider',
    id: 'openai.web_search',
    name: 'web_search',
    isProviderExecuted: true,
    supportsDeferredResults: true,
    args: {},
    inputSchema: kit.z.object({}),
    outputSchema: kit.z.object({}),
  }
}

async function textOf(kit: Kit, isStreamed: boolean, options: object): Promise<string> {
  if (!isStreamed) {
    return (await kit.sdk.generateText(options)).text
  }
  const result = kit.sdk.streamText(options)
  await result.consumeStream()
  return result.text
}

function providerToolScenario(name: string, isStreamed: boolean): EngineScenario {
  return {
    name,
    program: async (kit, telemetry) => {
      const search = { id: 'ws_1', name: 'web_search', input: { q: 'x' }, providerResult: 3 }
      return textOf(kit, isStreamed, {
        model: kit.model([{ calls: [search], text: ['found'] }]),
        tools: { web_search: providerTool(kit) },
        prompt,
        ...telemetry,
      })
    },
    tree: `answer · ok · 20 in, 5 out\n├─ ${LLM}\n└─ tool web_search · ok`,
  }
}

function deferredToolScenario(name: string, isStreamed: boolean): EngineScenario {
  return {
    name,
    program: async (kit, telemetry) => {
      const search = { id: 'ws_1', name: 'web_search', input: { q: 'x' }, isDeferred: true }
      return textOf(kit, isStreamed, {
        model: kit.model([
          { calls: [search, ...CALLS.slice(0, 1)] },
          { results: [{ id: 'ws_1', name: 'web_search', result: 3 }], text: ['found'] },
        ]),
        tools: { ...weather(kit), web_search: providerTool(kit) },
        prompt,
        ...kit.steps(3),
        ...telemetry,
      })
    },
    tree: `answer · ok · 40 in, 10 out
├─ ${LLM}
├─ tool weather · ok
├─ tool web_search · ok
└─ ${LLM}`,
  }
}

/** `trulayerTelemetry`, `registerTruLayer` and `trulayerMiddleware`, alone and together. */
export function runEngines(set: SDKSet): void {
  const major = majorOf(set)
  const known = engineScenarios.filter(({ name }) => !isMissing(set.name, name))

  test.each(known)('$name', async ({ name, program, tree, outputs }) => {
    const { client, capture, trees } = recording()
    const telemetry = trulayerTelemetry({ client, sessionId: 'chat-7', name: 'answer' })
    const bare = await program(kitOf(set), {})
    const seen = await program(kitOf(set), { experimental_telemetry: telemetry })
    expect(shorten(await trees())).toBe(expectedTree(set.name, name, tree))
    expect(seen).toEqual(bare)
    for (const trace of capture.traces) {
      expect(trace.sessionId).toBe('chat-7')
    }
    const shown = capture.traces.map(({ output }) => output)
    expect(shown).toEqual(outputs ?? shown)
  })

  test('telemetry without a session adds no metadata to what the program sees', async () => {
    const kit = kitOf(set)
    const events: unknown[] = []
    for (const telemetry of [{ isEnabled: true }, trulayerTelemetry()]) {
      await kit.sdk.generateText({
        model: kit.model(HELLO),
        prompt,
        experimental_telemetry: telemetry,
        onFinish: (event: { metadata?: unknown }) => {
          events.push(event.metadata)
        },
      })
    }
    expect(events[1]).toEqual(events[0])
  })

  describe('each call is one trace', () => {
    const call = async (kit: Kit, options: object): Promise<void> => {
      await kit.sdk.generateText({ prompt, ...options })
      const stream = kit.sdk.streamText({ prompt, ...options })
      await stream.consumeStream()
    }
    const BOTH = ['generateText', 'streamText']
      .map((name) => `${name} · ok · 20 in, 5 out\n└─ ${LLM}`)
      .join('\n')

    test('wrapped, with a middleware, with telemetry and registered', async () => {
      const { client, capture, trees } = recording()
      const off = registerTruLayer(set.ai, { client })
      onTestFinished(off)
      const kit = kitOf(set, instrumentAISDK(set.ai, { client }))
      const model = kit.sdk.wrapLanguageModel({
        model: kit.model(HELLO),
        middleware: trulayerMiddleware({ client }),
      })
      await call(kit, { model })
      expect(await trees()).toBe(BOTH)
      capture.clear()
      const experimental_telemetry = trulayerTelemetry({
        client,
        name: 'greet',
        sessionId: 'chat-8',
        userId: 'user-1',
        tags: ['beta'],
        metadata: { plan: 'pro' },
        recordInputs: false,
      })
      await call(kit, { model, experimental_telemetry })
      expect(await trees()).toBe(BOTH.replaceAll(/generateText|streamText/g, 'greet'))
      for (const trace of capture.traces) {
        expect(trace).toMatchObject({
          sessionId: 'chat-8',
          userId: 'user-1',
          tags: { beta: 'true' },
          metadata: { plan: 'pro' },
          input: undefined,
          output: 'hello',
        })
      }
      if (major === 7) {
        await kit.sdk.generateText({ model, prompt, telemetry: experimental_telemetry })
        expect(capture.traces).toHaveLength(3)
      }
    })

    test('not wrapped, with a middleware and telemetry', async () => {
      const { client, trees } = recording()
      const kit = kitOf(set)
      const model = kit.sdk.wrapLanguageModel({
        model: kit.model(HELLO),
        middleware: trulayerMiddleware({ client }),
      })
      await call(kit, { model, experimental_telemetry: trulayerTelemetry({ client }) })
      await kit.sdk.generateObject({
        model: kit.sdk.wrapLanguageModel({
          model: kit.model([{ text: ['{"sum":5}'] }]),
          middleware: trulayerMiddleware({ client }),
        }),
        schema: kit.z.object({ sum: kit.z.number() }),
        prompt,
        experimental_telemetry: trulayerTelemetry({ client }),
      })
      expect(await trees()).toBe(`${BOTH}\ngenerateObject · ok · 20 in, 5 out\n└─ ${LLM}`)
    })

    test('not wrapped, inside one that is', async () => {
      const { client, trees } = recording()
      const bare = kitOf(set)
      const kit = kitOf(set, instrumentAISDK(set.ai, { client }))
      const experimental_telemetry = trulayerTelemetry({ client })
      await kit.sdk.generateText({
        model: kit.model([{ calls: CALLS.slice(0, 1) }, ...HELLO]),
        tools: weather(kit, async () => {
          const inner = await bare.sdk.generateText({
            model: bare.model(HELLO),
            prompt,
            experimental_telemetry,
          })
          return inner.text
        }),
        prompt,
        ...kit.steps(3),
        experimental_telemetry,
      })
      expect(await trees()).toBe(`generateText · ok · 60 in, 15 out
├─ ${LLM}
├─ tool weather · ok
│  └─ ${LLM}
└─ ${LLM}`)
    })

    test('not wrapped, inside a tool of one that is not wrapped either', async () => {
      const { client, trees } = recording()
      const kit = kitOf(set)
      const experimental_telemetry = trulayerTelemetry({ client })
      const named = trulayerTelemetry({ client, name: 'summary' })
      await kit.sdk.generateText({
        model: kit.model([{ calls: CALLS.slice(0, 1) }, ...HELLO]),
        tools: weather(kit, async () => {
          const inner = { model: kit.model(HELLO), prompt }
          await kit.sdk.generateText({ ...inner, experimental_telemetry })
          await textOf(kit, true, { ...inner, experimental_telemetry })
          return textOf(kit, false, { ...inner, experimental_telemetry: named })
        }),
        prompt,
        ...kit.steps(3),
        experimental_telemetry,
      })
      expect(await trees()).toBe(`generateText · ok · 100 in, 25 out
├─ ${LLM}
├─ tool weather · ok
│  ├─ ${LLM}
│  ├─ ${LLM}
│  └─ other summary · ok
│     └─ ${LLM}
└─ ${LLM}`)
    })
  })

  describe('two copies of the package', () => {
    test.each(['one', 'other'] as const)(
      'record a call once where %s copy wraps and the other has all else',
      async (wrapping) => {
        const { client, capture, trees } = recording()
        const other = await otherCopy()
        const [wrapper, rest] = wrapping === 'one' ? [copy, other] : [other, copy]
        if (major === 7) {
          onTestFinished(rest.registerTruLayer(set.ai, { client }))
        }
        const kit = kitOf(set, rest.instrumentAISDK(wrapper.instrumentAISDK(set.ai, { client })))
        const model = kit.sdk.wrapLanguageModel({
          model: kit.model(LOOP),
          middleware: rest.trulayerMiddleware({ client }),
        })
        const options = {
          model,
          tools: weather(kit),
          prompt,
          ...kit.steps(4),
          experimental_telemetry: rest.trulayerTelemetry({ client, sessionId: 'chat-9' }),
        }
        await kit.sdk.generateText(options)
        const stream = kit.sdk.streamText(options)
        await stream.consumeStream()
        expect(await trees()).toBe(`${loopTree('generateText')}\n${loopTree('streamText')}`)
        for (const trace of capture.traces) {
          expect(trace.sessionId).toBe('chat-9')
        }
      },
    )

    test('record a model once that both have wrapped', async () => {
      const { client, trees } = recording()
      const other = await otherCopy()
      const kit = kitOf(set)
      const model = kit.sdk.wrapLanguageModel({
        model: kit.model(HELLO),
        middleware: [other.trulayerMiddleware({ client }), copy.trulayerMiddleware({ client })],
      })
      await kit.sdk.generateText({ model, prompt })
      expect(await trees()).toBe(`chat gpt-4o-mini · ok · 20 in, 5 out\n└─ ${LLM}`)
    })
  })

  describe('a middleware alone', () => {
    test('makes a span of each call, below what is active', async () => {
      const { client, capture, trees } = recording()
      const kit = kitOf(set)
      const middleware = trulayerMiddleware({ client })
      const model = kit.sdk.wrapLanguageModel({ model: kit.model(HELLO), middleware })
      await kit.sdk.generateText({ model, prompt })
      await client.trace('turn', async () => {
        await kit.sdk.generateText({ model, prompt })
        const stream = kit.sdk.streamText({ model, prompt })
        await stream.consumeStream()
      })
      expect(await trees()).toBe(`chat gpt-4o-mini · ok · 20 in, 5 out
└─ ${LLM}
turn · ok · 40 in, 10 out
├─ ${LLM}
└─ ${LLM}`)
      expect(capture.traces[0]?.spans[0]).toMatchObject({
        input: [{ role: 'user', parts: [{ type: 'text', content: 'hi' }] }],
        output: [{ role: 'assistant', parts: [{ type: 'text', content: 'hello' }] }],
      })
    })
  })

  // Each major has tests that the others have no use for, which are none there rather than skipped.
  if (major === 7) {
    describeRegistration(set)
  } else {
    describeWithoutRegistration(set)
  }
}

/* From version 7 on the SDK tells those who register. */
function describeRegistration(set: SDKSet): void {
  describe('registerTruLayer', () => {
    test.each([
      { before: 'no list', list: undefined, left: undefined },
      { before: 'an empty list', list: [], left: [] },
      {
        before: 'the integration of another',
        list: [{ name: 'other' }],
        left: [{ name: 'other' }],
      },
    ])('leaves the list of integrations as it was: $before', ({ list, left }) => {
      const name = 'AI_SDK_TELEMETRY_INTEGRATIONS'
      const had = Reflect.getOwnPropertyDescriptor(globalThis, name)
      onTestFinished(() => {
        Reflect.deleteProperty(globalThis, name)
        if (had !== undefined) {
          Object.defineProperty(globalThis, name, had)
        }
      })
      if (list === undefined) {
        Reflect.deleteProperty(globalThis, name)
      } else {
        Reflect.set(globalThis, name, list)
      }
      const off = registerTruLayer(set.ai)
      expect(Reflect.get(globalThis, name)).toHaveLength((left?.length ?? 0) + 1)
      off()
      off()
      expect(Reflect.get(globalThis, name)).toEqual(left)
      expect(name in globalThis).toBe(list !== undefined)
    })

    test('records everything until it is switched off', async () => {
      const { client, capture, trees } = recording()
      const off = registerTruLayer(set.ai, { client })
      const again = registerTruLayer(set.ai, { client })
      onTestFinished(off)
      const kit = kitOf(set)
      const agent = kit.agent({ model: kit.model(HELLO) })
      await agent.generate({ prompt })
      again()
      const stream = kit.sdk.streamText({ model: kit.model(HELLO), prompt })
      await stream.consumeStream()
      expect(await trees()).toBe(
        `generateText · ok · 20 in, 5 out\n└─ ${LLM}\nstreamText · ok · 20 in, 5 out\n└─ ${LLM}`,
      )
      off()
      await agent.generate({ prompt })
      expect(capture.traces).toHaveLength(2)
    })

    test('leaves the integrations of others alive', async () => {
      const { client, trees } = recording()
      const kit = kitOf(set)
      const heard: string[] = []
      const telemetry = trulayerTelemetry({ client })
      const other = {
        onStart: () => {
          heard.push('start')
        },
        onEnd: () => {
          heard.push('end')
        },
      }
      kit.sdk.registerTelemetry?.(other)
      onTestFinished(() => {
        const list = Reflect.get(globalThis, 'AI_SDK_TELEMETRY_INTEGRATIONS') as object[]
        list.splice(list.indexOf(other), 1)
      })
      await kit.sdk.generateText({ model: kit.model(HELLO), prompt, telemetry })
      expect(heard).toEqual(['start', 'end'])
      expect(await trees()).toBe(`generateText · ok · 20 in, 5 out\n└─ ${LLM}`)
    })
  })
}

/* Before version 7 spans of the SDK go to OpenTelemetry alone. */
function describeWithoutRegistration(set: SDKSet): void {
  describe('registerTruLayer', () => {
    test('says what to use instead', () => {
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
      onTestFinished(() => warn.mockRestore())
      // A process is told once, and other tests have done so.
      shared('ai-sdk:told', () => new Set<string>()).clear()
      const off = registerTruLayer(set.ai)
      off()
      const said = warn.mock.calls.flat().join('\n')
      expect(said).toContain('instrumentAISDK')
    })
  })

  test('an OpenTelemetry provider of the process still gets its spans', async () => {
    const { client, trees } = recording()
    const ended: string[] = []
    const api = Symbol.for('opentelemetry.js.api.1')
    const before: unknown = Reflect.get(globalThis, api)
    const startActiveSpan = (name: string, ...rest: unknown[]): unknown => {
      const work = rest.at(-1) as (span: object) => unknown
      return work({ end: () => ended.push(name), setAttributes() {}, setAttribute() {} })
    }
    const trace = { getTracer: () => ({ startActiveSpan }) }
    Reflect.set(globalThis, api, { version: '1.9.0', trace })
    onTestFinished(() => {
      Reflect.set(globalThis, api, before)
    })
    const kit = kitOf(set)
    await kit.sdk.generateText({
      model: kit.model(HELLO),
      prompt,
      experimental_telemetry: trulayerTelemetry({ client }),
    })
    expect(ended).toEqual(['ai.generateText.doGenerate', 'ai.generateText'])
    expect(await trees()).toBe(`generateText · ok · 20 in, 5 out\n└─ ${LLM}`)
  })
}
