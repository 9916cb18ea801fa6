import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { Compression } from '../../src/deliver/compression.ts'
import { joinBytes } from '../../src/deliver/request-body.ts'
import { VERSION } from '../../src/version.ts'
import { eventually, idOf, idsIn, makeTrace, makeTraces, startDelivery } from './support.ts'

const SOON = { timeout: 25_000 }

afterEach(() => {
  vi.unstubAllGlobals()
})

test('every request says who made it and what was lost since the last one that was taken', async () => {
  let isUp = false
  await using delivery = await startDelivery(
    { answer: () => (isUp ? undefined : { status: 503 }) },
    { maxQueueBytes: 4000, batchSize: 1 },
  )
  delivery.export(makeTraces(0, 20))
  const lost = delivery.exporter.stats().dropped['overflow'] ?? 0
  isUp = true
  await delivery.exporter.flush(SOON)
  const told = delivery.server.requests.map(({ headers, status }) => [
    headers['x-trulayer-dropped'],
    status,
  ])
  expect(lost).toBeGreaterThan(5)
  expect(told.findLast(([dropped]) => dropped !== undefined)).toEqual([`overflow=${lost}`, 201])
  expect(told.at(-1)).toEqual([undefined, 201])
  const sdk = `@trulayer/core/${packageJson.version} (node ${process.versions.node})`
  expect(delivery.server.requests[0]?.headers).toMatchObject({
    'user-agent': sdk,
    'x-trulayer-sdk': sdk,
    'x-trulayer-attempt': '1',
  })
  expect(VERSION).toBe(packageJson.version)
})

describe('on Node', () => {
  test('a request goes through node:http, unless somebody has put something in the place of fetch', async () => {
    const { fetch } = globalThis
    const seen = vi.fn<typeof fetch>((...parameters) => fetch(...parameters))
    await using delivery = await startDelivery()
    delivery.export([makeTrace(0)])
    await delivery.exporter.flush(SOON)
    expect(delivery.server.requests[0]?.headers['accept']).toBeUndefined()
    vi.stubGlobal('fetch', seen)
    delivery.export([makeTrace(1)])
    await delivery.exporter.flush(SOON)
    expect([seen.mock.calls.length, delivery.exporter.stats().sent]).toEqual([1, 2])
  })

  test('nor where fetch was given a proxy', async () => {
    const dispatcher = Symbol.for('undici.globalDispatcher.1')
    let asked = 0
    class ProxyAgent {
      dispatch(): boolean {
        asked += 1
        throw new Error('no proxy here')
      }
    }
    const before: unknown = Reflect.get(globalThis, dispatcher)
    Reflect.set(globalThis, dispatcher, new ProxyAgent())
    try {
      await using delivery = await startDelivery()
      delivery.export([makeTrace(0)])
      await eventually(() => expect(asked).toBeGreaterThan(0))
      expect(delivery.server.requests).toEqual([])
    } finally {
      Reflect.set(globalThis, dispatcher, before)
    }
  })

  test('requests share connections, and one that was closed meanwhile costs neither a wait nor an attempt', async () => {
    const bodies: string[] = []
    let connections = 0
    const server = createServer((request, response) => {
      void answer(request, response, bodies)
    })
    server.keepAliveTimeout = 60_000
    server.on('connection', () => (connections += 1))
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    await using delivery = await startDelivery({}, { endpoint: `http://127.0.0.1:${port}` })
    for (let index = 0; index < 3; index += 1) {
      delivery.export([makeTrace(index)])
      await delivery.exporter.flush(SOON)
    }
    expect(connections).toBe(1)
    // The next request on that connection meets a reset.
    server.once('request', () => {})
    server.prependOnceListener('request', (request: IncomingMessage) => {
      request.socket.resetAndDestroy()
    })
    delivery.export([makeTrace(3)])
    await delivery.exporter.flush(SOON)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 4, retries: 0, requests: 4 })
    expect([connections, bodies.at(-1)?.includes(idOf(3))]).toEqual([2, true])
    server.closeAllConnections()
    server.close()
  })
})

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  bodies: string[],
): Promise<void> {
  let body = ''
  try {
    for await (const chunk of request) {
      body += String(chunk)
    }
    bodies.push(body)
    response.writeHead(201, { 'content-type': 'application/json' }).end('{}')
  } catch {
    // The connection is gone, as the test wants it.
  }
}

test.each(['', 'plain', 'ü'.repeat(10_000), 'ascii'.repeat(10_000), '漢字😀'.repeat(999)])(
  'a body is its pieces as UTF-8',
  (text) => {
    const pieces = ['{', text, ',', text, '}']
    expect(Buffer.from(joinBytes(pieces)).toString('utf8')).toBe(pieces.join(''))
  },
)

describe('compression', () => {
  const large = (index: number): ReturnType<typeof makeTrace> =>
    makeTrace(index, { text: 'word '.repeat(4000) })

  test('packs large bodies, and small ones not', async () => {
    const encodings: unknown[] = []
    await using delivery = await startDelivery(
      {
        answer: ({ headers }) => {
          encodings.push(headers['content-encoding'])
          return { status: 201, body: {} }
        },
      },
      { compression: 'gzip' },
    )
    delivery.export([large(0)])
    await delivery.exporter.flush(SOON)
    delivery.export([makeTrace(1)])
    await delivery.exporter.flush(SOON)
    expect(encodings).toEqual(['gzip', undefined])
    const packed = await new Compression('gzip').compress(['{', 'word '.repeat(4000), '}'])
    expect(gunzipSync(packed ?? new Uint8Array()).toString()).toBe(`{${'word '.repeat(4000)}}`)
  })

  test.each([415, 400])(
    '%i to the first packed request: it is never tried again',
    async (status) => {
      const encodings: unknown[] = []
      await using delivery = await startDelivery(
        {
          answer: ({ headers }) => {
            encodings.push(headers['content-encoding'])
            return headers['content-encoding'] === undefined ? undefined : { status }
          },
        },
        { compression: 'gzip' },
      )
      delivery.export([large(0)])
      await delivery.exporter.flush(SOON)
      delivery.export([large(1)])
      await delivery.exporter.flush(SOON)
      expect(encodings).toEqual(['gzip', undefined, undefined])
      expect(delivery.exporter.stats()).toMatchObject({ sent: 2, retries: 0, dropped: {} })
    },
  )
})

test('a trace that makes the service fail is found while others are taken, and takes no neighbour along', async () => {
  const isPoisoned = (ids: readonly string[]): boolean => ids.includes(idOf(13))
  await using delivery = await startDelivery(
    { answer: (request) => (isPoisoned(idsIn(request)) ? { status: 500 } : undefined) },
    { batchSize: 10, flushInterval: 1 },
    { backOff: 1, maxBackOff: 2, minBackOff: 1 },
  )
  delivery.export(makeTraces(0, 40))
  for (let index = 40; index < 400; index += 1) {
    if (delivery.exporter.stats().dropped['rejected'] === 1) {
      break
    }
    delivery.export([makeTrace(index)])
    await new Promise((resolve) => {
      setTimeout(resolve, 5)
    })
  }
  await delivery.exporter.flush(SOON)
  await eventually(() =>
    expect(delivery.exporter.stats()).toMatchObject({ queued: 0, inFlight: 0 }),
  )
  expect(delivery.exporter.stats().dropped).toEqual({ rejected: 1 })
  expect(delivery.server.traces.some((trace) => trace.id === idOf(13))).toBe(false)
  expect(delivery.server.traces.length).toBe(delivery.exporter.stats().sent)
})

test('a service that fails on everything loses nothing', async () => {
  let isUp = false
  await using delivery = await startDelivery(
    { answer: () => (isUp ? undefined : { status: 500 }) },
    { batchSize: 10 },
    { backOff: 1, maxBackOff: 2, minBackOff: 1 },
  )
  delivery.export(makeTraces(0, 4))
  await eventually(() => expect(delivery.exporter.stats().requests).toBeGreaterThan(60))
  expect(delivery.exporter.stats().dropped).toEqual({})
  isUp = true
  await delivery.exporter.flush(SOON)
  expect(delivery.exporter.stats()).toMatchObject({ sent: 4, dropped: {} })
  expect(delivery.server.traces.length).toBe(4)
})
