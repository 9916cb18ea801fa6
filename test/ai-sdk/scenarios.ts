import { AsyncLocalStorage } from 'node:async_hooks'
import type { ServerResponse } from 'node:http'

import { expect, onTestFinished, test } from 'vitest'
import { trulayerMiddleware } from '@trulayer/ai-sdk'
import type { FinishedSpan, FinishedTrace } from '@trulayer/core'

import { untilQuiet } from '../support/until-quiet.ts'
import { expectedTree, isMissing, shorten } from './differences.ts'
import { type BothWays, bothWays, type RunOptions } from './support/both-ways.ts'
import type { Part, SDKSet, TextResult } from './support/host.ts'
import { type Kit, nameOf, readAll, thrownBy } from './support/kit.ts'
import { startServer } from './support/loopback.ts'
import { pause } from './support/model.ts'

/** One scenario: a program, and what is recorded of it. */
export interface Scenario extends RunOptions {
  readonly name: string
  readonly program: (kit: Kit, set: SDKSet) => Promise<unknown>
  readonly tree: string
  /** @defaultValue that of `withSession` */
  readonly session?: string
  /** True where something goes on when its trace has left. */
  readonly mayBeLate?: boolean
  /** What else holds. */
  readonly check?: (run: BothWays, set: SDKSet) => void
}

const prompt = 'hi'
const LLM = 'llm chat gpt-4o-mini · ok · 20 in, 5 out'
const CACHED = 'llm chat gpt-4o-mini · ok · 0 in, 0 out'

/* A tool that tells the weather of a city, a little later for the first one, so that they end in another order. */
function weather(kit: Kit, execute?: unknown): object {
  return kit.tool({
    description: 'The weather of a city',
    schema: kit.z.object({ city: kit.z.string() }),
    execute:
      execute ??
      (async ({ city }: { city: string }) => {
        await pause(city === 'Paris' ? 15 : 5)
        return `sunny in ${city}`
      }),
  })
}

function ask(...cities: string[]) {
  return {
    calls: cities.map((city, index) => ({
      id: `call_${index + 1}`,
      name: 'weather',
      input: { city },
    })),
  }
}

const LOOP = [ask('Paris', 'Berlin', 'Rome'), { text: ['Sunny', ' everywhere.'] }]
const words = ['one ', 'two ', 'three ', 'four ', 'five ']

/* A tracer that keeps the name of the span that is open in an async context, as OpenTelemetry's does. */
function tracerIn(spans: AsyncLocalStorage<string>): object {
  const span: object = new Proxy({}, { get: () => () => span })
  return {
    startSpan: () => span,
    startActiveSpan: (name: string, ...rest: readonly unknown[]) => {
      const work = rest.at(-1) as (opened: object) => unknown
      return spans.run(`${spans.getStore() ?? ''} > ${name}`, () => work(span))
    },
  }
}

/* The model with streams whose parts come when the provider sends them, and not when they are asked for. */
function pushing(model: object): object {
  const doStream = Reflect.get(model, 'doStream') as (
    options: unknown,
  ) => Promise<{ readonly stream: ReadableStream<unknown> }>
  return Object.assign(model, {
    doStream: async (options: unknown) => {
      const answer = await doStream.call(model, options)
      const push = async (controller: ReadableStreamDefaultController<unknown>): Promise<void> => {
        for await (const part of answer.stream) {
          await pause(2)
          controller.enqueue(part)
        }
        controller.close()
      }
      return {
        ...answer,
        stream: new ReadableStream({
          start: (controller) => {
            void push(controller)
          },
        }),
      }
    },
  })
}

/* A promise of an event in the log of a model. */
function signalOf(event: string): { log: (told: string) => void; came: Promise<void> } {
  let resolve = (): void => {}
  const came = new Promise<void>((done) => {
    resolve = done
  })
  return { log: (told) => (told === event ? resolve() : undefined), came }
}

/* What comes out of a function that writes into a response of Node's server. */
async function piped(pipe: (response: ServerResponse) => void): Promise<string> {
  await using server = await startServer(pipe)
  const response = await fetch(server.url)
  // Not returned as a promise, which the end of the server would overtake.
  return await response.text()
}

function slowly<Answer extends object>(
  script: readonly Answer[],
  delay = 2,
): (Answer & { delay: number })[] {
  return script.map((answer) => ({ ...answer, delay }))
}

/* What a program keeps of a result. */
function kept({
  text,
  finishReason,
  usage,
  steps,
}: Awaited<ReturnType<Kit['sdk']['generateText']>>) {
  return {
    text,
    finishReason,
    usage,
    steps: steps.map(({ content, toolCalls, toolResults }) => ({
      content,
      toolCalls,
      toolResults,
    })),
  }
}

function spanNamed(trace: FinishedTrace | undefined, name: string): FinishedSpan | undefined {
  return trace?.spans.find((span) => span.name === name)
}

const STOPS = {
  abort: {
    signal: () => {
      const controller = new AbortController()
      setTimeout(() => controller.abort(), 10)
      return controller.signal
    },
    error: 'AbortError: This operation was aborted',
  },
  'time limit': {
    signal: () => AbortSignal.timeout(10),
    error: 'TimeoutError: The operation was aborted due to timeout',
  },
}

const scenarios: readonly Scenario[] = [
  {
    name: 'tools of a stream beside a tracer',
    program: async (kit) => {
      const spans = new AsyncLocalStorage<string>()
      const seen: Record<string, unknown> = {}
      const result = kit.sdk.streamText({
        model: pushing(kit.model(LOOP)),
        tools: {
          weather: weather(kit, async ({ city }: { city: string }) => {
            const before = spans.getStore()
            await pause(5)
            seen[city] = [before, spans.getStore()]
            return city
          }),
        },
        prompt,
        ...kit.steps(4),
        experimental_telemetry: { isEnabled: true, tracer: tracerIn(spans) },
      })
      await result.consumeStream()
      return seen
    },
    tree: loopTree('streamText'),
  },
  {
    name: 'generateText, one step',
    program: async ({ sdk, model }) =>
      kept(await sdk.generateText({ model: model([{ text: ['hello'] }]), prompt })),
    tree: `generateText · ok · 20 in, 5 out\n└─ ${LLM}`,
    check: ({ traces }) => {
      expect(traces[0]).toMatchObject({ input: prompt, output: 'hello', model: 'gpt-4o-mini' })
      expect(traces[0]?.spans[0]).toMatchObject({
        input: [{ role: 'user', parts: [{ type: 'text', content: 'hi' }] }],
        output: [{ role: 'assistant', parts: [{ type: 'text', content: 'hello' }] }],
        metadata: {
          'gen_ai.provider.name': 'openai',
          'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
          'gen_ai.response.finish_reasons': ['stop'],
        },
      })
    },
  },
  {
    name: 'a tool loop with three tools at once',
    program: async (kit) =>
      kept(
        await kit.sdk.generateText({
          model: kit.model(LOOP),
          tools: { weather: weather(kit) },
          prompt,
          ...kit.steps(4),
        }),
      ),
    tree: loopTree('generateText'),
    check: ({ traces }) => {
      checkLoop(traces[0])
      const tools = traces[0]?.spans.filter(({ type }) => type === 'tool') ?? []
      const firstEnd = Math.min(...tools.map(({ endedAt }) => endedAt))
      expect(Math.max(...tools.map(({ startedAt }) => startedAt))).toBeLessThan(firstEnd)
    },
  },
  {
    name: 'the same as a stream whose parts come one by one',
    program: async (kit) => {
      const result = kit.sdk.streamText({
        model: kit.model(slowly(LOOP)),
        tools: { weather: weather(kit) },
        prompt,
        ...kit.steps(4),
      })
      const { parts, thrown } = await readAll(result.fullStream)
      // Tools end in an order of chance when many things wait for timers.
      return [parts.map(({ type }) => type).toSorted(), thrown, await result.text]
    },
    tree: loopTree('streamText'),
    check: ({ traces }) => {
      checkLoop(traces[0])
      for (const span of traces[0]?.spans.filter(({ type }) => type === 'llm') ?? []) {
        expect(span.metadata['trulayer.ttft_ms']).toBeGreaterThanOrEqual(0)
      }
    },
  },
  {
    name: 'a tool that runs on after the model has finished',
    program: async (kit) => {
      const finished = signalOf('finish')
      const result = kit.sdk.streamText({
        model: kit.model(slowly([ask('Rome'), { text: ['fine'] }]), { log: finished.log }),
        tools: {
          weather: weather(kit, async () => {
            await finished.came
            // Until whatever hears the part has heard it.
            await pause(30)
            return 'sunny'
          }),
        },
        prompt,
        ...kit.steps(4),
      })
      return readAll(result.fullStream)
    },
    tree: oneToolTree('streamText', 'tool weather · ok'),
    check: ({ traces }) => {
      const [model, tool] = traces[0]?.spans.toSorted((a, b) => a.startedAt - b.startedAt) ?? []
      expect(model?.type).toBe('llm')
      expect(model?.endedAt).toBeLessThan(tool?.endedAt ?? 0)
      const last = traces[0]?.spans.at(-1)
      expect(traces[0]?.endedAt).toBeGreaterThanOrEqual(last?.endedAt ?? Infinity)
    },
  },
  {
    name: 'every way to consume a stream',
    program: async (kit) => {
      const stream = () =>
        kit.sdk.streamText({ model: kit.model(slowly([{ text: words }], 1)), prompt })
      const ways: readonly (() => Promise<unknown>)[] = [
        () => readAll(stream().textStream),
        () => readAll(stream().fullStream),
        () => stream().consumeStream(),
        () => stream().toTextStreamResponse().text(),
        () =>
          kit.major === 4
            ? stream().toDataStreamResponse().text()
            : stream().toUIMessageStreamResponse().text(),
        () => piped((response) => stream().pipeTextStreamToResponse(response)),
        () =>
          piped((response) =>
            kit.major === 4
              ? stream().pipeDataStreamToResponse(response)
              : stream().pipeUIMessageStreamToResponse(response),
          ),
      ]
      const seen: unknown[] = []
      for (const way of ways) {
        seen.push(await way())
      }
      // Each stream has an id of its own, which the SDK makes.
      return JSON.parse(JSON.stringify(seen).replaceAll(/msg-[\w-]+|aitxt-[\w-]+/g, 'id'))
    },
    tree: Array.from({ length: 7 }, () => `streamText · ok · 20 in, 5 out\n└─ ${LLM}`).join('\n'),
    check: ({ traces }) =>
      expect(new Set(traces.map(({ output }) => output))).toEqual(new Set([words.join('')])),
  },
  ...(['part by part', 'as a response', 'as promises'] as const).map(masked),
  {
    name: 'a transform that removes all of the text',
    program: async (kit) => {
      const result = kit.sdk.streamText({
        model: kit.model([ask('Rome'), { text: ['the code is ', 'SECRET'] }]),
        tools: { weather: weather(kit) },
        prompt,
        ...kit.steps(3),
        experimental_transform: () =>
          new TransformStream<Part, Part>({
            transform: (part, controller) =>
              part.type.startsWith('text-') ? undefined : controller.enqueue(part),
          }),
      })
      await result.consumeStream()
      return result.text
    },
    tree: oneToolTree('streamText', 'tool weather · ok'),
    check: ({ traces }) => {
      expect(traces[0]?.output).toBe('')
      expect(JSON.stringify(traces[0]?.spans.at(-1)?.output)).toContain('SECRET')
    },
  },
  {
    name: 'a guardrail that stops the stream',
    program: async (kit) => {
      const result = kit.sdk.streamText({
        model: kit.model(slowly([{ text: ['the code is ', 'SECRET', ' and more'] }])),
        prompt,
        onError: () => {},
        experimental_transform: ({ stopStream }: { stopStream: () => void }) =>
          new TransformStream<Part, Part>({
            transform: (part, controller) =>
              textOf(part).includes('SECRET') ? stopStream() : controller.enqueue(part),
          }),
      })
      return (await readAll(result.textStream)).parts
    },
    tree: 'streamText · ok\n└─ llm chat gpt-4o-mini · cancelled',
    check: ({ traces }) => {
      expect(traces[0]?.output).toBe('the code is ')
      expect(JSON.stringify(traces[0]?.spans[0]?.output)).toContain('SECRET')
    },
  },
  {
    name: 'a stream of which only the promised text is awaited',
    program: async ({ sdk, model }) =>
      sdk.streamText({ model: model([{ text: words }]), prompt }).text,
    tree: `streamText · ok · 20 in, 5 out\n└─ ${LLM}`,
  },
  {
    name: 'a stream with two readers, one of which leaves',
    program: async ({ sdk, model }) => {
      const result = sdk.streamText({ model: model(slowly([{ text: words }], 1)), prompt })
      const leaving = result.textStream.getReader()
      await leaving.read()
      const rest = result.consumeStream()
      await Promise.all([leaving.cancel(), rest])
      return result.text
    },
    tree: `streamText · ok · 20 in, 5 out\n└─ ${LLM}`,
    check: ({ traces }) => expect(traces[0]?.output).toBe(words.join('')),
  },
  {
    name: 'a reader that breaks off',
    program: async ({ sdk, model, isBreakSeen }) => {
      const written = signalOf('end')
      const result = sdk.streamText({
        model: model(slowly([{ text: words }], 4), { log: written.log }),
        prompt,
      })
      const parts: string[] = []
      for await (const part of result.textStream) {
        parts.push(part)
        if (parts.length === 2) {
          break
        }
      }
      if (!isBreakSeen) {
        await written.came
      }
      return parts
    },
    tree: 'streamText · cancelled\n└─ llm chat gpt-4o-mini · cancelled',
    settle: async (client) => {
      await pause(30)
      await client.flush({ open: 'close' })
    },
    check: ({ traces }) => expect(traces[0]?.output).toMatch(/^one two /),
  },
  {
    name: 'a client that disconnects',
    program: async ({ sdk, model }) => {
      const result = sdk.streamText({ model: model(slowly([{ text: words }], 4)), prompt })
      const reader = result.toTextStreamResponse().body?.getReader()
      const first = await reader?.read()
      await reader?.cancel('gone')
      return first
    },
    tree: 'streamText · cancelled\n└─ llm chat gpt-4o-mini · cancelled',
    check: ({ traces }) => {
      expect(traces[0]?.metadata['trulayer.reason']).toBe('reader left')
      expect(traces[0]?.output).toMatch(/^one /)
    },
  },
  {
    name: 'an abort in the second step of a stream',
    program: async (kit) => {
      const controller = new AbortController()
      const finished: string[] = []
      const result = kit.sdk.streamText({
        model: kit.model([ask('Rome'), { text: words, delay: 8 }]),
        tools: { weather: weather(kit) },
        prompt,
        ...kit.steps(4),
        abortSignal: controller.signal,
        onFinish: () => {
          finished.push('finish')
        },
        onError: () => {},
      })
      let texts = 0
      const stream = result.fullStream
      try {
        for await (const part of stream) {
          texts += part.type === 'text-delta' ? 1 : 0
          if (texts === 2) {
            texts += 1
            controller.abort()
          }
        }
        return finished
      } catch (error) {
        return [nameOf(error), finished]
      }
    },
    tree: `streamText · cancelled · 20 in, 5 out
├─ ${LLM}
├─ tool weather · ok
└─ llm chat gpt-4o-mini · cancelled`,
    check: ({ traces }) => {
      expect(traces[0]?.metadata['trulayer.reason']).toBe('aborted')
      expect(traces[0]?.output).toMatch(/^one two /)
    },
  },
  {
    name: 'an abort while three tools run',
    program: async (kit) => {
      const controller = new AbortController()
      const result = kit.sdk.streamText({
        model: kit.model([ask('Paris', 'Berlin', 'Rome'), { text: ['late'], delay: 1 }]),
        tools: {
          weather: weather(
            kit,
            async ({ city }: { city: string }, { abortSignal }: { abortSignal?: AbortSignal }) => {
              await pause(city === 'Rome' ? 5 : 10_000, abortSignal)
              if (city === 'Rome') {
                // When it has returned, and the others have not.
                setTimeout(() => controller.abort(), 20)
              }
              return city
            },
          ),
        },
        prompt,
        ...kit.steps(4),
        abortSignal: controller.signal,
        onError: () => {},
      })
      const { parts, thrown } = await readAll(result.fullStream)
      return [parts.at(-1)?.type, thrown]
    },
    tree: `streamText · cancelled · 20 in, 5 out
├─ ${LLM}
├─ tool weather · cancelled
├─ tool weather · cancelled
└─ tool weather · ok`,
  },
  {
    name: 'an abort that a tool does not listen to',
    program: async (kit) => {
      const controller = new AbortController()
      const aborted = signalOf('abort')
      const result = kit.sdk.streamText({
        model: kit.model([ask('Rome'), { text: ['never'], delay: 1 }]),
        tools: {
          weather: weather(kit, async () => {
            setImmediate(() => {
              controller.abort()
              aborted.log('abort')
            })
            await aborted.came
            await pause(20)
            return 'sunny'
          }),
        },
        prompt,
        ...kit.steps(4),
        abortSignal: controller.signal,
        onError: () => {},
      })
      const { thrown } = await readAll(result.fullStream)
      await pause(40)
      return thrown
    },
    tree: `streamText · cancelled · 20 in, 5 out
├─ ${LLM}
└─ tool weather · cancelled`,
    mayBeLate: true,
    check: ({ traces }) => {
      const tool = spanNamed(traces[0], 'weather')
      expect(tool?.metadata['trulayer.reason']).toBe('aborted')
      expect(tool?.output).toBeUndefined()
    },
  },
  {
    name: 'a time limit of generateText',
    program: async ({ sdk, model }) => {
      const controller = new AbortController()
      const { signal: abortSignal } = controller
      const slow = model([{ text: ['late'], delay: 60_000 }], {
        // As `AbortSignal.timeout` does, and not before the model is asked.
        log: () => setImmediate(() => controller.abort(new DOMException('late', 'TimeoutError'))),
      })
      const error = await thrownBy(() => sdk.generateText({ model: slow, prompt, abortSignal }))
      return [nameOf(error), error === abortSignal.reason]
    },
    tree: `generateText · error (TimeoutError: late)\n└─ llm chat gpt-4o-mini · error (TimeoutError: late)`,
    check: ({ traces }) => checkReasons(traces[0], 'timeout'),
  },
  cachedAnswers('seen by wrapLanguageModel'),
  cachedAnswers('seen by trulayerMiddleware'),
  cachedStreams(),
  anotherModel(),
  sharedSignal(),
  ownStop('abort'),
  ownStop('time limit'),
  stoppedTool({ name: 'generateText', why: 'abort' }),
  stoppedTool({ name: 'generateText', why: 'time limit' }),
  stoppedTool({ name: 'streamText', why: 'abort' }),
  stoppedTool({ name: 'streamText', why: 'time limit' }),
  limitOfTheSDK({ name: 'generateText', limit: 'totalMs' }),
  limitOfTheSDK({ name: 'generateText', limit: 'stepMs' }),
  limitOfTheSDK({ name: 'streamText', limit: 'totalMs' }),
  limitOfTheSDK({ name: 'streamText', limit: 'stepMs' }),
  limitOfTheSDK({ name: 'streamText', limit: 'chunkMs' }),
  limitOfATool('generateText'),
  limitOfATool('streamText'),
  {
    name: 'a model that succeeds with the second attempt',
    program: async ({ sdk, model, overloaded }) =>
      kept(
        await sdk.generateText({
          model: model([{ text: ['hello'], errors: [overloaded()] }]),
          prompt,
          maxRetries: 1,
        }),
      ),
    tree: `generateText · ok · 20 in, 5 out
├─ llm chat gpt-4o-mini · error (AI_APICallError: overloaded)
└─ ${LLM}`,
    check: ({ traces }) => {
      expect(traces[0]?.spans.map(({ metadata }) => metadata['trulayer.attempt'])).toEqual([1, 2])
    },
  },
  {
    name: 'a model that fails with every attempt',
    program: async ({ sdk, model, overloaded }) =>
      nameOf(
        await thrownBy(() =>
          sdk.generateText({
            model: model([{ errors: [overloaded(), overloaded()] }]),
            prompt,
            maxRetries: 1,
          }),
        ),
      ),
    tree: `generateText · error (AI_RetryError: Failed after 2 attempts. Last error: overloaded)
├─ llm chat gpt-4o-mini · error (AI_APICallError: overloaded)
└─ llm chat gpt-4o-mini · error (AI_APICallError: overloaded)`,
  },
  {
    name: 'a stream whose model throws',
    program: async ({ sdk, model }) => {
      const result = sdk.streamText({
        model: model([{ errors: [new Error('no model')] }]),
        prompt,
        maxRetries: 0,
      })
      return readAll(result.fullStream)
    },
    tree: `streamText · error (Error: no model)
└─ llm chat gpt-4o-mini · error (Error: no model)`,
  },
  {
    name: 'a stream with an error part that goes on',
    program: async ({ sdk, model }) => {
      const heard: unknown[] = []
      const result = sdk.streamText({
        model: model([{ text: ['a'], errorPart: new Error('hiccup'), finishReason: 'error' }]),
        prompt,
        onError: ({ error }: { error: unknown }) => {
          heard.push(nameOf(error))
        },
      })
      return [await readAll(result.fullStream), heard]
    },
    tree: `streamText · error (Error: hiccup) · 20 in, 5 out
└─ llm chat gpt-4o-mini · error (Error: hiccup) · 20 in, 5 out`,
    check: ({ traces }) => expect(traces[0]?.output).toBe('a'),
  },
  {
    name: 'a stream that dies',
    program: async ({ sdk, model }) => {
      const result = sdk.streamText({
        model: model([{ text: ['a', 'b'], breaksWith: new Error('line cut') }]),
        prompt,
        onError: () => {},
      })
      return readAll(result.fullStream)
    },
    tree: `streamText · error (Error: line cut)
└─ llm chat gpt-4o-mini · error (Error: line cut)`,
    check: ({ traces }) => expect(traces[0]?.output).toBe('ab'),
  },
  {
    name: 'a tool that throws in generateText',
    program: async (kit) =>
      thrownBy(async () => {
        throw kept(
          await kit.sdk.generateText({
            model: kit.model([ask('Rome'), { text: ['no idea'] }]),
            tools: { weather: weather(kit, () => Promise.reject(new TypeError('no such city'))) },
            prompt,
            ...kit.steps(4),
          }),
        )
      }),
    tree: `generateText · ok · 40 in, 10 out
├─ ${LLM}
├─ tool weather · error (TypeError: no such city)
└─ ${LLM}`,
  },
  {
    name: 'a tool that throws in streamText',
    program: async (kit) => {
      const result = kit.sdk.streamText({
        model: kit.model(slowly([ask('Rome'), { text: ['no idea'] }])),
        tools: { weather: weather(kit, () => Promise.reject(new TypeError('no such city'))) },
        prompt,
        ...kit.steps(4),
        onError: () => {},
      })
      return readAll(result.fullStream)
    },
    tree: `streamText · ok · 40 in, 10 out
├─ ${LLM}
├─ tool weather · error (TypeError: no such city)
└─ ${LLM}`,
  },
  {
    name: 'a call with a wrong input and one of an unknown tool',
    program: async (kit) =>
      thrownBy(async () => {
        throw kept(
          await kit.sdk.generateText({
            model: kit.model(WRONG),
            tools: { weather: weather(kit) },
            prompt,
            ...kit.steps(4),
          }),
        )
      }),
    tree: wrongTree('generateText'),
    check: ({ traces }) => {
      for (const span of traces[0]?.spans.filter(({ type }) => type === 'tool') ?? []) {
        expect(span.metadata['trulayer.synthetic']).toBe(true)
      }
      for (const span of traces[0]?.spans.filter(({ name }) => name === 'nope') ?? []) {
        expect(span.input).toEqual({ a: 1 })
      }
    },
  },
  {
    name: 'the same in a stream',
    program: async (kit) => {
      const result = kit.sdk.streamText({
        model: kit.model(slowly(WRONG)),
        tools: { weather: weather(kit) },
        prompt,
        ...kit.steps(4),
        onError: () => {},
      })
      return readAll(result.fullStream)
    },
    tree: wrongTree('streamText'),
  },
  {
    name: 'two calls of one id, and two readers who hear of the first that it failed',
    program: async (kit) => {
      const result = kit.sdk.streamText({
        model: kit.model([
          { calls: [{ id: 'call_1', name: 'weather', input: { town: 'Rome' } }] },
          { calls: [{ id: 'call_1', name: 'locate', input: {} }] },
        ]),
        tools: { weather: weather(kit), locate: kit.tool({ schema: kit.z.object({}) }) },
        prompt,
        ...kit.steps(4),
        onError: () => {},
      })
      await Promise.all([readAll(result.fullStream), readAll(result.fullStream)])
      return result.finishReason
    },
    tree: `streamText · ok · 40 in, 10 out
├─ ${LLM}
├─ tool weather · error (AI_InvalidToolInputError: Invalid input for tool weather: …)
├─ ${LLM}
└─ tool locate · interrupted`,
  },
  {
    name: 'agents as tools, three at once',
    program: async (kit) =>
      kept(
        await kit.sdk.generateText({
          model: kit.model(LOOP),
          tools: {
            weather: weather(kit, async ({ city }: { city: string }) => {
              const inner = kit.sdk.streamText({
                model: kit.model(slowly([{ text: [`fine in ${city}`] }])),
                prompt: `weather of ${city}`,
              })
              await inner.consumeStream()
              return inner.text
            }),
          },
          prompt,
          ...kit.steps(4),
        }),
      ),
    tree: `generateText · ok · 100 in, 25 out
├─ ${LLM}
${['├─', '├─', '├─']
  .map(
    (branch) => `${branch} tool weather · ok
│  └─ ${LLM}`,
  )
  .join('\n')}
└─ ${LLM}`,
  },
  {
    name: 'calls inside a tool, with and without a name',
    program: async (kit) =>
      kept(
        await kit.sdk.generateText({
          model: kit.model([ask('Rome'), { text: ['fine'] }]),
          tools: {
            weather: weather(kit, async () => {
              const inner = { model: kit.model([ask('Rome'), { text: ['fine'] }]), prompt }
              const tools = { weather: weather(kit) }
              const telemetry = { isEnabled: false, functionId: 'summary' }
              await kit.sdk.generateText({ ...inner, tools, ...kit.steps(2) })
              await kit.sdk.embed({ model: kit.embeddings(2), value: 'abc' })
              const model = kit.model([{ text: ['short'] }])
              const named = { model, prompt, experimental_telemetry: telemetry }
              return (await kit.sdk.generateText(named)).finishReason
            }),
          },
          prompt,
          ...kit.steps(4),
        }),
      ),
    tree: `generateText · ok · 103 in, 25 out
├─ ${LLM}
├─ tool weather · ok
│  ├─ ${LLM}
│  ├─ tool weather · ok
│  ├─ ${LLM}
│  ├─ llm embeddings text-embedding-3-small · ok · 3 in
│  └─ other summary · ok
│     └─ ${LLM}
└─ ${LLM}`,
  },
  {
    name: 'a call inside a tool that fails itself',
    program: async (kit) =>
      kept(
        await kit.sdk.generateText({
          model: kit.model([ask('Rome'), { text: ['fine'] }]),
          tools: {
            weather: weather(kit, async () => {
              const failing = {
                model: kit.model([{ errors: [new TypeError('no model')] }]),
                prompt,
              }
              const unfit = { model: kit.model([{ text: ['{"sum":"five"}'] }]), prompt }
              const schema = kit.z.object({ sum: kit.z.number() })
              return [
                nameOf(await thrownBy(() => kit.sdk.generateText({ ...failing, maxRetries: 0 }))),
                nameOf(await thrownBy(() => kit.sdk.generateObject({ ...unfit, schema }))),
              ]
            }),
          },
          prompt,
          ...kit.steps(4),
        }),
      ),
    tree: `generateText · ok · 60 in, 15 out
├─ ${LLM}
├─ tool weather · ok
│  ├─ llm chat gpt-4o-mini · error (TypeError: no model)
│  └─ other generateObject · error (AI_NoObjectGeneratedError: No object generated: response did not match schema.…)
│     └─ ${LLM}
└─ ${LLM}`,
  },
  {
    name: 'generateObject',
    program: async ({ sdk, model, z }) =>
      (
        await sdk.generateObject({
          model: model([{ text: ['{"sum":5}'] }]),
          schema: z.object({ sum: z.number() }),
          prompt,
        })
      ).object,
    tree: `generateObject · ok · 20 in, 5 out\n└─ ${LLM}`,
    check: ({ traces }) => expect(traces[0]?.output).toEqual({ sum: 5 }),
  },
  {
    name: 'generateObject whose answer does not fit',
    program: async ({ sdk, model, z }) =>
      nameOf(
        await thrownBy(() =>
          sdk.generateObject({
            model: model([{ text: ['{"sum":"five"}'] }]),
            schema: z.object({ sum: z.number() }),
            prompt,
          }),
        ),
      ),
    tree: `generateObject · error (AI_NoObjectGeneratedError: No object generated: response did not match schema.…) · 20 in, 5 out\n└─ ${LLM}`,
    check: ({ traces }) => expect(JSON.stringify(traces[0]?.spans[0]?.output)).toContain('five'),
  },
  {
    name: 'streamObject',
    program: async ({ sdk, model, z }) => {
      const result = sdk.streamObject({
        model: model(slowly([{ text: ['{"su', 'm":', '5}'] }])),
        schema: z.object({ sum: z.number() }),
        prompt,
      })
      return [await readAll(result.partialObjectStream), await result.object]
    },
    tree: `streamObject · ok · 20 in, 5 out\n└─ ${LLM}`,
    check: ({ traces }) => expect(traces[0]?.output).toEqual({ sum: 5 }),
  },
  {
    name: 'streamObject with an error part',
    program: async ({ sdk, model, z }) => {
      const heard: unknown[] = []
      const result = sdk.streamObject({
        model: model([
          { text: ['{"sum":'], errorPart: new Error('hiccup'), finishReason: 'error' },
        ]),
        schema: z.object({ sum: z.number() }),
        prompt,
        onError: ({ error }: { error: unknown }) => {
          heard.push(nameOf(error))
        },
      })
      void result.object.catch(() => {})
      return [await readAll(result.partialObjectStream), heard]
    },
    tree: `streamObject · error (Error: hiccup) · 20 in, 5 out
└─ llm chat gpt-4o-mini · error (Error: hiccup) · 20 in, 5 out`,
  },
  {
    name: 'streamObject whose answer does not fit',
    program: async ({ sdk, model, z }) => {
      const finished: unknown[] = []
      const result = sdk.streamObject({
        model: model(slowly([{ text: ['{"sum":', '"five"}'] }])),
        schema: z.object({ sum: z.number() }),
        prompt,
        onFinish: ({ error }: { error: unknown }) => {
          finished.push(nameOf(error))
        },
      })
      const rejected = thrownBy(() => result.object)
      return [await readAll(result.partialObjectStream), nameOf(await rejected), finished]
    },
    tree: `streamObject · error (AI_NoObjectGeneratedError: No object generated: response did not match schema.…) · 20 in, 5 out\n└─ ${LLM}`,
  },
  {
    name: 'streamObject whose reader breaks off',
    program: async ({ sdk, model, z }) => {
      const result = sdk.streamObject({
        model: model(slowly([{ text: ['{"sum":', '5', ',"', 'a":1}'] }], 4)),
        schema: z.object({ sum: z.number() }),
        prompt,
      })
      void result.object.catch(() => {})
      const reader = result.partialObjectStream.getReader()
      const first = await reader.read()
      await reader.cancel()
      return first
    },
    tree: 'streamObject · cancelled\n└─ llm chat gpt-4o-mini · cancelled',
  },
  {
    name: 'generateText with an output schema that does not fit',
    program: async ({ sdk, model, z, major }) => {
      const schema = z.object({ sum: z.number() })
      const error = await thrownBy(async () => {
        const result = await sdk.generateText({
          model: model([{ text: ['{"sum":"five"}'] }]),
          prompt,
          [major >= 6 ? 'output' : 'experimental_output']: sdk.Output.object({ schema }),
        })
        return major >= 6 ? result.output : result.experimental_output
      })
      return nameOf(error)
    },
    tree: `generateText · error (AI_NoObjectGeneratedError: No object generated: response did not match schema.…) · 20 in, 5 out\n└─ ${LLM}`,
  },
  {
    name: 'a tool that yields preliminary results',
    program: async (kit) => {
      const result = kit.sdk.streamText({
        model: kit.model(slowly([ask('Rome'), { text: ['fine'] }])),
        tools: {
          weather: weather(kit, async function* ({ city }: { city: string }) {
            yield `looking at ${city}`
            await pause(2)
            yield `fine in ${city}`
          }),
        },
        prompt,
        ...kit.steps(4),
      })
      return readAll(result.fullStream)
    },
    tree: oneToolTree('streamText', 'tool weather · ok'),
    check: ({ traces }) => expect(spanNamed(traces[0], 'weather')?.output).toBe('fine in Rome'),
  },
  {
    name: 'a step that chooses another model',
    program: async (kit) => {
      const own = kit.model([ask('Rome')])
      const other = kit.model([ask('Rome'), { text: ['fine'] }], { modelId: 'gpt-4o' })
      const seen: unknown[] = []
      const result = await kit.sdk.generateText({
        model: own,
        tools: { weather: weather(kit) },
        prompt,
        ...kit.steps(4),
        ...kit.prepareStep((step) => {
          const { stepNumber, model } = step as { stepNumber: number; model: unknown }
          seen.push(model === own)
          return stepNumber === 0 ? undefined : { model: other }
        }),
      })
      return [kept(result), seen]
    },
    tree: `generateText · ok · 40 in, 10 out
├─ ${LLM}
├─ tool weather · ok
└─ llm chat gpt-4o · ok · 20 in, 5 out`,
    check: ({ traces }) =>
      expect(traces[0]?.spans.at(-1)?.metadata).toMatchObject({
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.response.model': 'gpt-4o-2024-07-18',
      }),
  },
  providerTool('generateText'),
  providerTool('streamText'),
  {
    name: 'microtasks between a model, its tools and the next request',
    program: async (kit) => {
      let ticks = 0
      const steps: unknown[] = []
      const note = (event: string): void => {
        steps.push([event, ticks])
        ticks = 0
      }
      // Ends by itself where a version waits for a timer.
      const tick = (left: number): void => {
        ticks += 1
        if (left > 0) {
          queueMicrotask(() => tick(left - 1))
        }
      }
      queueMicrotask(() => tick(2000))
      await kit.sdk.generateText({
        model: kit.model([ask('Rome'), { text: ['fine'] }], { log: note }),
        tools: {
          weather: weather(kit, async () => {
            note('tool')
            return 'sunny'
          }),
        },
        prompt,
        ...kit.steps(2),
      })
      // The first call of a process has more to set up.
      return steps.slice(1)
    },
    tree: oneToolTree('generateText', 'tool weather · ok'),
  },
  toolSearch('generateText'),
  toolSearch('streamText'),
  {
    name: 'tools that are called by another tool',
    program: async (kit) => {
      const compute = (run: (tools: Readonly<Record<string, Callable>>) => unknown) =>
        kit.tool({
          schema: kit.z.object({}),
          execute: (_: unknown, options: unknown) => run(toolsOf(options)),
        })
      let inner: Readonly<Record<string, Callable>> = {}
      const toolsOf = (options: unknown) =>
        Object.fromEntries(
          Object.entries(inner).map(([name, tool]) => [
            name,
            { execute: (input: unknown) => tool.execute(input, options) },
          ]),
        )
      const code = kit.sdk.experimental_toolCaller?.(
        compute(() => Promise.reject(new Error('not bound'))),
        {
          type: 'local',
          bind: (tools: Readonly<Record<string, Callable>>) => {
            inner = tools
            return compute(async ({ weather: tool }) => {
              await pause(1)
              const cities = ['Paris', 'Berlin'].map((city) => tool?.execute({ city }, {}))
              return (await Promise.all(cities)).join(', ')
            })
          },
        },
      )
      return kept(
        await kit.sdk.generateText({
          model: kit.model([
            { calls: ['call_1', 'call_2'].map((id) => ({ id, name: 'code', input: {} })) },
            { text: ['fine'] },
          ]),
          tools: { code, weather: weather(kit) },
          experimental_toolCallers: { weather: ['code'] },
          prompt,
          ...kit.steps(3),
        }),
      )
    },
    tree: `generateText · ok · 40 in, 10 out
├─ ${LLM}
${[1, 2]
  .map(() => `├─ tool code · ok\n│  ├─ tool weather · ok\n│  └─ tool weather · ok`)
  .join('\n')}
└─ ${LLM}`,
    check: ({ traces }) => {
      expect(spanNamed(traces[0], 'code')?.output).toBe('sunny in Paris, sunny in Berlin')
    },
  },
  {
    name: 'a tool of the client, answered in the next turn',
    program: async (kit) => {
      const id = `client_${Math.random().toString(36).slice(2)}`
      const tools = { locate: kit.tool({ schema: kit.z.object({}) }) }
      const script = [
        { calls: [{ id, name: 'locate', input: {} }] },
        { text: ['You are in Rome.'] },
      ]
      const messages: unknown[] = [{ role: 'user', content: 'Where am I?' }]
      const first = await kit.sdk.generateText({ model: kit.model(script), tools, messages })
      const answer =
        kit.major === 4 ? { result: 'Rome' } : { output: { type: 'text', value: 'Rome' } }
      const next = [
        ...messages,
        ...first.response.messages,
        {
          role: 'tool',
          content: [{ type: 'tool-result', toolCallId: id, toolName: 'locate', ...answer }],
        },
      ]
      const second = await kit.sdk.generateText({ model: kit.model(script), tools, messages: next })
      return [first.finishReason, second.text]
    },
    tree: `generateText · ok · 20 in, 5 out
├─ ${LLM}
└─ tool locate · interrupted
generateText · ok · 20 in, 5 out
├─ tool locate · ok
└─ ${LLM}`,
    check: ({ traces }) => {
      expect(traces[1]?.metadata['trulayer.resumed_from']).toBe(traces[0]?.id)
      expect(spanNamed(traces[1], 'locate')?.output).toBe('Rome')
    },
  },
  approval({ name: 'a call that a person allows', approved: true, isStreamed: false }),
  approval({ name: 'a call that a person refuses', approved: false, isStreamed: false }),
  approval({ name: 'a call in a stream that a person allows', approved: true, isStreamed: true }),
  approval({ name: 'a call in a stream that a person refuses', approved: false, isStreamed: true }),
  {
    name: 'one agent in ten runs at once',
    program: async (kit) => {
      const agent = kit.agent({
        id: 'support',
        model: kit.model(slowly(LOOP, 1)),
        tools: { weather: weather(kit) },
        ...kit.steps(4),
        experimental_telemetry: { functionId: 'support' },
      })
      const results = await Promise.all(
        Array.from({ length: 10 }, () => agent.generate({ prompt })),
      )
      return results.map(({ text }) => text)
    },
    tree: Array.from({ length: 10 }, () => loopTree('support')).join('\n'),
  },
  {
    name: 'an agent that streams',
    program: async (kit) => {
      const agent = kit.agent({
        id: 'support',
        model: kit.model(slowly(LOOP, 1)),
        tools: { weather: weather(kit) },
        ...kit.steps(4),
        experimental_telemetry: { functionId: 'support' },
      })
      const result = await agent.stream({ prompt })
      await result.consumeStream()
      return result.text
    },
    tree: loopTree('support'),
  },
  {
    name: 'embeddings of one text and of many',
    program: async ({ sdk, embeddings }) => [
      await sdk.embed({ model: embeddings(2), value: 'abc' }),
      (await sdk.embedMany({ model: embeddings(2), values: ['a', 'bb', 'ccc'] })).embeddings,
    ],
    tree: `embed · ok · 3 in
└─ llm embeddings text-embedding-3-small · ok · 3 in
embedMany · ok · 9 in
├─ llm embeddings text-embedding-3-small · ok · 6 in
└─ llm embeddings text-embedding-3-small · ok · 3 in`,
    check: ({ traces }) => {
      expect(traces[0]?.spans[0]).toMatchObject({
        model: 'text-embedding-3-small',
        input: ['abc'],
        output: { vectors: 1, dimensions: 3 },
      })
      for (const { metadata } of traces.flatMap(({ spans }) => spans)) {
        expect(metadata).toMatchObject({
          'gen_ai.operation.name': 'embeddings',
          'gen_ai.request.model': 'text-embedding-3-small',
        })
      }
      expect(traces[1]).toMatchObject({
        input: ['a', 'bb', 'ccc'],
        output: { vectors: 3, dimensions: 3 },
      })
    },
  },
  {
    name: 'texts that are ranked anew',
    program: async ({ sdk, reranking }) =>
      (
        await sdk.rerank?.({ model: reranking(), query: 'rain', documents: ['sun', 'rain'] })
      )?.ranking.map(({ originalIndex, score }) => [originalIndex, score]),
    tree: 'rerank · ok\n└─ llm rerank rerank-v3 · ok',
    check: ({ traces }) => {
      const ranking = [
        { index: 1, relevanceScore: 0.9 },
        { index: 0, relevanceScore: 0.1 },
      ]
      expect(traces[0]?.input).toBe('rain')
      expect(traces[0]?.spans[0]).toMatchObject({
        input: { query: 'rain', documents: ['sun', 'rain'] },
        output: ranking,
        metadata: { 'gen_ai.operation.name': 'rerank', 'gen_ai.request.model': 'rerank-v3' },
      })
    },
  },
  {
    name: 'a model by its id',
    program: async (kit) => {
      const model = kit.model([{ text: ['hello'] }])
      Reflect.set(
        globalThis,
        'AI_SDK_DEFAULT_PROVIDER',
        kit.sdk.customProvider({ languageModels: { 'openai/gpt-4o-mini': model } }),
      )
      onTestFinished(() => {
        Reflect.deleteProperty(globalThis, 'AI_SDK_DEFAULT_PROVIDER')
      })
      return kept(await kit.sdk.generateText({ model: 'openai/gpt-4o-mini', prompt }))
    },
    tree: `generateText · ok · 20 in, 5 out\n└─ ${LLM}`,
  },
  modelOutOfReach('generated'),
  modelOutOfReach('streamed'),
  {
    name: 'a model of the specification before',
    program: async (kit) =>
      kept(
        await kit.sdk.generateText({
          model: kit.model(LOOP, { specification: 3 }),
          tools: { weather: weather(kit) },
          prompt,
          ...kit.steps(4),
        }),
      ),
    tree: loopTree('generateText'),
  },
  {
    name: 'a wrong call that is repaired by asking again, with the tools of the call',
    program: async (kit) => {
      const result = await kit.sdk.generateText({
        model: kit.model([wrongInput, { text: ['Sunny.'] }]),
        tools: { weather: weather(kit) },
        prompt,
        ...kit.steps(3),
        experimental_repairToolCall: async ({ toolCall, tools }: RepairOptions) => {
          const again = await kit.sdk.generateText({
            model: kit.model([ask('Rome')]),
            tools,
            prompt: 'repair',
            experimental_telemetry: { isEnabled: false, functionId: 'repair' },
          })
          const [call] = again.toolCalls ?? []
          const input = JSON.stringify(call?.input ?? call?.args)
          return { ...toolCall, [kit.major === 4 ? 'args' : 'input']: input }
        },
      })
      return kept(result)
    },
    tree: `generateText · ok · 60 in, 15 out
├─ ${LLM}
├─ other repair · ok
│  ├─ ${LLM}
│  └─ tool weather · ok
├─ tool weather · ok
└─ ${LLM}`,
  },
  toolsHandedOn('as they are'),
  toolsHandedOn('with another description'),
  {
    name: 'tools that are frozen or of a class',
    program: async (kit) => {
      class Weather {
        readonly #answer = 'secretly sunny';
        readonly [key: string]: unknown
        constructor() {
          Object.assign(this, weather(kit), { execute: undefined })
          Reflect.deleteProperty(this, 'execute')
        }
        execute(): string {
          return this.#answer
        }
      }
      const frozen = Object.freeze(weather(kit))
      const own = new Weather()
      const results = await Promise.all(
        [frozen, own].map((tool) =>
          kit.sdk.generateText({
            model: kit.model([ask('Rome'), { text: ['fine'] }]),
            tools: { weather: tool },
            prompt,
            ...kit.steps(4),
          }),
        ),
      )
      return results.map((result) => result.steps[0]?.toolResults)
    },
    tree: [1, 2].map(() => oneToolTree('generateText', 'tool weather · ok')).join('\n'),
  },
  {
    name: 'a stream that nobody reads',
    program: async ({ sdk, model }) => {
      sdk.streamText({ model: model([{ text: ['hello'] }]), prompt })
      await pause(20)
    },
    tree: `streamText · incomplete · 20 in, 5 out\n└─ ${LLM}`,
    client: { limits: { streamIdle: 50 } },
    check: ({ traces }) => expect(traces[0]?.output).toBe('hello'),
  },
  {
    name: 'a stream that nobody reads asks the provider for no more',
    program: async ({ sdk, model }) => {
      const log: string[] = []
      const many = Array.from({ length: 60 }, (_, index) => `word${index} `)
      sdk.streamText({
        model: model(slowly([{ text: many }], 1), { log: (event) => log.push(event) }),
        prompt,
      })
      await untilQuiet(log)
      return log
    },
    tree: 'streamText · incomplete\n└─ llm chat gpt-4o-mini · incomplete',
    settle: async (client) => {
      await client.flush({ open: 'close' })
    },
    check: ({ traces }) => expect(traces[0]?.output).toMatch(/^word0 /),
  },
  {
    name: 'a call that keeps its inputs and outputs to itself',
    program: async (kit) =>
      (
        await kit.sdk.generateText({
          model: kit.model([ask('Rome'), { text: ['fine'] }]),
          tools: { weather: weather(kit) },
          prompt,
          ...kit.steps(4),
          experimental_telemetry: { isEnabled: false, recordInputs: false, recordOutputs: false },
        })
      ).text,
    tree: oneToolTree('generateText', 'tool weather · ok'),
    check: ({ traces }) => {
      expect(traces[0]).toMatchObject({ input: undefined, output: undefined })
      for (const { input, output } of traces[0]?.spans ?? []) {
        expect([input, output]).toEqual([undefined, undefined])
      }
    },
  },
  {
    name: 'a call that names its session in its telemetry',
    program: async ({ sdk, model }) =>
      (
        await sdk.generateText({
          model: model([{ text: ['hello'] }]),
          prompt,
          experimental_telemetry: {
            isEnabled: false,
            functionId: 'greet',
            metadata: { sessionId: 'chat-2', userId: 'user-7' },
          },
        })
      ).text,
    tree: `greet · ok · 20 in, 5 out\n└─ ${LLM}`,
    session: 'chat-2',
    check: ({ traces }) => expect(traces[0]?.userId).toBe('user-7'),
  },
  {
    name: 'a result that is hard to copy',
    program: async (kit) => {
      const circular: Record<string, unknown> = { big: 1n, bytes: new Uint8Array(300) }
      circular['self'] = circular
      let given: unknown
      const result = await kit.sdk.generateText({
        model: kit.model([ask('Rome')]),
        tools: {
          weather: {
            ...weather(kit, () => {
              given = circular
              return circular
            }),
            toModelOutput: () => ({ type: 'text', value: 'a lot' }),
          },
        },
        prompt,
      })
      const [first] = result.steps[0]?.toolResults ?? []
      const { result: old, output } = first as { result?: unknown; output?: unknown }
      return [given === (output ?? old), result.finishReason]
    },
    tree: `generateText · ok · 20 in, 5 out
├─ ${LLM}
└─ tool weather · ok`,
    check: ({ traces }) =>
      expect(spanNamed(traces[0], 'weather')?.output).toEqual({
        big: '1',
        bytes: { type: 'blob', bytes: 300 },
        self: '[Circular]',
      }),
  },
]

function loopTree(name: string): string {
  return `${name} · ok · 40 in, 10 out
├─ ${LLM}
├─ tool weather · ok
├─ tool weather · ok
├─ tool weather · ok
└─ ${LLM}`
}

function oneToolTree(name: string, tool: string): string {
  return `${name} · ok · 40 in, 10 out\n├─ ${LLM}\n├─ ${tool}\n└─ ${LLM}`
}

function checkLoop(trace: FinishedTrace | undefined): void {
  expect(trace?.output).toBe('Sunny everywhere.')
  const tools = trace?.spans.filter(({ type }) => type === 'tool') ?? []
  expect(
    tools
      .map(({ input, output }) => [input, output])
      .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  ).toEqual([
    [{ city: 'Berlin' }, 'sunny in Berlin'],
    [{ city: 'Paris' }, 'sunny in Paris'],
    [{ city: 'Rome' }, 'sunny in Rome'],
  ])
  const last = trace?.spans.at(-1)
  expect(last?.input).toHaveLength(5)
}

/* The turn and the calls that it stopped have that reason. */
function checkReasons(trace: FinishedTrace | undefined, reason: string): void {
  const stopped = trace?.spans.filter(({ status }) => status !== 'ok') ?? []
  expect(stopped.length).toBeGreaterThan(0)
  expect([trace, ...stopped].map((run) => run?.metadata['trulayer.reason'])).toEqual(
    [trace, ...stopped].map(() => reason),
  )
}

const WRONG = [
  {
    calls: [
      { id: 'call_1', name: 'weather', input: { town: 'Rome' } },
      { id: 'call_2', name: 'nope', input: { a: 1 } },
    ],
  },
  { text: ['Sorry.'] },
]

function wrongTree(name: string): string {
  return `${name} · ok · 40 in, 10 out
├─ ${LLM}
├─ tool weather · error (AI_InvalidToolInputError: Invalid input for tool weather: …)
├─ tool nope · error (AI_NoSuchToolError: Model tried to call unavailable tool 'nope'. Available tools: weather.)
└─ ${LLM}`
}

/* The text, the reason and the steps of a call, in one piece or as a stream. */
async function called(kit: Kit, isStreamed: boolean, options: object): Promise<TextResult> {
  if (!isStreamed) {
    return kit.sdk.generateText(options)
  }
  const result = kit.sdk.streamText(options)
  await result.consumeStream()
  const { text, finishReason, usage, steps, response } = result
  return {
    text: await text,
    finishReason: await finishReason,
    usage: await usage,
    steps: await steps,
    response: await response,
  }
}

function providerTool(name: 'generateText' | 'streamText'): Scenario {
  return {
    name: `a tool that the provider executes, ${name}`,
    program: async (kit) =>
      kept(
        await called(kit, name === 'streamText', {
          model: kit.model([
            {
              calls: [
                { id: 'ws_1', name: 'web_search', input: { q: 'x' }, providerResult: { hits: 3 } },
              ],
              text: ['found'],
            },
          ]),
          tools: {
            web_search: {
              type: kit.major === 5 ? 'provider-defined' : 'provider',
              id: 'openai.web_search',
              name: 'web_search',
              isProviderExecuted: true,
              args: {},
              inputSchema: kit.z.object({}),
              outputSchema: kit.z.object({}),
            },
          },
          prompt,
        }),
      ),
    tree: `${name} · ok · 20 in, 5 out
├─ ${LLM}
└─ tool web_search · ok`,
    check: ({ traces }) => {
      const tool = spanNamed(traces[0], 'web_search')
      expect(tool).toMatchObject({ input: { q: 'x' }, output: { hits: 3 } })
      expect(tool?.metadata['trulayer.synthetic']).toBe(true)
    },
  }
}

interface ToolOptions {
  readonly abortSignal?: AbortSignal
}

interface MiddlewareCall {
  readonly params: { readonly prompt: unknown }
  readonly model: { readonly doGenerate: (params: unknown) => Promise<unknown> }
  readonly doGenerate: () => Promise<unknown>
  readonly doStream: () => Promise<{ readonly stream: ReadableStream<unknown> }>
}

/* The cache of the SDK's documentation. */
function cachingMiddleware(kit: Kit) {
  const answers = new Map<string, unknown>()
  const streams = new Map<string, unknown[]>()
  return {
    specificationVersion: `v${kit.major - 3}`,
    wrapGenerate: async ({ doGenerate, params }: MiddlewareCall) => {
      const key = JSON.stringify(params.prompt)
      const answer = answers.get(key) ?? (await doGenerate())
      answers.set(key, answer)
      return answer
    },
    wrapStream: async ({ doStream, params }: MiddlewareCall) => {
      const key = JSON.stringify(params.prompt)
      const known = streams.get(key)
      if (known !== undefined) {
        const stream = new ReadableStream({
          start: (controller) => {
            known.forEach((part) => controller.enqueue(part))
            controller.close()
          },
        })
        return { stream, rawCall: { rawPrompt: null, rawSettings: {} } }
      }
      const { stream, ...rest } = await doStream()
      const parts: unknown[] = []
      streams.set(key, parts)
      const recording = new TransformStream({
        transform: (part, controller) => {
          parts.push(part)
          controller.enqueue(part)
        },
      })
      return { ...rest, stream: stream.pipeThrough(recording) }
    },
  }
}

function expectCached(run: BothWays, expected: readonly unknown[]): void {
  expect(
    run.traces.flatMap(({ spans }) => spans.map(({ metadata }) => metadata['trulayer.cached'])),
  ).toEqual(expected)
}

function cachedAnswers(way: 'seen by wrapLanguageModel' | 'seen by trulayerMiddleware'): Scenario {
  return {
    name: `cached answers, ${way}`,
    program: async (kit, set) => {
      const isOurs = way === 'seen by trulayerMiddleware'
      const model = (isOurs ? (set.ai as Kit['sdk']) : kit.sdk).wrapLanguageModel({
        model: kit.model([{ text: ['hello'] }]),
        middleware: [cachingMiddleware(kit), ...(isOurs ? [trulayerMiddleware()] : [])],
      })
      const texts: string[] = []
      for (const question of [prompt, prompt, 'another', 'another']) {
        texts.push((await kit.sdk.generateText({ model, prompt: question })).text)
      }
      return texts
    },
    tree: [LLM, CACHED, LLM, CACHED]
      .map((llm) => `generateText · ok · ${llm.split(' · ').at(-1)}\n└─ ${llm}`)
      .join('\n'),
    check: (run) => expectCached(run, [undefined, true, undefined, true]),
  }
}

function cachedStreams(): Scenario {
  return {
    name: 'cached streams, and models with two layers',
    program: async (kit) => {
      const below = kit.sdk.wrapLanguageModel({
        model: kit.model([{ text: words, delay: 2 }]),
        middleware: cachingMiddleware(kit),
      })
      const model = kit.sdk.wrapLanguageModel({ model: below, middleware: {} })
      const read = async () => {
        const result = kit.sdk.streamText({ model, prompt })
        await result.consumeStream()
        return result.text
      }
      const first = await read()
      return [first, ...(await Promise.all([read(), read()]))]
    },
    tree: [LLM, CACHED, CACHED]
      .map((llm) => `streamText · ok · ${llm.split(' · ').at(-1)}\n└─ ${llm}`)
      .join('\n'),
    check: (run) => expectCached(run, [undefined, true, true]),
  }
}

/* A middleware that asks another model, or the model by itself, is no cache. */
function anotherModel(): Scenario {
  return {
    name: 'middleware that asks another model',
    program: async (kit) => {
      const other = kit.model([{ text: ['from another'] }]) as {
        doGenerate(params: unknown): Promise<unknown>
      }
      const texts: string[] = []
      const ways = [
        { wrapGenerate: ({ params }: MiddlewareCall) => other.doGenerate(params) },
        { wrapGenerate: ({ params, model }: MiddlewareCall) => model.doGenerate(params) },
      ]
      for (const middleware of ways) {
        const model = kit.sdk.wrapLanguageModel({
          model: kit.model([{ text: ['hello'] }], { modelId: 'gpt-4o' }),
          middleware: { specificationVersion: `v${kit.major - 3}`, ...middleware },
        })
        texts.push((await kit.sdk.generateText({ model, prompt })).text)
      }
      return texts
    },
    tree: [1, 2]
      .map(() => `generateText · ok · 20 in, 5 out\n└─ ${LLM.replace('-mini', '')}`)
      .join('\n'),
    check: (run) => expectCached(run, [undefined, undefined]),
  }
}

/* Eleven tools at once and eleven streams: a runtime warns of a signal with more than ten listeners. */
function sharedSignal(): Scenario {
  const counts: Record<string, { most: number; now: number }> = {}
  const many = Array.from({ length: 11 }, (_, index) => index)
  return {
    name: 'many tools and streams that share a signal',
    program: async (kit) => {
      const { signal } = new AbortController()
      counts[kit.isRecorded ? 'recorded' : 'bare'] = countListeners(signal)
      const call = {
        tools: { weather: weather(kit) },
        prompt,
        ...kit.steps(3),
        abortSignal: signal,
      }
      const { text } = await kit.sdk.generateText({
        ...call,
        model: kit.model([ask(...many.map((index) => `City ${index}`)), { text: ['Sunny.'] }]),
      })
      const streams = many.map(async () => {
        const result = kit.sdk.streamText({
          ...call,
          model: kit.model(slowly([{ text: words }], 1)),
        })
        await result.consumeStream()
        return result.text
      })
      return [text, await Promise.all(streams)]
    },
    tree: [
      `generateText · ok · 40 in, 10 out\n├─ ${LLM}\n${'├─ tool weather · ok\n'.repeat(11)}└─ ${LLM}`,
      ...many.map(() => `streamText · ok · 20 in, 5 out\n└─ ${LLM}`),
    ].join('\n'),
    check: () => {
      const { bare, recorded } = counts
      expect(recorded?.most).toBeLessThanOrEqual((bare?.most ?? 0) + 1)
      expect(recorded?.now).toBe(bare?.now)
    },
  }
}

/* Counts the listeners of a signal, as those of the runtime are counted before it warns. */
function countListeners(signal: AbortSignal): { most: number; now: number } {
  const listeners = new Set<unknown>()
  const count = { most: 0, now: 0 }
  const wrap = (name: 'addEventListener' | 'removeEventListener', note: (l: unknown) => void) => {
    const original = signal[name].bind(signal) as (...parameters: unknown[]) => void
    Object.defineProperty(signal, name, {
      value: (...parameters: unknown[]) => {
        note(parameters[1])
        count.now = listeners.size
        count.most = Math.max(count.most, listeners.size)
        original(...parameters)
      },
    })
  }
  wrap('addEventListener', (listener) => listeners.add(listener))
  wrap('removeEventListener', (listener) => listeners.delete(listener))
  return count
}

/* A tool that stops its own work: the call itself is not stopped. */
function ownStop(why: keyof typeof STOPS): Scenario {
  const { signal, error } = STOPS[why]
  return {
    name: `a tool that stops by ${why === 'abort' ? 'an abort' : 'a time limit'} of its own`,
    program: async (kit) => {
      const tools = { weather: weather(kit, () => pause(10_000, signal())) }
      const call = { tools, prompt, ...kit.steps(3) }
      const script = [ask('Rome'), { text: ['Not now.'] }]
      const streamed = await readAll(
        kit.sdk.streamText({ ...call, model: kit.model(script), onError: () => {} }).fullStream,
      )
      try {
        return [
          streamed.parts.at(-1)?.type,
          kept(await kit.sdk.generateText({ ...call, model: kit.model(script) })),
        ]
      } catch (thrown) {
        return [streamed.parts.at(-1)?.type, nameOf(thrown)]
      }
    },
    tree: ['streamText', 'generateText']
      .map((name) => oneToolTree(name, `tool weather · error (${error})`))
      .join('\n'),
    check: ({ traces }) => {
      expect(traces).toHaveLength(2)
      for (const trace of traces) {
        expect(spanNamed(trace, 'weather')?.metadata['trulayer.reason']).toBe(
          why === 'abort' ? undefined : 'timeout',
        )
      }
    },
  }
}

/* The signal of the call fires while a tool runs, which listens. */
function stoppedTool({
  name,
  why,
}: {
  readonly name: 'generateText' | 'streamText'
  readonly why: 'abort' | 'time limit'
}): Scenario {
  const reason = new TypeError('the user has left')
  const status =
    why === 'abort' ? 'cancelled' : 'error (TimeoutError: The operation was aborted due to timeout)'
  return {
    name: `${why === 'abort' ? 'an abort' : 'a time limit'} while a tool runs, ${name}`,
    program: async (kit) => {
      const controller = new AbortController()
      const options = {
        model: kit.model([ask('Rome'), { text: ['never'], delay: 60_000 }]),
        tools: {
          weather: weather(kit, (_input: unknown, { abortSignal }: ToolOptions) => {
            setTimeout(() => controller.abort(reason), 10)
            return pause(10_000, abortSignal)
          }),
        },
        prompt,
        ...kit.steps(3),
        abortSignal: why === 'abort' ? controller.signal : AbortSignal.timeout(50),
      }
      if (name === 'generateText') {
        return nameOf(await thrownBy(() => kit.sdk.generateText(options)))
      }
      const result = kit.sdk.streamText({ ...options, onError: () => {} })
      const { parts, thrown } = await readAll(result.fullStream)
      return [parts.at(-1)?.type, thrown]
    },
    tree: `${name} · ${status} · 20 in, 5 out
├─ ${LLM}
└─ tool weather · ${status}`,
    check: ({ traces }) => checkReasons(traces[0], why === 'abort' ? 'aborted' : 'timeout'),
  }
}

/* A time limit that is an option of the call. */
function limitOfTheSDK({
  name,
  limit,
}: {
  readonly name: 'generateText' | 'streamText'
  readonly limit: 'totalMs' | 'stepMs' | 'chunkMs'
}): Scenario {
  const message = {
    totalMs: 'The operation was aborted due to timeout',
    stepMs: 'Step timeout of 40ms exceeded',
    chunkMs: 'Chunk timeout of 40ms exceeded',
  }
  const status = `error (TimeoutError: ${message[limit]})`
  return {
    name: `the time limit ${limit} of ${name}`,
    program: async (kit) => {
      const options = {
        model: kit.model([
          name === 'generateText'
            ? { text: words, delay: 60_000 }
            : { text: words, delay: 2, stallsAt: 4 },
        ]),
        prompt,
        timeout: { [limit]: 40 },
      }
      if (name === 'generateText') {
        return nameOf(await thrownBy(() => kit.sdk.generateText(options)))
      }
      const result = kit.sdk.streamText({ ...options, onError: () => {} })
      const { parts, thrown } = await readAll(result.fullStream)
      return [parts.at(-1)?.type, thrown]
    },
    tree: `${name} · ${status}\n└─ llm chat gpt-4o-mini · ${status}`,
    check: ({ traces }) => checkReasons(traces[0], 'timeout'),
  }
}

/* A time limit of the SDK for a tool ends that tool alone. */
function limitOfATool(name: 'generateText' | 'streamText'): Scenario {
  return {
    name: `a time limit for the tools of ${name}`,
    program: async (kit) =>
      kept(
        await called(kit, name === 'streamText', {
          model: kit.model([ask('Rome'), { text: ['Not now.'] }]),
          tools: {
            weather: weather(kit, (_input: unknown, { abortSignal }: ToolOptions) =>
              pause(10_000, abortSignal),
            ),
          },
          prompt,
          ...kit.steps(3),
          timeout: { toolMs: 20 },
        }),
      ),
    tree: oneToolTree(
      name,
      'tool weather · error (TimeoutError: The operation was aborted due to timeout)',
    ),
    check: ({ traces }) =>
      expect(spanNamed(traces[0], 'weather')?.metadata['trulayer.reason']).toBe('timeout'),
  }
}

const wrongInput = { calls: [{ id: 'call_1', name: 'weather', input: { town: 'Rome' } }] }

interface RepairOptions {
  readonly toolCall: object
  readonly tools: object
}

/* The function that repairs a call hands the tools that it gets to a call inside it. */
function toolsHandedOn(way: 'as they are' | 'with another description'): Scenario {
  return {
    name: `tools of a call that are handed to a call inside it, ${way}`,
    program: async (kit) => {
      class Weather {
        readonly #answer = 'secretly sunny';
        readonly [key: string]: unknown
        constructor() {
          Object.assign(this, weather(kit))
          Reflect.deleteProperty(this, 'execute')
        }
        execute(): string {
          return this.#answer
        }
      }
      const inner: unknown[] = []
      const result = await kit.sdk.generateText({
        model: kit.model([wrongInput, { text: ['Sunny.'] }]),
        tools: { weather: weather(kit), other: new Weather() },
        prompt,
        ...kit.steps(3),
        experimental_repairToolCall: async ({ toolCall, tools }: RepairOptions) => {
          for (const tool of Object.values(tools)) {
            const looked = await kit.sdk.generateText({
              model: kit.model([ask('Rome'), { text: ['fine'] }]),
              tools: {
                weather: way === 'as they are' ? tool : { ...tool, description: 'Another one' },
              },
              prompt: 'look',
              ...kit.steps(2),
              experimental_telemetry: { isEnabled: false, functionId: 'inner' },
            })
            inner.push(kept(looked))
          }
          return { ...toolCall, [kit.major === 4 ? 'args' : 'input']: '{"city":"Rome"}' }
        },
      })
      return [inner, kept(result)]
    },
    // A copy of an instance has no methods: its call is for the client.
    tree: `generateText · ok · ${way === 'as they are' ? '120 in, 30' : '100 in, 25'} out
├─ ${LLM}
├─ other inner · ok
│  ├─ ${LLM}
│  ├─ tool weather · ok
│  └─ ${LLM}
├─ other inner · ok
│  ├─ ${LLM}
${way === 'as they are' ? `│  ├─ tool weather · ok\n│  └─ ${LLM}` : '│  └─ tool weather · interrupted'}
├─ tool weather · ok
└─ ${LLM}`,
  }
}

function textOf(part: Part): string {
  const text = part['text'] ?? part['textDelta']
  return typeof text === 'string' ? text : ''
}

/* A transform that hides digits from the reader. */
function hideDigits(): TransformStream<Part, Part> {
  return new TransformStream({
    transform: (part, controller) => {
      const text = textOf(part).replaceAll(/\d/g, '*')
      const key = 'textDelta' in part ? 'textDelta' : 'text'
      controller.enqueue(part.type === 'text-delta' ? { ...part, [key]: text } : part)
    },
  })
}

function masked(way: 'part by part' | 'as a response' | 'as promises'): Scenario {
  return {
    name: `a transform that changes the text, read ${way}`,
    program: async (kit) => {
      const result = kit.sdk.streamText({
        model: kit.model(slowly([ask('Rome'), { text: ['Your card ', 'ends in ', '4242.'] }])),
        tools: { weather: weather(kit) },
        prompt,
        ...kit.steps(3),
        experimental_transform: hideDigits,
      })
      switch (way) {
        case 'part by part': {
          const [texts] = await Promise.all([readAll(result.textStream), result.consumeStream()])
          return texts.parts
        }
        case 'as a response':
          await (
            kit.major === 4 ? result.toDataStreamResponse() : result.toUIMessageStreamResponse()
          ).text()
          return result.text
        case 'as promises':
          await result.consumeStream()
          return [await result.text, (await result.steps).map(({ text }) => text)]
        default:
          return way satisfies never
      }
    },
    tree: oneToolTree('streamText', 'tool weather · ok'),
    check: ({ traces }) => {
      expect(traces[0]?.output).toBe('Your card ends in ****.')
      expect(JSON.stringify(traces[0]?.spans.at(-1)?.output)).toContain('4242')
    },
  }
}

interface Callable {
  execute(input: unknown, options: unknown): unknown
}

function toolSearch(name: 'generateText' | 'streamText'): Scenario {
  return {
    name: `a search for tools, ${name}`,
    program: async (kit) =>
      kept(
        await called(kit, name === 'streamText', {
          model: kit.model(
            slowly([
              { calls: [{ id: 'call_1', name: 'search', input: { query: 'weather' } }] },
              ask('Rome'),
              { calls: [{ id: 'call_1', name: 'search', input: { query: 'nothing' } }] },
            ]),
          ),
          tools: {
            search: kit.sdk.toolSearch?.(),
            weather: { ...weather(kit), deferLoading: true },
          },
          prompt,
          ...kit.steps(3),
        }),
      ),
    tree: `${name} · ok · 60 in, 15 out
├─ ${LLM}
├─ tool search · ok
├─ ${LLM}
├─ tool weather · ok
├─ ${LLM}
└─ tool search · ok`,
    check: ({ traces }) => {
      const spans = traces[0]?.spans.toSorted((a, b) => a.startedAt - b.startedAt) ?? []
      const [first, search, second] = spans
      expect(search?.output).toEqual({
        tools: [{ name: 'weather', description: 'The weather of a city' }],
      })
      expect(search?.startedAt).toBeGreaterThanOrEqual(first?.endedAt ?? Infinity)
      expect(search?.endedAt).toBeLessThanOrEqual(second?.startedAt ?? 0)
      expect(spans.at(-1)).toMatchObject({
        input: { query: 'nothing' },
        output: { tools: [] },
      })
    },
  }
}

function approval({
  name,
  approved,
  isStreamed,
}: {
  name: string
  approved: boolean
  isStreamed: boolean
}): Scenario {
  return {
    name,
    program: async (kit) => {
      const tools = {
        weather: kit.tool({
          schema: kit.z.object({ city: kit.z.string() }),
          needsApproval: true,
          execute: () => 'sunny',
        }),
      }
      const script = [ask('Rome'), { text: ['done'] }]
      const messages: unknown[] = [{ role: 'user', content: prompt }]
      const first = await called(kit, isStreamed, { model: kit.model(script), tools, messages })
      const request = first.steps[0]?.content?.find(({ type }) => type === 'tool-approval-request')
      const second = await called(kit, isStreamed, {
        model: kit.model(script),
        tools,
        messages: [
          ...messages,
          ...first.response.messages,
          {
            role: 'tool',
            content: [
              { type: 'tool-approval-response', approvalId: request?.['approvalId'], approved },
            ],
          },
        ],
      })
      return [first.finishReason, second.text]
    },
    tree: approvalTree(isStreamed ? 'streamText' : 'generateText', approved ? 'ok' : 'cancelled'),
    check: ({ traces }) => {
      expect(traces[1]?.metadata['trulayer.resumed_from']).toBe(traces[0]?.id)
      expect(spanNamed(traces[0], 'weather')?.metadata['trulayer.reason']).toBe('approval')
      expect(spanNamed(traces[1], 'weather')?.metadata['trulayer.reason']).toBe(
        approved ? undefined : 'rejected',
      )
    },
  }
}

function approvalTree(name: string, status: string): string {
  return `${name} · ok · 20 in, 5 out
├─ ${LLM}
└─ tool weather · interrupted
${name} · ok · 20 in, 5 out
├─ tool weather · ${status}
└─ ${LLM}`
}

function modelOutOfReach(way: 'generated' | 'streamed'): Scenario {
  return {
    name: `a model by its id, with no provider at hand, ${way}`,
    program: async (kit) => {
      const model = kit.model([ask('Paris', 'Berlin', 'Rome'), ask('Oslo'), ...LOOP.slice(1)])
      let asked = 0
      // Whoever stands before the SDK asks first, and gets nothing.
      Reflect.set(globalThis, 'AI_SDK_DEFAULT_PROVIDER', {
        specificationVersion: `v${kit.major - 3}`,
        languageModel: () => {
          asked += 1
          return kit.isRecorded && asked === 1 ? undefined : model
        },
      })
      onTestFinished(() => {
        Reflect.deleteProperty(globalThis, 'AI_SDK_DEFAULT_PROVIDER')
      })
      const call = {
        model: 'openai/gpt-4o-mini',
        tools: { weather: weather(kit) },
        prompt,
        ...kit.steps(4),
      }
      if (way === 'generated') {
        return kept(await kit.sdk.generateText(call))
      }
      const { parts } = await readAll(kit.sdk.streamText(call).fullStream)
      return parts.map(({ type }) => type).toSorted()
    },
    tree: `${way === 'streamed' ? 'streamText' : 'generateText'} · ok · 60 in, 15 out
├─ ${LLM}
├─ tool weather · ok
├─ tool weather · ok
├─ tool weather · ok
├─ ${LLM}
├─ tool weather · ok
└─ ${LLM}`.replaceAll('chat gpt-4o-mini', 'chat openai/gpt-4o-mini'),
    check: ({ traces }) => {
      const calls = traces[0]?.spans.filter(({ type }) => type === 'llm') ?? []
      expect(calls.map(({ metadata }) => metadata['trulayer.synthetic'])).toEqual([
        true,
        true,
        true,
      ])
      expect(traces[0]?.output).toBe('Sunny everywhere.')
    },
  }
}

/** Runs every scenario on a version of the SDK. */
export function runScenarios(set: SDKSet): void {
  const known = scenarios.filter(({ name }) => !isMissing(set.name, name))
  test.each(known)(
    '$name',
    async ({ name, program, tree, session, mayBeLate, check, ...options }) => {
      const run = await bothWays(set, (kit) => program(kit, set), options)
      expect(shorten(run.tree)).toBe(expectedTree(set.name, name, tree))
      expect(run.seen).toEqual(run.bare)
      expect(run.client.stats().traces).toMatchObject({
        open: 0,
        ...(mayBeLate !== true && { late: 0 }),
      })
      expect(new Set(run.traces.map(({ sessionId }) => sessionId))).toEqual(
        new Set([session ?? 'chat-1']),
      )
      check?.(run, set)
    },
  )
}
