import { tracingChannel } from 'node:diagnostics_channel'

import { instrumentAISDK, registerTruLayer, trulayerMiddleware } from '@trulayer/ai-sdk'
import { TruLayer } from '@trulayer/core'
import { captureTraces, spanTree, type TraceCapture } from '@trulayer/core/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { untilClosed } from './support/both-ways.ts'
import type { SDKSet } from './support/host.ts'
import { type Kit, kitOf, nameOf, readAll, thrownBy } from './support/kit.ts'
import { pause, streamingModel } from './support/model.ts'

const prompt = 'hi'
const LLM = 'llm chat gpt-4o-mini · ok · 20 in, 5 out'
const LOOP = [
  {
    calls: [
      { id: 'c1', name: 'weather', input: { city: 'Rome' } },
      { id: 'c1', name: 'weather', input: { city: 'Atlantis' } },
    ],
  },
  { text: ['Sunny', ' everywhere.'] },
]

interface Recording {
  readonly client: TruLayer
  readonly capture: TraceCapture
  readonly off: () => void
  readonly trees: () => Promise<string>
}

function registered(set: SDKSet): Recording {
  const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false })
  const capture = captureTraces({ client })
  const off = registerTruLayer(set.ai, { client })
  onTestFinished(() => {
    off()
    capture.stop()
  })
  return {
    client,
    capture,
    off,
    trees: async () => {
      await pause(10)
      await untilClosed(client)
      return capture.traces.map((trace) => spanTree(trace)).join('\n')
    },
  }
}

function weather(kit: Kit, more: object = {}) {
  return {
    weather: kit.tool({
      schema: kit.z.object({ city: kit.z.string() }),
      execute: async ({ city }: { city: string }) => {
        await pause(city === 'Rome' ? 8 : 2)
        if (city === 'Atlantis') {
          throw new RangeError('no such city')
        }
        return `sunny in ${city}`
      },
      ...more,
    }),
  }
}

/* An integration of the host that notes what it is notified of. */
function hostIntegration() {
  const events: string[] = []
  const names = [
    'onStart',
    'onStepEnd',
    'onLanguageModelCallStart',
    'onLanguageModelCallEnd',
    'onToolExecutionStart',
    'onToolExecutionEnd',
    'onEmbedStart',
    'onEmbedEnd',
    'onEnd',
    'onAbort',
    'onError',
  ]
  const integration = Object.fromEntries(
    names.map((name) => [
      name,
      () => {
        events.push(name)
      },
    ]),
  )
  return { events, integration }
}

/** What a registered integration of version 7 records that the SDK does not report to it. */
export function runRegistration(set: SDKSet): void {
  describe('registered', () => {
    runRegistered(set)
  })
}

function runRegistered(set: SDKSet): void {
  describe('a stream whose end no integration is notified of', () => {
    const broken = [
      {
        name: 'the stream of the model breaks',
        parts: [
          { type: 'text-start', id: '1' },
          { type: 'text-delta', id: '1', delta: 'a' },
        ],
        error: new Error('connection lost'),
        tree: `streamText · error (Error: connection lost)
└─ llm chat gpt-4o-mini · error (Error: connection lost)`,
      },
      {
        name: 'the stream of the model ends without a word',
        parts: [],
        error: undefined,
        tree: `streamText · error (AI_NoOutputGeneratedError: No output generated. The model stream ended without a finish chunk.)
└─ llm chat gpt-4o-mini · ok`,
      },
    ]
    test.each(broken)('$name', async ({ parts, error, tree }) => {
      const program = async () => {
        const { sdk } = kitOf(set)
        const result = sdk.streamText({
          model: streamingModel(set, parts, error),
          prompt,
          onError: () => {},
        })
        const { parts: seen, thrown } = await readAll(result.fullStream)
        return { seen: seen.map(({ type }) => type), thrown }
      }
      const bare = await program()
      const { trees } = registered(set)
      expect(await program()).toEqual(bare)
      expect(await trees()).toBe(tree)
    })

    test('a transform stops the stream', async () => {
      const program = async () => {
        const kit = kitOf(set)
        const result = kit.sdk.streamText({
          model: kit.model([{ text: ['one ', 'two ', 'three'] }]),
          prompt,
          experimental_transform: ({ stopStream }: { stopStream: () => void }) =>
            new TransformStream({
              transform(part: { type: string }, controller) {
                if (part.type === 'text-delta') {
                  stopStream()
                } else {
                  controller.enqueue(part)
                }
              },
            }),
        })
        const { parts, thrown } = await readAll(result.fullStream)
        return { parts: parts.map(({ type }) => type), thrown }
      }
      const bare = await program()
      const { trees } = registered(set)
      expect(await program()).toEqual(bare)
      // Depending on how far the SDK has read ahead the model has written all that it would.
      expect(await trees()).toMatch(/^streamText · ok.*\n└─ llm chat gpt-4o-mini · (ok|cancelled)/)
    })

    test('a turn that is stopped while a tool runs is cancelled', async () => {
      const { trees } = registered(set)
      const kit = kitOf(set)
      const controller = new AbortController()
      const result = kit.sdk.streamText({
        model: kit.model(LOOP),
        tools: weather(kit, {
          execute: async () => {
            controller.abort('the user went home')
            await pause(5)
            return 'sunny'
          },
        }),
        prompt,
        abortSignal: controller.signal,
        onError: () => {},
        ...kit.steps(3),
      })
      await readAll(result.fullStream)
      expect((await trees()).split('\n')[0]).toMatch(/^streamText · cancelled/)
    })
  })

  describe('a call with integrations of its own', () => {
    /* Everything that the host sees of a call, and what its integration is notified of. */
    const programs: Readonly<Record<string, (kit: Kit, telemetry: object) => Promise<unknown>>> = {
      generateText: async (kit, telemetry) => {
        const { text, steps } = await kit.sdk.generateText({
          model: kit.model(LOOP),
          tools: weather(kit),
          prompt,
          ...kit.steps(3),
          telemetry,
        })
        return [text, steps.map(({ content }) => content?.map(({ type }) => type))]
      },
      streamText: async (kit, telemetry) => {
        const result = kit.sdk.streamText({
          model: kit.model(LOOP.map((answer) => ({ delay: 1, ...answer }))),
          tools: weather(kit),
          prompt,
          ...kit.steps(3),
          telemetry,
        })
        const { parts, thrown } = await readAll(result.fullStream)
        return [parts.map(({ type }) => type), thrown, await result.text]
      },
    }

    function loopTree(name: string): string {
      return `${name} · ok · 40 in, 10 out
├─ ${LLM}
├─ tool weather · error (RangeError: no such city)
├─ tool weather · ok
└─ ${LLM}`
    }

    test.each(Object.entries(programs))('%s is recorded once', async (_name, program) => {
      const bare = hostIntegration()
      const seenBare = await program(kitOf(set), { integrations: [bare.integration] })
      const { capture, trees, off } = registered(set)
      const host = hostIntegration()
      const seen = await program(kitOf(set), {
        integrations: [host.integration],
        functionId: 'answer',
      })
      expect(seen).toEqual(seenBare)
      expect(host.events).toEqual(bare.events)
      expect(await trees()).toBe(loopTree('answer'))
      const [trace] = capture.traces
      expect(trace).toMatchObject({ input: prompt, output: 'Sunny everywhere.' })
      expect(
        trace?.spans
          .filter(({ type }) => type === 'tool')
          .map(({ input, output, metadata }) => [input, output, metadata['gen_ai.tool.call.id']]),
      ).toEqual([
        [{ city: 'Rome' }, 'sunny in Rome', 'c1'],
        [{ city: 'Atlantis' }, undefined, 'c1'],
      ])
      expect(trace?.spans[0]?.input).toEqual([
        { role: 'user', parts: [{ type: 'text', content: 'hi' }] },
      ])
      expect(trace?.spans.at(-1)?.output).toEqual([
        { role: 'assistant', parts: [{ type: 'text', content: 'Sunny everywhere.' }] },
      ])
      expect(tracingChannel('ai:telemetry').hasSubscribers).toBe(true)
      off()
      expect(tracingChannel('ai:telemetry').hasSubscribers).toBe(false)
      await program(kitOf(set), { integrations: [hostIntegration().integration] })
      await pause(10)
      expect(capture.traces).toHaveLength(1)
    })

    test.each(Object.entries(programs))(
      '%s is recorded once, wrapped, with a middleware and by a tool of another call',
      async (name, program) => {
        const { client, trees } = registered(set)
        const wrapped = kitOf(set, instrumentAISDK(set.ai, { client }))
        const kit: Kit = {
          ...wrapped,
          model: (script) =>
            wrapped.sdk.wrapLanguageModel({
              model: wrapped.model(script),
              middleware: trulayerMiddleware({ client }),
            }),
        }
        const bare: Kit = { ...kit, sdk: kitOf(set).sdk }
        const telemetry = { integrations: hostIntegration().integration }
        await program(kit, telemetry)
        await program(bare, telemetry)
        await client.trace('turn', () => program(bare, telemetry))
        const nested = loopTree(name).replace(name, 'turn')
        expect(await trees()).toBe([loopTree(name), loopTree(name), nested].join('\n'))
      },
    )

    test('two copies of the package record it once, and either may be switched off', async () => {
      const { client, trees, off } = registered(set)
      vi.resetModules()
      const other = await import('@trulayer/ai-sdk')
      expect(other.registerTruLayer).not.toBe(registerTruLayer)
      const telemetry = { integrations: [hostIntegration().integration] }
      const wrapped = kitOf(set, other.instrumentAISDK(set.ai, { client }))
      onTestFinished(other.registerTruLayer(set.ai, { client }))
      await programs['generateText']?.(wrapped, telemetry)
      await programs['streamText']?.(kitOf(set), telemetry)
      off()
      onTestFinished(other.registerTruLayer(set.ai, { client }))
      await programs['streamText']?.(kitOf(set), telemetry)
      expect(await trees()).toBe(
        ['generateText', 'streamText', 'streamText'].map(loopTree).join('\n'),
      )
    })

    test('a call that is under way when recording is switched off is recorded to its end', async () => {
      const { trees, off } = registered(set)
      const kit = kitOf(set)
      await kit.sdk.generateText({
        model: kit.model(LOOP),
        tools: weather(kit, {
          execute: async ({ city }: { city: string }) => {
            off()
            return city
          },
        }),
        prompt,
        ...kit.steps(3),
        telemetry: { integrations: [hostIntegration().integration] },
      })
      expect(await trees()).toBe(
        loopTree('generateText').replace('error (RangeError: no such city)', 'ok'),
      )
      expect(tracingChannel('ai:telemetry').hasSubscribers).toBe(false)
    })

    test('calls that fail or are aborted', async () => {
      const { trees } = registered(set)
      const kit = kitOf(set)
      const telemetry = { integrations: [hostIntegration().integration] }
      const model = () => kit.model([{ errors: [new TypeError('no model')] }])
      expect(
        nameOf(
          await thrownBy(() =>
            kit.sdk.generateText({ model: model(), prompt, maxRetries: 0, telemetry }),
          ),
        ),
      ).toBe('TypeError: no model')
      const onError = (): void => {}
      await readAll(
        kit.sdk.streamText({ model: model(), prompt, maxRetries: 0, telemetry, onError })
          .fullStream,
      )
      const controller = new AbortController()
      const words = kit.model([{ text: ['a', 'b', 'c', 'd'], delay: 5 }])
      const stream = kit.sdk.streamText({
        model: words,
        prompt,
        telemetry,
        onError,
        abortSignal: controller.signal,
      })
      for await (const { type } of stream.fullStream) {
        if (type === 'text-delta') {
          controller.abort()
        }
      }
      expect(await trees()).toBe(
        `generateText · error (TypeError: no model)
└─ llm chat gpt-4o-mini · error (TypeError: no model)
streamText · error (TypeError: no model)
└─ llm chat gpt-4o-mini · error (TypeError: no model)
streamText · cancelled
└─ llm chat gpt-4o-mini · cancelled`,
      )
    })

    test('models that answer with values', async () => {
      const { capture, trees } = registered(set)
      const kit = kitOf(set)
      const telemetry = { integrations: [hostIntegration().integration] }
      await kit.sdk.embed({ model: kit.embeddings(2), value: 'abc', telemetry })
      await kit.sdk.rerank?.({
        model: kit.reranking(),
        query: 'which?',
        documents: ['a', 'b'],
        telemetry,
      })
      expect(await trees()).toBe(`embed · ok · 3 in
└─ llm embeddings text-embedding-3-small · ok · 3 in
rerank · ok
└─ llm rerank rerank-v3 · ok`)
      expect(capture.traces[0]?.spans[0]).toMatchObject({
        input: ['abc'],
        output: { vectors: 1, dimensions: 3 },
      })
    })

    test('no telemetry at all is still none', async () => {
      const { capture } = registered(set)
      await programs['generateText']?.(kitOf(set), {
        isEnabled: false,
        integrations: [hostIntegration().integration],
      })
      await pause(10)
      expect(capture.traces).toHaveLength(0)
    })
  })

  describe('calls inside the callbacks of a call', () => {
    const CALLBACKS = `streamText · ok · 100 in, 25 out
├─ ${LLM}
├─ other inner · ok
│  └─ ${LLM}
├─ tool weather · ok
├─ other inner · ok
│  └─ ${LLM}
├─ other inner · ok
│  └─ ${LLM}
└─ ${LLM}`

    test.each(['streamText', 'generateText'])('hang under it, %s', async (name) => {
      const { trees } = registered(set)
      const kit = kitOf(set)
      const ask = async (): Promise<unknown> =>
        kit.sdk.generateText({
          model: kit.model([{ text: ['yes'] }]),
          prompt,
          telemetry: { functionId: 'inner' },
        })
      const call = {
        model: kit.model([
          { calls: [{ id: 'c1', name: 'weather', input: { town: 1 } }] },
          { text: ['It is sunny.'], delay: 1 },
        ]),
        tools: weather(kit, {
          needsApproval: async () => {
            await ask()
            return false
          },
        }),
        experimental_repairToolCall: async ({ toolCall }: { toolCall: object }) => {
          await ask()
          return { ...toolCall, input: '{"city":"Oslo"}' }
        },
        prompt,
        ...kit.steps(3),
        ...kit.prepareStep(async (step) => {
          if (Reflect.get(step, 'stepNumber') === 1) {
            await ask()
          }
          return {}
        }),
      }
      if (name === 'streamText') {
        await kit.sdk.streamText(call).consumeStream()
      } else {
        await kit.sdk.generateText(call)
      }
      const lines = (await trees()).split('\n')
      expect(lines.toSorted()).toEqual(CALLBACKS.replace('streamText', name).split('\n').toSorted())
    })

    test('of many calls at once each hang under their own', async () => {
      const { capture, trees } = registered(set)
      const kit = kitOf(set)
      await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const result = kit.sdk.streamText({
            model: kit.model([{ text: [`turn ${index}`], delay: 1 }]),
            prompt: `turn ${index}`,
            ...kit.prepareStep(async () => {
              await pause(index % 3)
              await kit.sdk.generateText({
                model: kit.model([{ text: [`inner ${index}`], delay: 1 }]),
                prompt: `inner ${index}`,
                telemetry: { functionId: 'inner' },
              })
              return {}
            }),
          })
          await result.consumeStream()
        }),
      )
      await trees()
      expect(capture.traces).toHaveLength(20)
      for (const { input, spans } of capture.traces) {
        const inner = spans.find(({ type }) => type === 'other')
        expect(inner).toMatchObject({ input: (input as string).replace('turn', 'inner') })
        expect(spans).toHaveLength(3)
      }
    })

    test('a turn that a callback starts when the call is over is its own', async () => {
      const { capture, trees } = registered(set)
      const kit = kitOf(set)
      const next = async (count: number): Promise<void> => {
        const result = kit.sdk.streamText({
          model: kit.model([{ text: ['hello'] }]),
          prompt,
          ...kit.prepareStep(() => {
            if (count > 0) {
              setTimeout(() => void next(count - 1), 10)
            }
            return {}
          }),
        })
        await result.consumeStream()
      }
      await next(2)
      await pause(60)
      await trees()
      expect(capture.traces.map((trace) => spanTree(trace))).toEqual(
        Array.from({ length: 3 }, () => `streamText · ok · 20 in, 5 out\n└─ ${LLM}`),
      )
    })
  })
}
