import { instrumentAISDK } from '@trulayer/ai-sdk'
import { TruLayer } from '@trulayer/core'
import { captureTraces, spanTree } from '@trulayer/core/testing'
import { describe, expect, onTestFinished, test } from 'vitest'

import { isMissing } from './differences.ts'
import { untilClosed } from './support/both-ways.ts'
import type { SDKSet, StreamResult } from './support/host.ts'
import { type Kit, kitOf, readAll } from './support/kit.ts'
import { pause } from './support/model.ts'
import { patchingPeer } from './support/patching-peer.ts'

const LLM = 'llm chat gpt-4o-mini · ok · 20 in, 5 out'
const TURNS = 300
const AT_ONCE = 20
/* The chain of wrappers that a program kept for good broke the stack after some 3,400 turns. */
const LONG = 5000

interface CallOptions {
  readonly prompt: readonly object[]
}

type ScriptedModel = Record<'doGenerate' | 'doStream', (options: CallOptions) => unknown> &
  Readonly<Record<string, unknown>>

/*
 * A model of a class, as those of providers are: with methods on the prototype, and private state. It calls the tool
 * `lookup` with the user that speaks.
 */
function classModel(kit: Kit, script?: Parameters<Kit['model']>[0]): object {
  class Model {
    readonly #scripted = kit.model([{ text: ['fine'] }]) as ScriptedModel
    readonly provider = this.#scripted['provider']
    readonly modelId = this.#scripted['modelId']
    readonly specificationVersion = this.#scripted['specificationVersion']
    readonly supportedUrls = {}
    readonly defaultObjectGenerationMode = 'json'

    #modelFor(options: CallOptions): ScriptedModel {
      const who = userIn(options.prompt)[0] ?? ''
      return kit.model(
        script ?? [
          { calls: [{ id: `call-${who}`, name: 'lookup', input: { who } }], delay: 1 },
          { text: [`found ${who}`] },
        ],
      ) as ScriptedModel
    }

    async doGenerate(options: CallOptions): Promise<unknown> {
      return this.#modelFor(options).doGenerate(options)
    }

    async doStream(options: CallOptions): Promise<unknown> {
      return this.#modelFor(options).doStream(options)
    }
  }
  return new Model()
}

function userIn(value: unknown): string[] {
  return [...new Set(JSON.stringify(value).match(/user-\d+/g) ?? [])]
}

function lookupTools(kit: Kit): Record<'of a class' | 'written as a literal', object> {
  const schema = kit.z.object({ who: kit.z.string() })
  const literal = kit.tool({
    schema,
    execute: async ({ who }: { who: string }) => {
      await pause(2)
      return `found ${who}`
    },
  })
  class Lookup {
    readonly #found = 'found'
    constructor() {
      Object.assign(this, literal)
      Reflect.deleteProperty(this, 'execute')
    }
    async execute({ who }: { who: string }): Promise<string> {
      await pause(2)
      return `${this.#found} ${who}`
    }
  }
  return { 'of a class': new Lookup(), 'written as a literal': literal }
}

const WAYS = {
  assigns: (target: object, key: PropertyKey, value: unknown) => {
    Reflect.set(target, key, value)
  },
  defines: (target: object, key: PropertyKey, value: unknown) => {
    Object.defineProperty(target, key, { value, configurable: true, writable: true })
  },
}

/** Beside another tracer that patches models and tools in place. */
export function runPeers(set: SDKSet): void {
  const recording = () => {
    const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false })
    const capture = captureTraces({ client })
    onTestFinished(() => capture.stop())
    return { client, capture }
  }

  describe.each(Object.keys(WAYS) as (keyof typeof WAYS)[])('a peer that %s', (way) => {
    test.each(['of a class', 'written as a literal'] as const)(
      'what it patches sees its own turn alone, with a tool %s',
      async (kind) => {
        const { client, capture } = recording()
        const peer = patchingPeer(set.ai, WAYS[way])
        const kit = kitOf(set, instrumentAISDK(peer.ai, { client }))
        const model = classModel(kit)
        const lookup = lookupTools(kit)[kind]
        const before = [Reflect.ownKeys(model), Reflect.ownKeys(lookup)]
        const turn = async (index: number): Promise<void> => {
          const options = {
            model,
            tools: { lookup },
            prompt: `I am user-${index}`,
            ...kit.steps(3),
          }
          const text =
            index % 2 === 0
              ? (await kit.sdk.generateText(options)).text
              : await readText(kit.sdk.streamText(options))
          expect(text).toBe(`found user-${index}`)
        }
        let next = 0
        await Promise.all(
          Array.from({ length: AT_ONCE }, async () => {
            while (next < TURNS) {
              next += 1
              await turn(next)
            }
          }),
        )
        await untilClosed(client)
        expect(capture.traces).toHaveLength(TURNS)
        const tree = (name: string): string =>
          `${name} · ok · 40 in, 10 out\n├─ ${LLM}\n├─ tool lookup · ok\n└─ ${LLM}`
        for (const trace of capture.traces) {
          expect(spanTree(trace)).toBe(tree(trace.name))
          expect(userIn(trace)).toEqual(userIn(trace.input))
        }
        // Each wrapper ran once for each call: none was left behind by an earlier turn.
        expect(peer.calls).toEqual({ doGenerate: TURNS, doStream: TURNS, execute: TURNS })
        expect([Reflect.ownKeys(model), Reflect.ownKeys(lookup)]).toEqual(before)
      },
    )
  })

  test('one model serves thousands of turns', async () => {
    const { client } = recording()
    const peer = patchingPeer(set.ai, WAYS.assigns)
    const kit = kitOf(set, instrumentAISDK(peer.ai, { client }))
    const model = classModel(kit, [{ text: ['fine'] }])
    for (let turn = 0; turn < LONG; turn += 1) {
      await kit.sdk.generateText({ model, prompt: 'hi', maxRetries: 0 })
    }
    expect(peer.calls).toEqual({ doGenerate: LONG })
  })

  test('results that a tool yields from an object of its own', async () => {
    const { client, capture } = recording()
    const peer = patchingPeer(set.ai, WAYS.assigns)
    const kit = kitOf(set, instrumentAISDK(peer.ai, { client }))
    const feed = {
      async *[Symbol.asyncIterator]() {
        yield 'searching'
        yield 'found'
      },
    }
    const before = Object.getOwnPropertyDescriptors(feed)
    const lookup = kit.tool({ schema: kit.z.object({ who: kit.z.string() }), execute: () => feed })
    for (let turn = 1; turn <= 5; turn += 1) {
      await kit.sdk.generateText({
        model: classModel(kit),
        tools: { lookup },
        prompt: `I am user-${turn}`,
        ...kit.steps(3),
      })
    }
    await untilClosed(client)
    expect(Object.getOwnPropertyDescriptors(feed)).toEqual(before)
    expect(peer.calls['execute']).toBe(5)
    if (!isMissing(set.name, 'a tool that yields preliminary results')) {
      expect(peer.calls).toMatchObject({ 'Symbol(Symbol.asyncIterator)': 5, next: 15 })
      expect(
        capture.traces.flatMap(({ spans }) => spans.filter(({ type }) => type === 'tool')),
      ).toMatchObject(Array.from({ length: 5 }, () => ({ output: 'found', status: 'ok' })))
    }
  })

  describe.each(['at once', 'later'])(
    'a peer below that reads each stream to its end, %s',
    (when) => {
      const peer = {
        ...set.ai,
        streamText: (options: object) => {
          const result = (set.ai as Kit['sdk']).streamText(options)
          const read = async (): Promise<void> => {
            if (when === 'later') {
              await pause(1)
            }
            await result.consumeStream()
          }
          void read()
          return result
        },
      }
      const model = (kit: Kit) =>
        kit.model([{ text: ['one ', 'two ', 'three ', 'four '], delay: 5 }])

      test('leaves it to the program whether the stream was left', async () => {
        const { client, capture } = recording()
        const kit = kitOf(set, instrumentAISDK(peer, { client }))
        const result = kit.sdk.streamText({ model: model(kit), prompt: 'hi' })
        const reader = result.textStream.getReader()
        await reader.read()
        await pause(5)
        await reader.cancel()
        await untilClosed(client)
        expect(capture.traces.map((trace) => spanTree(trace))).toEqual([
          'streamText · cancelled\n└─ llm chat gpt-4o-mini · cancelled',
        ])
        expect(capture.traces[0]?.metadata['trulayer.reason']).toBe('reader left')
      })

      test('takes nothing from the program that reads to the end', async () => {
        const { client, capture } = recording()
        const kit = kitOf(set, instrumentAISDK(peer, { client }))
        const result = kit.sdk.streamText({ model: model(kit), prompt: 'hi' })
        expect((await readAll(result.textStream)).parts.join('')).toBe('one two three four ')
        await untilClosed(client)
        expect(capture.traces.map((trace) => spanTree(trace))).toEqual([
          `streamText · ok · 20 in, 5 out\n└─ ${LLM}`,
        ])
      })
    },
  )

  test('a peer below that patches results and reads them when the program leaves', async () => {
    const { client, capture } = recording()
    const peer = { ...set.ai, streamText: patchedStreamText(set.ai as Kit['sdk']) }
    const kit = kitOf(set, instrumentAISDK(peer, { client }))
    const script = [{ text: ['one ', 'two ', 'three ', 'four '], delay: 5 }]
    const left = kit.sdk.streamText({ model: kit.model(script), prompt: 'leaves' })
    const reader = left.textStream.getReader()
    await reader.read()
    await reader.cancel()
    await untilClosed(client)
    const read = kit.sdk.streamText({ model: kit.model(script), prompt: 'reads' })
    expect((await readAll(read.textStream)).parts.join('')).toBe('one two three four ')
    if (!isMissing(set.name, 'a stream of which only the promised text is awaited')) {
      const awaited = kit.sdk.streamText({ model: kit.model(script), prompt: 'awaits' })
      expect(await awaited.text).toBe('one two three four ')
      await untilClosed(client)
    }
    const ok = `streamText · ok · 20 in, 5 out\n└─ ${LLM}`
    expect(capture.traces.map((trace) => spanTree(trace))).toEqual([
      'streamText · cancelled\n└─ llm chat gpt-4o-mini · cancelled',
      ...capture.traces.slice(1).map(() => ok),
    ])
    expect(capture.traces[0]?.metadata['trulayer.reason']).toBe('reader left')
    expect(capture.traces.length).toBeGreaterThan(1)
  })

  test('a result that a peer patches below and again above can be read', async () => {
    const { client, capture } = recording()
    const peer = { ...set.ai, streamText: patchedStreamText(set.ai as Kit['sdk']) }
    const kit = kitOf(set, instrumentAISDK(peer, { client }))
    const script = [{ text: ['one ', 'two ', 'three ', 'four '], delay: 1 }]
    const result = kit.sdk.streamText({ model: kit.model(script), prompt: 'hi' })
    const stream: unknown = Reflect.get(result, 'baseStream')
    expect(stream).toBeInstanceOf(ReadableStream)
    if (stream instanceof ReadableStream) {
      // The former stream is locked from here on.
      const value = stream.pipeThrough(new TransformStream())
      Object.defineProperty(result, 'baseStream', { value, configurable: true, writable: true })
    }
    expect((await readAll(result.textStream)).parts.join('')).toBe('one two three four ')
    await untilClosed(client)
    expect(capture.traces.map((trace) => spanTree(trace))).toEqual([
      `streamText · ok · 20 in, 5 out\n└─ ${LLM}`,
    ])
  })

  test('an agent keeps what is put on it', async () => {
    const { client, capture } = recording()
    const kit = kitOf(set, instrumentAISDK(set.ai, { client }))
    if (kit.major === 4) {
      expect(kit.sdk.ToolLoopAgent ?? kit.sdk.Experimental_Agent).toBeUndefined()
      return
    }
    const model = classModel(kit)
    const { 'of a class': lookup } = lookupTools(kit)
    const agent = kit.agent({ id: 'support', model, tools: { lookup }, ...kit.steps(3) })
    let wrapped = 0
    for (const method of ['generate', 'stream'] as const) {
      const original = agent[method]
      Reflect.set(agent, method, function patched(this: unknown, options: object) {
        wrapped += 1
        return Reflect.apply(original, this, [options])
      })
    }
    const before = [agent, model, lookup].map((object) => Object.getOwnPropertyDescriptors(object))
    await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const options = { prompt: `I am user-${index}` }
        await agent.generate(options)
        await readText(await agent.stream(options))
      }),
    )
    await untilClosed(client)
    expect(wrapped).toBe(20)
    expect(
      [agent, model, lookup].map((object) => Object.getOwnPropertyDescriptors(object)),
    ).toEqual(before)
    expect(capture.traces).toHaveLength(20)
    for (const trace of capture.traces) {
      expect(userIn(trace)).toEqual(userIn(trace.input))
    }
  })
}

/* As Braintrust does: streams of a result are replaced on the result itself, and read anew when one of them is left. */
function patchedStreamText(sdk: Kit['sdk']): (options: object) => StreamResult {
  return (options) => {
    const result = sdk.streamText(options)
    for (const key of ['textStream', 'fullStream']) {
      const prototype: object = Object.getPrototypeOf(result)
      Object.defineProperty(result, key, {
        get() {
          const stream = Reflect.get(prototype, key, result) as ReadableStream<unknown>
          const reader = stream.getReader()
          return new ReadableStream(
            {
              pull: async (controller) => {
                const { done, value } = await reader.read()
                if (done) {
                  controller.close()
                } else {
                  controller.enqueue(value)
                }
              },
              cancel: async (reason) => {
                void result.consumeStream()
                await reader.cancel(reason)
              },
            },
            { highWaterMark: 0 },
          )
        },
        configurable: true,
      })
    }
    return result
  }
}

async function readText(result: StreamResult): Promise<string> {
  await result.consumeStream()
  return result.text
}
