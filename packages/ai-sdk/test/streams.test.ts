import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { spanTree } from '@trulayer/core/testing'
import * as ai from 'ai'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { canonicalModel, canonicalTools } from '../../../test/support/ai-sdk-agents.ts'
import {
  type ScriptedModelOptions,
  scriptedModel,
  type ScriptedTurn,
} from '../../../test/support/ai-sdk-scripted-model.ts'
import { untilQuiet } from '../../../test/support/until-quiet.ts'
import { type AI, bothWays, pause, readAll, recording } from './support.ts'

const prompt = 'hi'
const words = ['one ', 'two ', 'three ', 'four ', 'five ']
/* More than the buffers of the SDK hold, so that a reader decides how far the provider is read. */
const long = Array.from({ length: 60 }, (_, index) => `word${index} `)

function speaker(turn: ScriptedTurn = {}, options: ScriptedModelOptions = {}) {
  return scriptedModel([{ text: words, delay: 3, ...turn }], options)
}

function garbageCollector(): () => void {
  setFlagsFromString('--expose_gc')
  return runInNewContext('gc') as () => void
}

let unhandled: unknown[]
const onUnhandled = (error: unknown): void => {
  unhandled.push(error)
}

beforeEach(() => {
  unhandled = []
  process.on('unhandledRejection', onUnhandled)
})

afterEach(async () => {
  await pause(5)
  process.off('unhandledRejection', onUnhandled)
  vi.restoreAllMocks()
  // oxlint-disable-next-line vitest/no-standalone-expect -- it is part of every test
  expect(unhandled).toEqual([])
})

describe('a stream that fails', () => {
  test('with an error part goes on to its end and is an error', async () => {
    const mistake = new Error('overloaded')
    const { seen, bare, tree, capture } = await bothWays(async (sdk) => {
      const heard: unknown[] = []
      const result = sdk.streamText({
        model: speaker({ errorPart: mistake, finishReason: 'error' }),
        prompt,
        onError: ({ error }) => {
          heard.push(error)
        },
      })
      return { ...(await readAll(result.fullStream)), heard }
    })
    expect(tree).toBe(`streamText · error (Error: overloaded) · 20 in, 5 out
└─ llm chat gpt-4o-mini · error (Error: overloaded) · 20 in, 5 out`)
    expect(seen).toEqual(bare)
    expect(seen.heard[0]).toBe(mistake)
    expect(capture.traces[0]?.spans[0]?.output).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: words.join('') }] },
    ])
  })

  test('midway is an error with what had come, and throws the same error', async () => {
    const death = new Error('socket hang up')
    const { seen, bare, tree, capture } = await bothWays(async (sdk) => {
      const result = sdk.streamText({
        model: speaker({ breaksWith: death }),
        prompt,
        onError: () => {},
      })
      return readAll(result.textStream)
    })
    expect(tree).toBe(`streamText · error (Error: socket hang up)
└─ llm chat gpt-4o-mini · error (Error: socket hang up)`)
    expect(seen).toEqual(bare)
    expect(capture.traces[0]?.spans[0]?.output).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: words.join('') }] },
    ])
    expect(capture.traces[0]?.output).toBe(words.join(''))
  })

  test('before it begins is an error, which the SDK prints as ever', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
    const refusal = new Error('no such model')
    const { seen, bare, tree } = await bothWays(async (sdk) => {
      printed.mockClear()
      const result = sdk.streamText({ model: speaker({ errors: [refusal] }), prompt })
      const read = await readAll(result.fullStream)
      return { ...read, printed: [...printed.mock.calls] }
    })
    expect(tree).toBe(`streamText · error (Error: no such model)
└─ llm chat gpt-4o-mini · error (Error: no such model)`)
    expect(seen).toEqual(bare)
    expect(seen.printed[0]).toContain(refusal)
  })
})

describe('a stream that is stopped', () => {
  test.each([
    ['no reason', undefined, 'cancelled', 'aborted'],
    ['a reason of the program', 'changed my mind', 'cancelled', 'aborted'],
    ['an error of the program', new TypeError('changed my mind'), 'cancelled', 'aborted'],
    [
      'a time limit',
      new DOMException('too slow', 'TimeoutError'),
      'error (TimeoutError: too slow)',
      'timeout',
    ],
  ])('by an abort with %s', async (_name, why, outcome, reason) => {
    const { seen, bare, tree, capture } = await bothWays(async (sdk) => {
      const controller = new AbortController()
      const result = sdk.streamText({
        model: speaker(),
        prompt,
        abortSignal: controller.signal,
      })
      const parts: unknown[] = []
      for await (const part of result.fullStream) {
        parts.push(part)
        if (parts.length === 5) {
          controller.abort(why)
        }
      }
      return { kinds: parts.map((part) => Reflect.get(Object(part), 'type')), last: parts.at(-1) }
    })
    expect(tree).toBe(`streamText · ${outcome}\n└─ llm chat gpt-4o-mini · ${outcome}`)
    expect(seen).toEqual(bare)
    expect(seen.kinds.at(-1)).toBe('abort')
    const trace = capture.traces[0]
    expect(trace?.metadata['trulayer.reason']).toBe(reason)
    expect(trace?.spans[0]?.metadata['trulayer.reason']).toBe(reason)
    expect(trace?.spans[0]?.usage).toBeUndefined()
    expect(trace?.output).toMatch(/^one two /)
  })

  test('by the time limit of the call', async () => {
    const { seen, bare, tree, capture } = await bothWays(async (sdk) => {
      const result = sdk.streamText({
        model: speaker({ delay: 20 }),
        prompt,
        timeout: { totalMs: 60 },
      })
      const { parts } = await readAll(result.fullStream)
      return parts.at(-1)?.type
    })
    const error = 'error (TimeoutError: The operation was aborted due to timeout)'
    expect(tree).toBe(`streamText · ${error}\n└─ llm chat gpt-4o-mini · ${error}`)
    expect(seen).toBe('abort')
    expect(seen).toEqual(bare)
    expect(capture.traces[0]?.metadata['trulayer.reason']).toBe('timeout')
  })

  test.each(['textStream', 'fullStream'] as const)(
    'by a reader of %s who breaks off is cancelled',
    async (way) => {
      const { seen, bare, tree, capture } = await bothWays(async (sdk) => {
        const log: string[] = []
        const result = sdk.streamText({
          model: speaker({ text: long, delay: 0 }, { log: (event) => log.push(event) }),
          prompt,
        })
        let parts = 0
        for await (const part of result[way]) {
          parts += part === undefined ? 0 : 1
          if (parts === 2) {
            break
          }
        }
        await untilQuiet(log)
        return { parts, log }
      })
      expect(tree).toBe('streamText · cancelled\n└─ llm chat gpt-4o-mini · cancelled')
      expect(seen).toEqual(bare)
      const trace = capture.traces[0]
      expect(trace?.metadata['trulayer.reason']).toBe('reader left')
      expect(trace?.spans[0]?.usage).toBeUndefined()
      expect(trace?.endedAt).toBe(trace?.spans[0]?.endedAt)
    },
  )

  test('by a reader who breaks off at the very end is ok', async () => {
    const { tree } = await bothWays(async (sdk) => {
      for await (const part of sdk.streamText({ model: speaker(), prompt }).fullStream) {
        if (part.type === 'finish') {
          break
        }
      }
    })
    expect(tree).toBe(`streamText · ok · 20 in, 5 out
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`)
  })

  test.each(['toTextStreamResponse', 'toUIMessageStreamResponse'] as const)(
    'by a client that disconnects from %s is cancelled',
    async (way) => {
      const { seen, bare, tree } = await bothWays(async (sdk) => {
        const log: string[] = []
        const result = sdk.streamText({
          model: speaker({ text: long, delay: 0 }, { log: (event) => log.push(event) }),
          prompt,
        })
        const reader = result[way]().body?.getReader()
        const first = await reader?.read()
        await reader?.cancel('client went away')
        await untilQuiet(log)
        return { first: new TextDecoder().decode(first?.value), log }
      })
      expect(tree).toBe('streamText · cancelled\n└─ llm chat gpt-4o-mini · cancelled')
      expect(seen).toEqual(bare)
    },
  )

  test('by its only reader goes on when the program reads on', async () => {
    const { seen, bare, tree } = await bothWays(async (sdk) => {
      const result = sdk.streamText({ model: speaker(), prompt })
      const reader = result.textStream.getReader()
      await reader.read()
      await reader.cancel()
      return { text: await result.text, usage: await result.usage }
    })
    expect(tree).toBe(`streamText · ok · 20 in, 5 out
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`)
    expect(seen).toEqual(bare)
    expect(seen.text).toBe(words.join(''))
  })

  test('by one of two readers is ok when the other one reads on', async () => {
    const { seen, bare, tree } = await bothWays(async (sdk) => {
      const result = sdk.streamText({ model: speaker(), prompt })
      const all = readAll(result.textStream)
      const reader = result.fullStream.getReader()
      await reader.read()
      await reader.cancel()
      return all
    })
    expect(tree).toBe(`streamText · ok · 20 in, 5 out
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`)
    expect(seen).toEqual(bare)
  })

  test('while its tools run is cancelled, and so are they', async () => {
    const { seen, bare, tree } = await bothWays(async (sdk) => {
      const controller = new AbortController()
      const slow = sdk.tool({
        inputSchema: canonicalTools.weather.inputSchema,
        execute: async (_input, { abortSignal }) => {
          await new Promise((_resolve, reject) => {
            abortSignal?.addEventListener('abort', () => reject(abortSignal.reason))
          })
          return 'never'
        },
      })
      const result = sdk.streamText({
        model: canonicalModel(),
        tools: {
          weather: slow,
          calculator: sdk.tool({
            inputSchema: canonicalTools.calculator.inputSchema,
            execute: ({ a, b }) => {
              // When this one has returned, and the others have not.
              setImmediate(() => controller.abort())
              return String(a + b)
            },
          }),
        },
        stopWhen: sdk.isStepCount(4),
        prompt,
        abortSignal: controller.signal,
      })
      const { parts } = await readAll(result.fullStream)
      return parts.at(-1)?.type
    })
    expect(tree).toBe(`streamText · cancelled · 20 in, 5 out
├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
├─ tool calculator · ok
├─ tool weather · cancelled
└─ tool weather · cancelled`)
    expect(seen).toBe('abort')
    expect(seen).toEqual(bare)
  })
})

describe('a stream that nobody reads', () => {
  test('stays open, asks the provider for no more than without us, and is closed on request', async () => {
    const program = async (sdk: AI): Promise<string[]> => {
      const log: string[] = []
      sdk.streamText({
        model: speaker({ text: long, delay: 0 }, { log: (event) => log.push(event) }),
        prompt,
      })
      await untilQuiet(log)
      return log
    }
    const { ai: recorded, client, capture } = recording()
    const seen = await program(recorded)
    expect(client.stats().traces.open).toBe(1)
    expect(seen).toEqual(await program(ai))
    await client.flush({ open: 'close' })
    expect(capture.traces.map((trace) => spanTree(trace))).toEqual([
      'streamText · incomplete\n└─ llm chat gpt-4o-mini · incomplete',
    ])
    expect(capture.traces[0]?.output).toMatch(/^word0 word1 /)
    expect(JSON.stringify(capture.traces[0]?.spans[0]?.output)).toContain('word0 word1 ')
  })

  test('is closed when it is collected, with what had come', async () => {
    const collect = garbageCollector()
    const { ai: recorded, client, capture } = recording()
    const abandon = async (): Promise<void> => {
      const model = speaker({ text: long, delay: 0 })
      recorded.streamText({ model, prompt })
      const left = recorded.streamText({ model, prompt })
      await left.toTextStreamResponse().body?.getReader().read()
    }
    await abandon()
    for (let round = 0; round < 50 && client.stats().traces.open > 0; round += 1) {
      collect()
      await pause(10)
    }
    expect(client.stats().traces.open).toBe(0)
    expect(capture.traces.map((trace) => spanTree(trace))).toEqual([
      'streamText · incomplete\n└─ llm chat gpt-4o-mini · incomplete',
      'streamText · incomplete\n└─ llm chat gpt-4o-mini · incomplete',
    ])
    for (const trace of capture.traces) {
      expect(trace.metadata['trulayer.reason']).toBe('never read')
      expect(trace.output).toMatch(/^word0 word1 /)
    }
  })

  test('stays open when only a reader is collected, since the result can be read again', async () => {
    const collect = garbageCollector()
    const { ai: recorded, client, capture } = recording()
    const result = recorded.streamText({ model: speaker({ text: long, delay: 0 }), prompt })
    const abandon = async (): Promise<void> => {
      await result.textStream.getReader().read()
    }
    await abandon()
    for (let round = 0; round < 10; round += 1) {
      collect()
      await pause(5)
    }
    expect(client.stats().traces.open).toBe(1)
    expect(await result.text).toBe(long.join(''))
    expect((await capture.last()).status).toBe('ok')
  })

  test('is one of three hundred, which are all closed', async () => {
    const { ai: recorded, client, capture } = recording()
    for (let index = 0; index < 300; index += 1) {
      recorded.streamText({ model: speaker({ delay: undefined }), prompt })
    }
    await pause(20)
    expect(client.stats().traces.open).toBe(300)
    await client.flush({ open: 'close' })
    expect(client.stats().traces.open).toBe(0)
    expect(new Set(capture.traces.map((trace) => trace.status))).toEqual(new Set(['incomplete']))
    expect(capture.traces).toHaveLength(300)
  })
})

describe('a route that returns a streaming response from inside trace()', () => {
  /* Silent for longer than a trace waits for what is left open, so that only the stream can keep it. */
  const slow = { wait: 1300, delay: undefined }
  const llm = 'llm chat gpt-4o-mini · ok · 20 in, 5 out'

  test.each([
    [
      'streamText',
      `└─ ${llm}`,
      (sdk: AI) => sdk.streamText({ model: speaker(slow), prompt }).toUIMessageStreamResponse(),
    ],
    [
      'an agent',
      `└─ other support · ok\n   └─ ${llm}`,
      async (sdk: AI) => {
        const agent = new sdk.ToolLoopAgent({ id: 'support', model: speaker(slow) })
        return (await agent.stream({ prompt })).toTextStreamResponse()
      },
    ],
  ])('of %s leaves whole after the stream', async (_name, shown, respond) => {
    const { ai: recorded, client, capture } = recording()
    const began = performance.now()
    const response = await client.trace('POST /chat', () => respond(recorded))
    expect(client.stats().traces.open).toBe(1)
    expect(await response.text()).toContain('five ')
    const trace = await capture.last()
    expect(performance.now() - began).toBeGreaterThan(1200)
    expect(spanTree(trace)).toBe(`POST /chat · ok · 20 in, 5 out
${shown}`)
    expect(trace).toMatchObject({ input: prompt, output: words.join('') })
    expect(capture.traces).toHaveLength(1)
  })
})

describe('two streams one after the other in a response', () => {
  const llm = 'llm chat gpt-4o-mini · ok · 20 in, 5 out'
  const options = { sessionId: 'chat-1', userId: 'user-7' }

  async function bothIn(
    sdk: AI,
    writer: ai.UIMessageStreamWriter,
    between: () => Promise<void> = async () => {},
  ): Promise<void> {
    const first = sdk.streamText({ model: speaker(), prompt })
    writer.merge(first.toUIMessageStream({ sendFinish: false }))
    await first.text
    await between()
    const second = sdk.streamText({ model: speaker(), prompt })
    writer.merge(second.toUIMessageStream({ sendStart: false }))
  }

  test('of a route inside trace() are of one session and user', async () => {
    const { ai: recorded, client, capture } = recording()
    const response = await client.trace(
      'POST /chat',
      async () =>
        ai.createUIMessageStreamResponse({
          stream: ai.createUIMessageStream({
            execute: ({ writer }) => bothIn(recorded, writer, () => pause(20)),
          }),
        }),
      options,
    )
    await response.text()
    await pause(20)
    expect(capture.traces.map(spanTree)).toEqual([
      `POST /chat · ok · 20 in, 5 out\n└─ ${llm}`,
      `streamText · ok · 20 in, 5 out\n└─ ${llm}`,
    ])
    for (const trace of capture.traces) {
      expect(trace).toMatchObject(options)
    }
  })

  test('are one trace with trace() around both', async () => {
    const { ai: recorded, client, capture } = recording()
    const stream = ai.createUIMessageStream({
      execute: ({ writer }) =>
        client.trace('chat', () => bothIn(recorded, writer, () => pause(20)), options),
    })
    await ai.createUIMessageStreamResponse({ stream }).text()
    await capture.last()
    expect(capture.traces.map(spanTree)).toEqual([
      `chat · ok · 40 in, 10 out\n├─ ${llm}\n└─ ${llm}`,
    ])
    expect(capture.traces[0]).toMatchObject(options)
  })
})
