import { afterEach, describe, expect, test, vi } from 'vitest'
import { TruLayer } from '../../src/client/client.ts'
import { wrapHandler } from '../../src/client/wrap-handler.ts'
import { internalsOf } from '../../src/client/client-internals.ts'
import type { TruLayerOptions } from '../../src/client/options.ts'
import { startIngestServer, type IngestServer } from '../../../../test/support/ingest-server.ts'
import { eventually, pause, recording } from '../support.ts'

const places: PropertyKey[] = []

/* Puts something where a platform keeps it, for one test. */
function place(key: PropertyKey, value: unknown): void {
  places.push(key)
  Reflect.set(globalThis, key, value)
}

afterEach(() => {
  for (const key of places.splice(0)) {
    Reflect.deleteProperty(globalThis, key)
  }
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

function makeClient(server: IngestServer, options: TruLayerOptions = {}): TruLayer {
  // Nothing leaves by itself during a test.
  return new TruLayer({
    apiKey: 'tl_test',
    endpoint: server.url,
    flushInterval: 60_000,
    exitHooks: false,
    ...options,
  })
}

const namesIn = (server: IngestServer): string[] => server.traces.map((trace) => trace.name)

describe('waitUntil', () => {
  const ways: [string, PropertyKey, (context: object) => unknown][] = [
    ['Vercel', Symbol.for('@vercel/request-context'), (context) => ({ get: () => context })],
    ['Next.js', Symbol.for('@next/request-context'), (context) => ({ get: () => context })],
    ['OpenNext', Symbol.for('__cloudflare-context__'), (ctx) => ({ ctx })],
    ['Netlify', 'Netlify', (context) => ({ context })],
    ['Supabase', 'EdgeRuntime', (context) => context],
  ]

  test.each(ways)(
    'of %s is found and gets what ends when all is delivered',
    async (_, key, wrap) => {
      await using server = await startIngestServer()
      const client = makeClient(server)
      const promises: Promise<unknown>[] = []
      const context = {
        waitUntil(this: unknown, promise: Promise<unknown>): void {
          expect(this).toBe(context)
          promises.push(promise)
        },
      }
      place(key, wrap(context))
      await client.trace('one', () => 1)
      await client.trace('two', () => 2)
      expect([promises.length, server.requests.length]).toEqual([2, 0])
      await Promise.all(promises)
      expect(namesIn(server)).toEqual(['one', 'two'])
      expect(server.requests.length).toBe(1)
    },
  )

  test('of Next.js on a server of its own is found behind its fetch', async () => {
    await using server = await startIngestServer()
    const promises: Promise<unknown>[] = []
    const waitUntil = (promise: Promise<unknown>): void => void promises.push(promise)
    let store: unknown = { route: '/api/chat', afterContext: { waitUntil } }
    const { fetch } = globalThis
    const patched: typeof fetch = (input, options) => fetch(input, options)
    const getStatic = (): unknown => ({ getStore: () => store })
    vi.stubGlobal('fetch', Object.assign(patched, { __nextGetStaticStore: getStatic }))
    const client = makeClient(server)
    await client.trace('in a request', () => 1)
    expect(promises.length).toBe(1)
    await Promise.all(promises)
    expect(namesIn(server)).toEqual(['in a request'])
    // Before 15.1, and where no request is running.
    for (const other of [{ route: '/api/chat' }, undefined]) {
      store = other
      await client.trace('outside', () => 1)
    }
    expect([promises.length, namesIn(server)]).toEqual([1, ['in a request']])
  })

  test('is asked for anew in each request, and the option wins', async () => {
    await using server = await startIngestServer()
    const found: string[] = []
    const client = makeClient(server)
    const key = Symbol.for('@vercel/request-context')
    for (const request of ['first', 'second']) {
      place(key, { get: () => ({ waitUntil: () => found.push(request) }) })
      await client.trace('turn', () => 1)
    }
    const given = makeClient(server, { waitUntil: () => found.push('given') })
    await given.trace('turn', () => 1)
    expect(found).toEqual(['first', 'second', 'given'])
  })

  test('that throws outside of a request harms nobody', async () => {
    await using server = await startIngestServer()
    place(Symbol.for('@next/request-context'), {
      get: () => {
        throw new Error('no request')
      },
    })
    const client = makeClient(server, {
      waitUntil: () => {
        throw new Error('too late')
      },
      logger: { warn: () => {}, error: () => {} },
    })
    expect(await client.trace('turn', () => 1)).toBe(1)
  })

  test('a request whose own delivery never ends holds up no other', async () => {
    let isFirst = true
    await using server = await startIngestServer({
      answer: () => {
        const reply = isFirst ? ('hang' as const) : undefined
        isFirst = false
        return reply
      },
    })
    const promises: Promise<unknown>[] = []
    const client = makeClient(server, {
      timeout: 150,
      waitUntil: (promise) => promises.push(promise),
    })
    await client.trace('first', () => 1)
    await eventually(() => expect(server.requests.length).toBe(1))
    await client.trace('second', () => 1)
    await promises[1]
    await Promise.all(promises)
    expect(namesIn(server).toSorted()).toEqual(['first', 'second'])
  })
})

test('where requests of ours end with those of the host nothing is sent but for somebody who waits', async () => {
  place('EdgeRuntime', 'edge-runtime')
  await using server = await startIngestServer({ answer: () => undefined })
  const client = makeClient(server, { flushInterval: 1, batchSize: 1 })
  await client.trace('turn', () => 1)
  await pause(60)
  expect(server.requests.length).toBe(0)
  await client.flush()
  expect(namesIn(server)).toEqual(['turn'])
  const [trace] = server.traces
  const feedback = { traceId: trace?.id ?? '', label: 'good' } as const
  expect(await client.submitFeedback(feedback)).toEqual({ accepted: true })
})

test('there, a request that its host did not wait for is made again for the next that does', async () => {
  place('EdgeRuntime', 'edge-runtime')
  // By the attempt and not by the order, for the first may be late.
  await using server = await startIngestServer({
    answer: ({ headers }) => (headers['x-trulayer-attempt'] === '1' ? 'hang' : undefined),
  })
  const client = makeClient(server)
  await client.trace('turn', () => 1)
  expect(await client.flush({ timeout: 60 })).toMatchObject({ delivered: 0, pending: 1 })
  expect(client.stats().traces).toMatchObject({ queued: 1, inFlight: 0 })
  expect(await client.flush()).toMatchObject({ delivered: 1, pending: 0 })
})

test('on Lambda a batch leaves when its turn ends, since no timer can be trusted', async () => {
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'answer')
  await using server = await startIngestServer()
  const client = new TruLayer({ apiKey: 'tl_test', endpoint: server.url })
  const listeners = process.listenerCount('SIGTERM')
  await client.trace('turn', () => 1)
  expect(process.listenerCount('SIGTERM')).toBe(listeners)
  await eventually(() => expect(namesIn(server)).toEqual(['turn']))
})

describe('a wrapped handler', () => {
  test('delivers what it recorded before it answers, and closes its own turns alone', async () => {
    await using server = await startIngestServer()
    const client = makeClient(server)
    let release = (): void => {}
    const other = client.trace('other request', () => new Promise<void>((done) => (release = done)))
    const handler = wrapHandler(
      async (question: string) => {
        void client.trace('left open', () => new Promise(() => {}))
        await client.trace('turn', () => 1)
        return { answer: question }
      },
      { client },
    )
    expect(await handler('why')).toEqual({ answer: 'why' })
    expect(namesIn(server).toSorted()).toEqual(['left open', 'turn'])
    expect(client.stats().traces.open).toBe(1)
    release()
    await other
    await client.shutdown()
    expect(namesIn(server)).toContain('other request')
  })

  test('returns and throws what it did, with its `this` and its parameters', async () => {
    await using server = await startIngestServer()
    const client = makeClient(server, { failMode: 'block' })
    const error = new Error('mine')
    const options = { client, timeout: 50 }
    await expect(wrapHandler(() => Promise.reject(error), options)()).rejects.toBe(error)
    const thrower = wrapHandler((): number => {
      throw error
    }, options)
    expect(() => thrower()).toThrow(error)
    const plain = { base: 2, add: wrapHandler(add, options) }
    expect(plain.add(1, 2)).toBe(5)
  })

  test('answers in time although the service hangs', async () => {
    await using server = await startIngestServer({ answer: () => 'hang' })
    const client = makeClient(server)
    const handler = wrapHandler(
      async (_event: object, _context: { getRemainingTimeInMillis(): number }) => {
        await client.trace('turn', () => 1)
        return 'done'
      },
      { client },
    )
    const startedAt = performance.now()
    expect(await handler({}, { getRemainingTimeInMillis: () => 300 })).toBe('done')
    expect(performance.now() - startedAt).toBeLessThan(8000)
    expect(client.stats().traces).toMatchObject({ inFlight: 1, dropped: {} })
  })

  test('of Lambda with a callback delivers before the answer, and is not cut', async () => {
    await using server = await startIngestServer()
    const client = makeClient(server)
    const failure = new Error('no answer')
    const handler = wrapHandler(
      (
        event: { fails: boolean },
        _context: { getRemainingTimeInMillis: () => number },
        callback: (error: unknown, answer?: string) => void,
      ): void => {
        const work = async (): Promise<string> => {
          await pause(30)
          if (event.fails) throw failure
          return 'hello'
        }
        const answer = async (): Promise<void> => {
          try {
            callback(null, await client.trace('answer', work))
          } catch (error) {
            callback(error)
          }
        }
        void answer()
      },
      { client },
    )
    const answers: unknown[] = []
    for (const fails of [false, true]) {
      await new Promise<void>((resolve) => {
        const callback = (...results: unknown[]): void => {
          // What the service has by then, since the platform may freeze the process now.
          answers.push([results, server.traces.length])
          resolve()
        }
        const returned = handler({ fails }, { getRemainingTimeInMillis: () => 5000 }, callback)
        expect(returned).toBeUndefined()
      })
    }
    expect(answers).toEqual([
      [[null, 'hello'], 1],
      [[failure], 2],
    ])
    expect(server.traces).toMatchObject([
      { name: 'answer', output: 'hello', error: null },
      { name: 'answer' },
    ])
    expect(client.stats().traces).toMatchObject({ recorded: 2, open: 0, cut: {} })
  })

  test('leaves a function in third place alone where it is not the callback of Lambda', () => {
    const { client } = recording()
    const next = (): void => {}
    const handler = wrapHandler((...parameters: unknown[]) => parameters, { client })
    expect(handler({}, {}, next)[2]).toBe(next)
  })

  test('costs a call nothing while delivery pauses', async () => {
    await using server = await startIngestServer({ answer: () => ({ status: 404 }) })
    const client = makeClient(server)
    const handler = wrapHandler(() => client.trace('answer', () => 'hello'), { client })
    await handler()
    await eventually(() => expect(client.stats().state).toBe('waiting'))
    for (let call = 0; call < 5; call += 1) {
      expect(await handler()).toBe('hello')
      expect(await client.flush()).toMatchObject({ delivered: 0, pending: call + 2 })
    }
    // Another attempt would have been waited for.
    expect(server.requests.length).toBe(1)
  })

  test('does not wait where the platform goes on after the answer, and leaves a stream its time', async () => {
    await using server = await startIngestServer()
    const client = makeClient(server)
    const promises: Promise<unknown>[] = []
    const { recorder } = internalsOf(client)
    const handler = wrapHandler(
      // As on Workers: request, environment, context.
      async (_request: string, _environment: object, _context: object) => {
        const run = recorder.start({ name: 'stream', type: 'llm', held: true })
        setTimeout(() => recorder.end(run, { output: 'all of it', held: false }), 100)
        await pause(1)
        return 'streaming'
      },
      { client },
    )
    const context = { waitUntil: (promise: Promise<unknown>) => promises.push(promise) }
    expect(await handler('GET', {}, context)).toBe('streaming')
    expect(server.traces).toEqual([])
    await Promise.all(promises)
    expect(server.traces).toMatchObject([{ name: 'stream', output: 'all of it' }])
  })
})

function add(this: { base: number }, one: number, two: number): number {
  return this.base + one + two
}
