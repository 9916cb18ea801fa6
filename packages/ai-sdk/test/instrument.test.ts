import * as ai from 'ai'
import { TruLayer } from '@trulayer/core'
import { captureTraces, spanTree } from '@trulayer/core/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { canonicalModel, canonicalTools } from '../../../test/support/ai-sdk-agents.ts'
import { scriptedModel } from '../../../test/support/ai-sdk-scripted-model.ts'
import { instrumentAISDK, registerTruLayer, trulayerTraceId } from '../src/index.ts'
import { type AI, bothWays, pause, readAll, recording } from './support.ts'

const prompt = 'hi'
const model = (): ReturnType<typeof scriptedModel> => scriptedModel([{ text: 'hello' }])

const HELLO_TREE = `generateText · ok · 20 in, 5 out
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`

describe('the namespace', () => {
  test('stays as it is, and its copy has everything else of it', () => {
    const { generateText } = ai
    const { ai: recorded } = recording()
    expect(ai.generateText).toBe(generateText)
    expect(recorded.generateText).not.toBe(generateText)
    expect(Object.keys(recorded)).toEqual(Object.keys(ai))
    expect(recorded.tool).toBe(ai.tool)
    expect(recorded.generateText.name).toBe('generateText')
  })

  test.each([
    ['a part of it', { generateText: ai.generateText }],
    ['a frozen one', Object.freeze({ ...ai })],
    [
      'one with getters, as from CommonJS',
      Object.defineProperty({ ...ai }, 'generateText', {
        get: () => ai.generateText,
        enumerable: true,
      }),
    ],
  ])('may be %s', async (_name, part) => {
    const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false })
    const capture = captureTraces({ client })
    await instrumentAISDK(part, { client }).generateText({ model: model(), prompt })
    expect(spanTree(await capture.last())).toBe(HELLO_TREE)
  })

  test('may throw for what it has and for what it lacks', async () => {
    const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false })
    const capture = captureTraces({ client })
    const broken = new Error('not loaded')
    const exports = Object.defineProperty({ generateText: ai.generateText }, 'streamText', {
      get: () => {
        throw broken
      },
      enumerable: true,
    })
    const namespace = new Proxy(exports as unknown as AI, {
      get: (target, key) => {
        if (key in target) {
          return Reflect.get(target, key)
        }
        throw new Error(`no export ${String(key)}`)
      },
    })
    const recorded = instrumentAISDK(namespace, { client })
    expect(() => recorded.streamText).toThrow(broken)
    await recorded.generateText({ model: model(), prompt })
    expect(spanTree(await capture.last())).toBe(HELLO_TREE)
  })

  test('that is instrumented twice records once', async () => {
    const { ai: recorded, client, capture } = recording()
    const twice = instrumentAISDK(recorded, { client })
    expect(twice.generateText).toBe(recorded.generateText)
    await twice.generateText({ model: model(), prompt })
    await new twice.ToolLoopAgent({ model: model() }).generate({ prompt })
    await capture.last()
    expect(capture.traces.map((trace) => spanTree(trace))).toEqual([
      HELLO_TREE,
      HELLO_TREE.replace('generateText', 'agent'),
    ])
  })
})

describe('what goes wrong with us', () => {
  test('is told once where there is nothing to record', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => warn.mockRestore())
    const part = { tool: ai.tool }
    expect(instrumentAISDK(part)).toEqual(part)
    instrumentAISDK({})
    expect(warn.mock.calls.flat()).toEqual([
      '[trulayer] instrumentAISDK() found nothing to record in what it was given: pass the namespace, `import * as ai from "ai"`.',
    ])
  })

  test('names registerTruLayer for agents that report to it', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => warn.mockRestore())
    instrumentAISDK({ WorkflowAgent: () => {} })
    expect(warn.mock.calls.flat()).toEqual([
      '[trulayer] instrumentAISDK() does not record WorkflowAgent and HarnessAgent: call registerTruLayer(ai) with the namespace of ai 7, which they report to.',
    ])
  })

  test('is said at once where there is no namespace, as with a default import', () => {
    const missing = Reflect.get(ai, 'default') as typeof ai
    expect(() => instrumentAISDK(missing)).toThrow(
      'instrumentAISDK() needs the namespace of the AI SDK, which has no default export: `import * as ai from "ai"`.',
    )
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => warn.mockRestore())
    registerTruLayer(missing)()
    expect(warn.mock.calls.flat().join('\n')).toContain('registerTruLayer() needs ai 7')
  })

  test('is not seen by the program where an exporter throws', async () => {
    const exporting = vi.fn(() => {
      throw new Error('a broken exporter')
    })
    const told: string[] = []
    const client = new TruLayer({
      exporters: [{ export: exporting }],
      exitHooks: false,
      logger: { debug() {}, warn: (line) => told.push(line), error: (line) => told.push(line) },
    })
    const recorded = instrumentAISDK(ai, { client })
    const generated = await recorded.generateText({ model: model(), prompt })
    const streamed = await recorded.streamText({ model: model(), prompt }).text
    await client.flush()
    expect([generated.text, streamed]).toEqual(['hello', 'hello'])
    expect(exporting).toHaveBeenCalledTimes(2)
    expect(client.stats().traces.dropped).toEqual({ export_failed: 2 })
    expect(told.join('\n')).toContain('An exporter failed')
  })

  test('is hidden where the namespace throws for everything', () => {
    const fail = (): never => {
      throw new Error('not loaded')
    }
    const namespace = new Proxy(
      {},
      { get: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail, has: fail },
    )
    expect(Object.keys(instrumentAISDK(namespace))).toEqual([])
  })
})

describe('a client that records nothing', () => {
  test.each([
    ['because it is off', { mode: 'off' as const }],
    ['because it has no key', { logger: { debug() {}, warn() {}, error() {} } }],
  ])('%s hands everything through', async (_name, options) => {
    const client = new TruLayer({ exitHooks: false, ...options })
    const generateText = vi.fn(ai.generateText)
    const streamText = vi.fn(ai.streamText)
    const recorded = instrumentAISDK({ ...ai, generateText, streamText }, { client })
    const call = { model: model(), prompt, tools: canonicalTools }
    const result = await recorded.generateText(call)
    await recorded.streamText(call).consumeStream()
    expect(generateText.mock.calls[0]?.[0]).toBe(call)
    expect(streamText.mock.calls[0]?.[0]).toBe(call)
    expect(result.text).toBe('hello')
    expect(trulayerTraceId(result)).toBeUndefined()
    const agent = new recorded.ToolLoopAgent({ model: canonicalModel(), tools: canonicalTools })
    expect((await agent.generate({ prompt })).steps).toHaveLength(2)
    expect(client.stats().traces.recorded).toBe(0)
  })

  test('because the program suppressed it hands everything through', async () => {
    const { ai: recorded, client, capture } = recording()
    const text = await client.suppress(async () => {
      const agent = new recorded.ToolLoopAgent({ model: canonicalModel(), tools: canonicalTools })
      const first = await agent.generate({ prompt })
      const second = recorded.streamText({ model: model(), prompt })
      return first.text + (await second.text)
    })
    expect(text).toBe('Sunny in both, and 5.hello')
    expect(client.stats().traces.open).toBe(0)
    expect(capture.traces).toEqual([])
  })
})

describe('a turn', () => {
  test('belongs to the session that is in force', async () => {
    const { ai: recorded, client, capture } = recording()
    const agent = new recorded.ToolLoopAgent({ id: 'support', model: model() })
    await client.withSession({ sessionId: 'chat-42', userId: 'u-1', tags: ['beta'] }, async () => {
      await agent.generate({ prompt })
      await (await agent.stream({ prompt })).consumeStream()
      await readAll(recorded.streamText({ model: model(), prompt }).textStream)
    })
    await capture.last()
    expect(capture.traces).toHaveLength(3)
    for (const trace of capture.traces) {
      expect(trace).toMatchObject({ sessionId: 'chat-42', userId: 'u-1', tags: { beta: 'true' } })
    }
  })

  test('inside trace() is a span of it', async () => {
    const { ai: recorded, client, capture } = recording()
    await client.trace('answer', async (trace) => {
      const messages: ai.ModelMessage[] = [{ role: 'user', content: prompt }]
      const { text } = await recorded.generateText({ model: model(), messages })
      trace.setOutput(text)
    })
    const trace = await capture.last()
    expect(trace).toMatchObject({ input: 'hi', output: 'hello' })
    expect(spanTree(trace)).toBe(`answer · ok · 20 in, 5 out
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`)
  })

  test('is found by its result', async () => {
    const { ai: recorded, capture } = recording()
    const generated = await recorded.generateText({ model: model(), prompt })
    const streamed = recorded.streamText({ model: model(), prompt })
    const traceId = trulayerTraceId(streamed)
    await streamed.consumeStream()
    await capture.last()
    expect(capture.traces.map(({ id }) => id)).toEqual([trulayerTraceId(generated), traceId])
    expect(trulayerTraceId({})).toBeUndefined()
  })

  test.each([
    ['the prompt', { prompt: 'question' }, 'question'],
    [
      'the latest message',
      {
        messages: [
          { role: 'user', content: 'first' },
          { role: 'assistant', content: 'answer' },
          { role: 'user', content: [{ type: 'text', text: 'question' }] },
        ] satisfies ai.ModelMessage[],
      },
      'question',
    ],
  ])('shows %s as its input', async (_name, input, expected) => {
    const { ai: recorded, capture } = recording()
    await recorded.generateText({ model: model(), ...input })
    expect((await capture.last()).input).toBe(expected)
  })

  test('is one of a thousand, none of which stays open', async () => {
    const { ai: recorded, client } = recording()
    const agent = new recorded.ToolLoopAgent({
      id: 'support',
      model: scriptedModel([
        { toolCalls: [{ id: 'call_0', name: 'add', input: { a: 1, b: 2 } }] },
        { text: 'three' },
      ]),
      tools: { add: { ...canonicalTools.calculator, execute: () => 'three' } },
    })
    for (let index = 0; index < 250; index += 1) {
      await Promise.all([
        agent.generate({ prompt }),
        agent.generate({ prompt }),
        agent.stream({ prompt }).then((result) => result.consumeStream()),
        recorded.streamText({ model: model(), prompt }).consumeStream(),
      ])
    }
    await pause(0)
    expect(client.stats().traces).toMatchObject({ open: 0, recorded: 1000, late: 0 })
  }, 30_000)
})

describe('an agent', () => {
  test('keeps its class, its tools and the settings that its program sees', async () => {
    const { seen, bare, tree } = await bothWays(async (sdk) => {
      const own = model()
      const seenByProgram: unknown[] = []
      const agent = new sdk.ToolLoopAgent({
        id: 'support',
        model: own,
        tools: canonicalTools,
        prepareCall: (call) => {
          seenByProgram.push(
            call.model === own,
            call.tools === canonicalTools,
            Object.getOwnPropertySymbols(call).length,
          )
          return { ...call, prompt: 'prepared' }
        },
      })
      const { text } = await agent.generate({ prompt })
      return [
        text,
        agent instanceof sdk.ToolLoopAgent,
        agent.tools === canonicalTools,
        Object.keys(agent),
        ...seenByProgram,
        own.doGenerateCalls[0]?.prompt,
      ]
    })
    expect(tree).toBe(HELLO_TREE.replace('generateText', 'support'))
    expect(seen).toEqual(bare)
    expect(seen.slice(0, 3)).toEqual(['hello', true, true])
  })

  test('of the program’s own class is recorded once', async () => {
    const { seen, bare, tree } = await bothWays(async (sdk) => {
      class Polite extends sdk.ToolLoopAgent {
        override generate(options: Parameters<ai.ToolLoopAgent['generate']>[0]) {
          return super.generate({ prompt: `please: ${JSON.stringify(options.prompt)}` })
        }
      }
      const own = model()
      const agent = new Polite({ id: 'polite', model: own })
      const { text } = await agent.generate({ prompt })
      return [text, agent instanceof Polite, own.doGenerateCalls[0]?.prompt]
    })
    expect(tree).toBe(HELLO_TREE.replace('generateText', 'polite'))
    expect(seen).toEqual(bare)
  })

  test('without an id is called as its telemetry says', async () => {
    const { ai: recorded, capture } = recording()
    await new recorded.ToolLoopAgent({
      model: model(),
      telemetry: { functionId: 'greeter' },
    }).generate({ prompt })
    expect((await capture.last()).name).toBe('greeter')
  })

  test('whose call cannot be prepared fails with the same error', async () => {
    const mistake = new Error('no account')
    const { seen, tree } = await bothWays(async (sdk) => {
      const agent = new sdk.ToolLoopAgent({
        id: 'support',
        model: model(),
        prepareCall: () => {
          throw mistake
        },
      })
      return Promise.all([
        agent.generate({ prompt }).catch((error: unknown) => error),
        agent.stream({ prompt }).catch((error: unknown) => error),
      ])
    })
    expect(tree).toBe('support · error (Error: no account)\nsupport · error (Error: no account)')
    expect(seen).toEqual([mistake, mistake])
  })
})
