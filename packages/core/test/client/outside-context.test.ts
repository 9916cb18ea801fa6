import { AsyncLocalStorage } from 'node:async_hooks'

import { afterEach, expect, test } from 'vitest'

import { startIngestServer } from '../../../../test/support/ingest-server.ts'
import { TruLayer } from '../../src/client/client.ts'
import { startTimer } from '../../src/runtime/timers.ts'
import { eventually } from '../support.ts'

/* What a web framework keeps of the request that is running. */
const request = new AsyncLocalStorage<string>()

const requestContext = Symbol.for('@vercel/request-context')

afterEach(() => {
  Reflect.deleteProperty(globalThis, requestContext)
})

test('a detached timer runs outside the context that started it, any other inside', async () => {
  const seen = await new Promise<unknown[]>((resolve) => {
    const stores: unknown[] = []
    request.run('GET /chat', () => {
      startTimer(() => stores.push(request.getStore()), 0, { detached: true })
      startTimer(() => resolve([...stores, request.getStore()]), 1)
    })
  })
  expect(seen).toEqual([undefined, 'GET /chat'])
})

test('no request of ours is made in the context of a request of the host', async () => {
  await using server = await startIngestServer()
  const seen: [path: string, request: unknown][] = []
  const client = new TruLayer({
    apiKey: 'tl_test',
    endpoint: server.url,
    flushInterval: 20,
    exitHooks: false,
    fetch: (input, options) => {
      seen.push([new URL(new Request(input).url).pathname, request.getStore()])
      return fetch(input, options)
    },
  })
  const answer = (): Promise<string> => client.trace('answer', (trace) => trace.id)
  // One that leaves by its timer, one with a flush, and feedback; the caller stays in its own context.
  await request.run('GET /chat', async () => {
    await answer()
    await eventually(() => expect(server.traces.length).toBe(1))
  })
  await request.run('GET /chat', async () => {
    const traceId = await answer()
    await client.flush()
    expect(await client.submitFeedback({ traceId, label: 'good' })).toEqual({ accepted: true })
    expect(request.getStore()).toBe('GET /chat')
  })
  expect(seen).toEqual([
    ['/v1/ingest/batch', undefined],
    ['/v1/ingest/batch', undefined],
    ['/v1/feedback', undefined],
  ])
})

test('a request that is tried again is made outside the context of the host too', async () => {
  await using server = await startIngestServer({
    answer: () => (server.requests.length === 1 ? { status: 503 } : undefined),
  })
  const seen: unknown[] = []
  const client = new TruLayer({
    apiKey: 'tl_test',
    endpoint: server.url,
    exitHooks: false,
    fetch: (input, options) => {
      seen.push(request.getStore())
      return fetch(input, options)
    },
  })
  await request.run('GET /chat', async () => {
    await client.trace('answer', () => 1)
    await client.flush()
  })
  expect([seen, server.traces.length]).toEqual([[undefined, undefined], 1])
})

test('an exporter, a listener and a sampler run outside the context of the host', async () => {
  const seen: Record<string, unknown> = {}
  const client = new TruLayer({
    exitHooks: false,
    sampleRate: () => {
      seen['sampleRate'] = request.getStore() ?? 'none'
      return 1
    },
    exporters: [
      {
        export: () => {
          seen['export'] = request.getStore() ?? 'none'
        },
        flush: async () => {
          seen['flush'] = request.getStore() ?? 'none'
        },
      },
    ],
  })
  client.onTrace(() => {
    seen['onTrace'] = request.getStore() ?? 'none'
  })
  await request.run('GET /chat', async () => {
    await client.trace('answer', () => 1)
    await client.flush()
  })
  expect(seen).toEqual({ sampleRate: 'none', export: 'none', flush: 'none', onTrace: 'none' })
})

test('a trace that leaves by its grace still finds the request that it belongs to', async () => {
  const kept: unknown[] = []
  Reflect.set(globalThis, requestContext, {
    get: () => ({ waitUntil: () => kept.push(request.getStore()) }),
  })
  const client = new TruLayer({
    exitHooks: false,
    limits: { grace: 1 },
    exporters: [{ export: () => undefined }],
  })
  await request.run('GET /chat', async () => {
    await client.trace('answer', (trace) => {
      void trace.span('left open', 'tool', () => new Promise(() => undefined))
    })
  })
  await eventually(() => expect(kept).toEqual(['GET /chat']))
})
