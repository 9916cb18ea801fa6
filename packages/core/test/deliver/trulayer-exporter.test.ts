import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createLogger } from '../../src/client/logger.ts'
import { TruLayerExporter } from '../../src/deliver/trulayer-exporter.ts'
import { startIngestServer, type IngestReply } from '../../../../test/support/ingest-server.ts'
import {
  eventually,
  FAST,
  idOf,
  idsIn,
  KEY,
  makeGate,
  makeTrace,
  makeTraces,
  pause,
  startDelivery,
} from './support.ts'

const SOON = { timeout: 25_000 }

function hashes(bodies: readonly string[]): string[] {
  return bodies.map((body) => createHash('sha256').update(body).digest('hex'))
}

/* Gives the replies one after the other, and then leaves it to the service. */
function inTurn(replies: readonly IngestReply[]): () => IngestReply | undefined {
  const left = [...replies]
  return () => left.shift()
}

describe('a service in good health', () => {
  test('gets 250 traces in 5 requests of at most 50, in order, each once', async () => {
    await using delivery = await startDelivery()
    const { exporter, server } = delivery
    delivery.export(makeTraces(0, 250))
    await exporter.flush(SOON)
    expect(server.requests.map((request) => idsIn(request).length)).toEqual([50, 50, 50, 50, 50])
    expect(server.traces.map((trace) => trace.id).toSorted()).toEqual(
      makeTraces(0, 250).map((trace) => trace.id),
    )
    expect(idsIn(server.requests[0] ?? expect.fail())).toEqual(
      makeTraces(0, 50).map((trace) => trace.id),
    )
    expect(exporter.stats()).toEqual({
      sent: 250,
      queued: 0,
      inFlight: 0,
      spooled: 0,
      recovered: 0,
      dropped: {},
      requests: 5,
      retries: 0,
      state: 'active',
    })
    expect([server.refused, delivery.problems, delivery.lines]).toEqual([[], [], []])
  })

  test('gets what few there are when they have waited long enough, without a flush', async () => {
    await using delivery = await startDelivery({}, { flushInterval: 40 })
    const startedAt = performance.now()
    delivery.export([makeTrace(0)])
    delivery.export([makeTrace(1)])
    await eventually(() => expect(delivery.exporter.stats().sent).toBe(2))
    expect(delivery.server.requests.map((request) => idsIn(request))).toEqual([[idOf(0), idOf(1)]])
    expect((delivery.server.requests[0]?.at ?? 0) - startedAt).toBeGreaterThanOrEqual(39)
  })

  test('gets a full batch without waiting, and the rest later', async () => {
    await using delivery = await startDelivery({}, { flushInterval: 60_000, batchSize: 10 })
    delivery.export(makeTraces(0, 25))
    await eventually(() => expect(delivery.exporter.stats().sent).toBe(20))
    expect(delivery.exporter.stats()).toMatchObject({ queued: 5, requests: 2 })
    await delivery.exporter.flush(SOON)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 25, queued: 0, requests: 3 })
  })

  test('gets at most 100 traces a request and at most 4 requests at once, after a first one alone', async () => {
    let open = 0
    const opened: number[] = []
    await using delivery = await startDelivery(
      {
        answer: async () => {
          open += 1
          opened.push(open)
          // All but the first and the last wait until they are not alone.
          const isAlone = (): boolean => open < 2 && opened.length > 1 && opened.length < 11
          while (isAlone()) await pause(1)
          await pause(10)
          open -= 1
          return undefined
        },
      },
      { batchSize: 500 },
    )
    delivery.export(makeTraces(0, 1050))
    await delivery.exporter.flush(SOON)
    const sizes = delivery.server.requests.map((request) => idsIn(request).length)
    expect(sizes.toSorted((left, right) => left - right)).toEqual([
      50,
      ...Array.from({ length: 10 }, () => 100),
    ])
    expect(opened[1]).toBe(1)
    // Four, where the machine is not busy with something else.
    expect(Math.max(...opened)).toBeLessThanOrEqual(4)
    expect(Math.max(...opened)).toBeGreaterThan(1)
    expect(delivery.lines).toEqual([
      '[trulayer] `batchSize` is 500; 100 is used, since the service takes 1 to 100 traces at once.',
    ])
  })

  test('gets no request of more than 1 MiB, unless one trace is', async () => {
    await using delivery = await startDelivery()
    const large = (index: number, kilobytes: number): ReturnType<typeof makeTrace> =>
      makeTrace(index, { text: 'x'.repeat(kilobytes * 512) })
    delivery.export([
      ...Array.from({ length: 12 }, (_, index) => large(index, 200)),
      large(99, 1700),
    ])
    await delivery.exporter.flush(SOON)
    const lengths = delivery.server.requests.map((request) => request.body.length)
    expect(lengths.filter((length) => length > 1024 * 1024).length).toBe(1)
    expect(delivery.server.requests.length).toBe(4)
    expect(delivery.exporter.stats().sent).toBe(13)
  })

  test('gets 1 MiB without waiting, however few traces it is', async () => {
    await using delivery = await startDelivery({}, { flushInterval: 60_000 })
    const large = (index: number): ReturnType<typeof makeTrace> =>
      makeTrace(index, { text: 'x'.repeat(200_000) })
    delivery.export([0, 1].map((index) => large(index)))
    expect(delivery.exporter.stats().requests).toBe(0)
    delivery.export([2].map((index) => large(index)))
    await eventually(() => expect(delivery.exporter.stats()).toMatchObject({ sent: 2, queued: 1 }))
  })

  test('gets the project by its name', async () => {
    await using delivery = await startDelivery({}, { projectName: 'shop' })
    delivery.export([makeTrace(0)])
    await delivery.exporter.flush(SOON)
    expect(delivery.server.traces).toMatchObject([{ project_id: 'shop', id: idOf(0) }])
  })

  test('gets a trace as it was when it was exported', async () => {
    await using delivery = await startDelivery()
    const metadata = { plan: 'free' }
    delivery.export([makeTrace(0, { metadata })])
    metadata.plan = 'changed'
    await delivery.exporter.flush(SOON)
    expect(delivery.server.traces).toMatchObject([{ metadata: { plan: 'free' } }])
  })

  test('loses one trace that cannot be encoded, and none beside it', async () => {
    await using delivery = await startDelivery()
    const hostile = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('not yours')
        },
      },
    )
    delivery.export([makeTrace(0), makeTrace(1, { metadata: hostile }), makeTrace(2)])
    await delivery.exporter.flush(SOON)
    expect(delivery.server.traces.map((trace) => trace.id)).toEqual([idOf(0), idOf(2)])
    expect(delivery.exporter.stats().dropped).toEqual({ unserializable: 1 })
    expect(delivery.problems).toMatchObject([
      {
        reason: 'unserializable',
        dropped: 1,
        message: '1 trace was dropped: not to be written as JSON (Error: not yours).',
      },
    ])
  })
})

test('making an exporter starts nothing', () => {
  const forbidden = (): never => {
    throw new Error('not while a module loads')
  }
  const exporter = new TruLayerExporter(
    { apiKey: KEY, logger: createLogger({ debug: false }), fetch: forbidden },
    { now: forbidden, wallNow: forbidden, random: forbidden },
  )
  expect(exporter.stats()).toMatchObject({ queued: 0, state: 'active' })
})

describe('faults that pass', () => {
  test('a connection that is refused costs nothing when the service comes up', async () => {
    const gone = await startIngestServer()
    await gone.close()
    await using delivery = await startDelivery({}, { endpoint: gone.url })
    delivery.export(makeTraces(0, 120))
    await eventually(() => expect(delivery.exporter.stats().requests).toBeGreaterThan(4))
    expect(delivery.exporter.stats()).toMatchObject({ sent: 0, dropped: {}, state: 'waiting' })
    expect(delivery.problems).toMatchObject([{ reason: 'unreachable', dropped: 0 }])
    expect(delivery.lines).toEqual([
      `[trulayer] ${gone.url} cannot be reached (ECONNREFUSED). Traces are kept, up to 32 MiB, ` +
        'and sent when it can be.',
    ])
    await using back = await startIngestServer({ port: Number(new URL(gone.url).port) })
    await eventually(() => expect(back.traces.length).toBe(120))
    await delivery.exporter.flush(SOON)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 120, queued: 0, state: 'active' })
  })

  test.each<[string, IngestReply]>([
    ['a broken connection', 'reset'],
    ['408', { status: 408 }],
    ['502 of a proxy', { status: 502, body: '<html>Bad gateway' }],
    ['503', { status: 503, headers: { 'retry-after': '0' } }],
  ])('%s, twice', async (_, reply) => {
    await using delivery = await startDelivery({ answer: inTurn([reply, reply]) })
    delivery.export(makeTraces(0, 3))
    await delivery.exporter.flush(SOON)
    expect(delivery.server.requests.length).toBe(3)
    expect(delivery.server.traces.length).toBe(3)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 3, retries: 2, dropped: {} })
  })

  test.each<[string, IngestReply]>([
    ['silence', 'hang'],
    ['an answer that breaks off', { status: 201, body: { ingested: 3 }, stall: true }],
  ])('%s, until the timeout of the request', async (_, reply) => {
    await using delivery = await startDelivery({ answer: inTurn([reply]) }, { timeout: 100 })
    const startedAt = performance.now()
    delivery.export(makeTraces(0, 3))
    await delivery.exporter.flush(SOON)
    expect((delivery.server.requests[1]?.at ?? 0) - startedAt).toBeGreaterThan(90)
    expect(delivery.server.traces.length).toBe(3)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 3, dropped: {} })
  })

  test('500, 500, 201: the same bytes and the same batch each time, later each time', async () => {
    const times: number[] = []
    await using delivery = await startDelivery({
      answer: inTurn([{ status: 500 }, { status: 500 }]),
    })
    delivery.export(makeTraces(0, 50))
    await eventually(() => expect(delivery.exporter.stats().sent).toBe(50))
    const { requests } = delivery.server
    expect(requests.map((request) => request.status)).toEqual([500, 500, 201])
    expect(new Set(hashes(requests.map((request) => request.body))).size).toBe(1)
    expect(new Set(requests.map((request) => request.headers['x-trulayer-batch'])).size).toBe(1)
    expect(requests.map((request) => request.headers['x-trulayer-attempt'])).toEqual([
      '1',
      '2',
      '3',
    ])
    times.push(...requests.map((request) => request.at))
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(9)
    expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(19)
    // Two are a hiccup, of which nobody need hear.
    expect(delivery.problems).toEqual([])
  })

  test('one request at a time while the service fails', async () => {
    const gate = makeGate()
    let failing = false
    let open = 0
    const opened: number[] = []
    await using delivery = await startDelivery({
      answer: async () => {
        if (!failing) return undefined
        open += 1
        opened.push(open)
        // The first four are held until all of them are there, the others long enough to meet each other.
        await gate.opened
        await pause(5)
        open -= 1
        return { status: 500 }
      },
    })
    delivery.export(makeTraces(0, 50))
    await delivery.exporter.flush(SOON)
    failing = true
    delivery.export(makeTraces(50, 450))
    await eventually(() => expect(opened).toEqual([1, 2, 3, 4]))
    gate.open()
    await eventually(() => expect(opened.length).toBeGreaterThan(7))
    expect(new Set(opened.slice(4))).toEqual(new Set([1]))
    failing = false
    await eventually(() => expect(delivery.exporter.stats().sent).toBe(450))
  })

  test.each<[string, (wallNow: number) => Readonly<Record<string, string>>]>([
    ['seconds', () => ({ 'retry-after': '0.15' })],
    ['a date', (wallNow) => ({ 'retry-after': new Date(wallNow + 150).toUTCString() })],
    ['the reset of the limit', (wallNow) => ({ 'x-ratelimit-reset': String(wallNow + 150) })],
  ])('429 with %s: nothing is sent before that, and nothing lost', async (_, headers) => {
    const wallNow = Date.UTC(2026, 10, 1, 12) - 150
    const limited = { status: 429, headers: { date: 'none', ...headers(wallNow) } }
    await using delivery = await startDelivery(
      { answer: inTurn([limited, limited]) },
      {},
      { wallNow: () => wallNow },
    )
    delivery.export(makeTraces(0, 120))
    await eventually(() => expect(delivery.exporter.stats().state).toBe('waiting'))
    expect(delivery.exporter.stats()).toMatchObject({ queued: 120, requests: 1 })
    // A flush does not overrule the service.
    await delivery.exporter.flush(SOON)
    const times = delivery.server.requests.map((request) => request.at)
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(150)
    expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(150)
    expect(delivery.exporter.stats()).toMatchObject({ dropped: {}, requests: 5 })
    expect(delivery.problems).toMatchObject([{ reason: 'limited', dropped: 0 }])
  })

  test('a trace that faults keep from leaving for too long is dropped, and only that', async () => {
    let shift = 0
    let isUp = false
    await using delivery = await startDelivery(
      { answer: () => (isUp ? undefined : { status: 500 }) },
      {},
      { now: () => performance.now() + shift, maxAge: 100_000 },
    )
    delivery.export([makeTrace(0)])
    shift = 60_000
    delivery.export([makeTrace(1)])
    await eventually(() => expect(delivery.exporter.stats().retries).toBeGreaterThan(1))
    expect(delivery.exporter.stats().dropped).toEqual({})
    shift = 101_000
    await eventually(() => expect(delivery.exporter.stats().dropped).toEqual({ expired: 1 }))
    isUp = true
    await delivery.exporter.flush(SOON)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 1, dropped: { expired: 1 } })
    expect(delivery.server.traces.map((trace) => trace.id)).toEqual([idOf(1)])
    expect(delivery.problems).toContainEqual(
      expect.objectContaining({ reason: 'expired', dropped: 1 }),
    )
  })
})

describe('what the service finds wrong', () => {
  test.each([400, 422])(
    'one bad trace of 100 by %i: 99 are delivered, one dropped',
    async (status) => {
      await using delivery = await startDelivery(
        {
          answer: (request) =>
            idsIn(request).includes(idOf(37)) ? { status, body: { error: 'no name' } } : undefined,
        },
        { batchSize: 100 },
      )
      delivery.export(makeTraces(0, 100))
      await delivery.exporter.flush(SOON)
      expect(delivery.server.traces.length).toBe(99)
      expect(delivery.server.requests.length).toBeLessThanOrEqual(15)
      expect(delivery.exporter.stats()).toMatchObject({ sent: 99, dropped: { rejected: 1 } })
      expect(delivery.lines).toEqual([
        `[trulayer] 1 trace was dropped: refused because of what it holds (HTTP ${status}: no name).`,
      ])
    },
  )

  test('what the contract’s schema refuses is found and dropped alone', async () => {
    await using delivery = await startDelivery()
    delivery.export([...makeTraces(0, 20), makeTrace(20, { name: 'x', id: 'no uuid' })])
    await delivery.exporter.flush(SOON)
    expect(delivery.server.traces.length).toBe(20)
    expect(delivery.exporter.stats().dropped).toEqual({ rejected: 1 })
  })

  test('everything by 400: at most 24 requests for the first batch, then one each, one line', async () => {
    let isUp = false
    await using delivery = await startDelivery({
      answer: (request) =>
        isUp && !idsIn(request).includes(idOf(222)) ? undefined : { status: 400 },
    })
    delivery.export(makeTraces(0, 50))
    await delivery.exporter.flush(SOON)
    const first = delivery.server.requests.length
    expect(first).toBeLessThanOrEqual(24)
    delivery.export(makeTraces(50, 150))
    await delivery.exporter.flush(SOON)
    expect(delivery.server.requests.length).toBe(first + 2)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 0, dropped: { rejected: 150 } })
    expect(delivery.lines.length).toBe(1)
    expect(delivery.problems.reduce((sum, problem) => sum + problem.dropped, 0)).toBe(150)
    // When something was taken again, a bad trace is searched for again.
    isUp = true
    delivery.export(makeTraces(150, 200))
    await delivery.exporter.flush(SOON)
    delivery.export(makeTraces(200, 250))
    await delivery.exporter.flush(SOON)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 99, dropped: { rejected: 151 } })
  })

  test('413 above 20 KB: nothing is lost, and the next batches are small enough at once', async () => {
    const limit = 20_000
    await using delivery = await startDelivery({
      answer: (request) =>
        request.body.length > limit ? { status: 413, body: '<html>nginx' } : undefined,
    })
    delivery.export(makeTraces(0, 50))
    await delivery.exporter.flush(SOON)
    const learned = delivery.server.requests.length
    delivery.export(makeTraces(50, 250))
    await delivery.exporter.flush(SOON)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 250, dropped: {} })
    const later = delivery.server.requests.slice(learned)
    expect(later.filter((request) => request.status === 413)).toEqual([])
  })

  test('413 for a single trace: that one is cut, and says so', async () => {
    await using delivery = await startDelivery()
    delivery.export([makeTrace(0), makeTrace(1, { text: 'x'.repeat(1_100_000) }), makeTrace(2)])
    await delivery.exporter.flush(SOON)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 3, queued: 0, dropped: {} })
    const large = delivery.server.traces.find((trace) => trace.id === idOf(1))
    expect(large?.metadata['trulayer.truncated']).toMatch(/^1100006 bytes to \d{6}$/)
    expect(large?.spans[0]?.metadata['trulayer.truncated']).toMatch(/bytes to/)
  })

  test('413 for a single trace, however small it is: that one is dropped', async () => {
    await using delivery = await startDelivery({
      answer: (request) => (idsIn(request).includes(idOf(1)) ? { status: 413 } : undefined),
    })
    delivery.export([makeTrace(0), makeTrace(1, { text: 'x'.repeat(100_000) }), makeTrace(2)])
    await delivery.exporter.flush(SOON)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 2, dropped: { too_large: 1 } })
  })

  test('fewer taken than sent: the others are sent once more and then dropped', async () => {
    await using delivery = await startDelivery({
      answer: (request) => {
        const ids = idsIn(request).filter((id) => id !== idOf(2))
        const taken = delivery.server.requests.length > 1 ? ids : ids.slice(0, 3)
        return { status: 201, body: { ingested: taken.length, ids: taken } }
      },
    })
    delivery.export(makeTraces(0, 5))
    await delivery.exporter.flush(SOON)
    expect(delivery.server.requests.map((request) => idsIn(request))).toEqual([
      makeTraces(0, 5).map((trace) => trace.id),
      [idOf(2), idOf(4)],
    ])
    expect(delivery.exporter.stats()).toMatchObject({ sent: 4, dropped: { rejected: 1 } })
  })
})

describe('an id that is known already', () => {
  test('after a request whose answer was lost means that the first one arrived', async () => {
    let isFirst = true
    await using delivery = await startDelivery({
      answer: (_, take) => {
        if (!isFirst) return undefined
        isFirst = false
        take()
        return 'reset'
      },
    })
    delivery.export(makeTraces(0, 50))
    await delivery.exporter.flush(SOON)
    expect(delivery.server.requests.map((request) => request.status)).toEqual([undefined, 409])
    expect(delivery.server.traces.length).toBe(50)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 50, dropped: {} })
  })

  test.each<[string, (ids: readonly string[]) => IngestReply | undefined]>([
    ['409', () => undefined],
    [
      '200 duplicate',
      (ids) => (ids.includes(idOf(3)) ? { status: 200, body: { status: 'duplicate' } } : undefined),
    ],
  ])('at the first attempt (%s) is another trace’s: counted and told', async (_, answer) => {
    let isSecond = false
    await using delivery = await startDelivery({
      answer: (request) => (isSecond ? answer(idsIn(request)) : undefined),
    })
    delivery.export([makeTrace(3, { name: 'the other' })])
    await delivery.exporter.flush(SOON)
    isSecond = true
    delivery.export(makeTraces(0, 10))
    await delivery.exporter.flush(SOON)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 10, dropped: { duplicate_id: 1 } })
    expect(delivery.server.traces.length).toBe(10)
    expect(delivery.problems).toMatchObject([{ reason: 'duplicate_id', dropped: 1 }])
  })
})

describe('refusals of the service', () => {
  test.each([
    {
      status: 401,
      body: { code: 'invalid_api_key', error: 'Invalid key' },
      reason: 'unauthorized',
    },
    { status: 401, body: { error: 'api_key_expired' }, reason: 'unauthorized' },
    { status: 403, body: { code: 'error.project.archived' }, reason: 'archived' },
    { status: 403, body: { code: 'scope_forbidden' }, reason: 'scope_forbidden' },
    { status: 403, body: { error: 'error.scope_forbidden' }, reason: 'scope_forbidden' },
  ])('$status $body stops delivery with one request and one message', async (given) => {
    const { status, body, reason } = given
    let shift = 0
    await using delivery = await startDelivery(
      { answer: () => ({ status, body }) },
      {},
      { now: () => performance.now() + shift },
    )
    delivery.export(makeTraces(0, 250))
    await delivery.exporter.flush(SOON)
    expect(delivery.exporter.stats()).toEqual({
      sent: 0,
      queued: 0,
      inFlight: 0,
      spooled: 0,
      recovered: 0,
      dropped: { [reason]: 250 },
      requests: 1,
      retries: 0,
      state: 'stopped',
    })
    shift = 600_000
    delivery.export(makeTraces(250, 260))
    await delivery.exporter.flush(SOON)
    expect(delivery.server.requests.length).toBe(1)
    expect(delivery.exporter.stats().dropped).toEqual({ [reason]: 260 })
    expect(delivery.problems).toMatchObject([
      { reason, dropped: 250 },
      { reason, dropped: 10 },
    ])
    expect(delivery.lines.length).toBe(1)
    expect(delivery.lines[0]).not.toContain(KEY)
  })

  test.each([
    [
      { status: 401, body: { error: 'invalid_api_key' } },
      'TruLayer refuses the API key tl_…cdef (HTTP 401: invalid_api_key), ' +
        'so nothing is sent any more. Make a new key under Settings > API keys and set TRULAYER_API_KEY.',
    ],
    [
      { status: 403, body: { code: 'scope_forbidden', request_id: 'req_7' } },
      'the API key tl_…cdef is read-only (HTTP 403: scope_forbidden, request_id req_7), so nothing is sent ' +
        'any more. Make a key with the ingest scope under Settings > API keys and set TRULAYER_API_KEY.',
    ],
  ])('%o: the message says which key, and what to do', async (reply, message) => {
    await using delivery = await startDelivery({ answer: () => reply })
    delivery.export([makeTrace(0)])
    await delivery.exporter.flush(SOON)
    expect(delivery.lines).toEqual([`[trulayer] 1 trace was dropped: ${message}`])
    expect(delivery.problems).toMatchObject([{ message: `1 trace was dropped: ${message}` }])
  })

  test('what was under way when it stops may still arrive, and is dropped when it does not', async () => {
    let requests = 0
    const gate = makeGate()
    await using delivery = await startDelivery({
      answer: async () => {
        requests += 1
        if (requests === 3) {
          await gate.opened
          return { status: 500 }
        }
        if (requests === 4) await gate.opened
        return requests >= 5 ? { status: 401, body: { error: 'invalid_api_key' } } : undefined
      },
    })
    delivery.export(makeTraces(0, 50))
    await delivery.exporter.flush(SOON)
    delivery.export(makeTraces(50, 300))
    await eventually(() => expect(delivery.exporter.stats().state).toBe('stopped'))
    const flushed = delivery.exporter.flush(SOON)
    gate.open()
    await flushed
    const { sent, dropped, queued } = delivery.exporter.stats()
    expect(queued).toBe(0)
    expect(sent + (dropped['unauthorized'] ?? 0)).toBe(300)
    expect(Object.keys(dropped)).toEqual(['unauthorized'])
  })

  test.each([
    ['http://api.trulayer.example', 'insecure_endpoint'],
    ['no address', 'invalid_endpoint'],
  ])('nothing is sent to %s, which is said once', async (endpoint, reason) => {
    await using delivery = await startDelivery({}, { endpoint })
    delivery.export(makeTraces(0, 2))
    await delivery.exporter.flush(SOON)
    delivery.export([makeTrace(2)])
    expect(delivery.exporter.stats()).toMatchObject({
      dropped: { [reason]: 3 },
      requests: 0,
      state: 'stopped',
    })
    expect(delivery.lines.length).toBe(1)
  })
})

describe('a quota that is used up', () => {
  const EXCEEDED = {
    status: 429,
    headers: { 'retry-after': '1209600' },
    body: { error: 'Monthly span quota exceeded', request_id: 'req_9' },
  }

  test('is reported once and asked about every 15 minutes, and everything is kept', async () => {
    let isUsedUp = true
    let shift = 0
    await using delivery = await startDelivery(
      {
        answer: (request) => {
          if (isUsedUp) return EXCEEDED
          // One that stumbles when the month is over: what the service held back is not late.
          return delivery.server.requests.indexOf(request) === 4 ? { status: 503 } : undefined
        },
      },
      {},
      { now: () => performance.now() + shift, maxCoolDown: 15 * 60_000 },
    )
    delivery.export(makeTraces(0, 5))
    await eventually(() => expect(delivery.exporter.stats().state).toBe('waiting'))
    for (let day = 1; day <= 3; day += 1) {
      // Not a moment before.
      shift += 14 * 60_000
      await delivery.exporter.flush({ timeout: 100 })
      expect(delivery.server.requests.length).toBe(day)
      shift += 3 * 60_000
      await delivery.exporter.flush({ timeout: 100 })
      expect(delivery.server.requests.length).toBe(day + 1)
    }
    expect(delivery.lines).toEqual([
      '[trulayer] The quota of this TruLayer account is used up (HTTP 429: Monthly span quota exceeded, request_id req_9). ' +
        'Traces are kept, up to 32 MiB, and sent when it is renewed. The next request is in 16 minutes. ' +
        'Upgrade the plan under Settings > Plan.',
    ])
    expect(delivery.problems).toMatchObject([{ reason: 'quota', dropped: 0 }])
    isUsedUp = false
    shift += 17 * 60_000
    await delivery.exporter.flush(SOON)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 5, dropped: {}, state: 'active' })
  })

  test('moves what waits to the spool', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'trulayer-quota-'))
    await using delivery = await startDelivery(
      { answer: () => EXCEEDED },
      { spool: directory },
      { maxCoolDown: 15 * 60_000 },
    )
    delivery.export(makeTraces(0, 5))
    await eventually(() =>
      expect(delivery.exporter.stats()).toMatchObject({ spooled: 5, queued: 0, dropped: {} }),
    )
    expect(delivery.lines[0]).toContain('Traces are kept, on disk, and sent when it is renewed')
    await rm(directory, { recursive: true })
  })
})

describe('refusals that nobody explains', () => {
  test.each<[string, IngestReply]>([
    ['403 of a firewall', { status: 403, body: '<!doctype html>Blocked' }],
    ['401 of a proxy', { status: 401, body: { error: 'unauthorized' } }],
    ['402', { status: 402, body: { code: 'plan_upgrade_required', required_plan: 'team' } }],
    ['404', { status: 404 }],
    ['302', { status: 302, headers: { location: 'https://login.example/' } }],
    ['200 of a captive portal', { status: 200, body: '<html>Sign in' }],
  ])('%s: cool-down, everything is kept, and sent when it is over', async (_, reply) => {
    let isUp = false
    await using delivery = await startDelivery(
      { answer: () => (isUp ? undefined : reply) },
      {},
      { coolDown: 200, maxCoolDown: 200 },
    )
    delivery.export(makeTraces(0, 50))
    await eventually(() => expect(delivery.problems.length).toBe(1))
    delivery.export(makeTraces(50, 120))
    // The batch and its halves, and then nothing for a while.
    expect(delivery.exporter.stats()).toMatchObject({ requests: 3, queued: 120, state: 'waiting' })
    isUp = true
    await eventually(() => expect(delivery.exporter.stats().sent).toBe(120))
    expect(delivery.exporter.stats()).toMatchObject({ dropped: {}, state: 'active' })
    expect(delivery.server.traces.length).toBe(120)
    const times = delivery.server.requests.map((request) => request.at)
    expect((times[3] ?? 0) - (times[2] ?? 0)).toBeGreaterThanOrEqual(195)
    expect(delivery.problems).toMatchObject([{ reason: 'refused', dropped: 0 }])
    expect(delivery.lines.length).toBe(1)
  })

  test.each([
    ['', 'Look for a mistake in TRULAYER_ENDPOINT.'],
    ['/v1', 'The path `/v1` is added to the endpoint: set TRULAYER_ENDPOINT to <url>.'],
  ])('404: the message has the address, endpoint <url>%s', async (path, advice) => {
    await using server = await startIngestServer({ answer: () => ({ status: 404 }) })
    await using delivery = await startDelivery({}, { endpoint: server.url + path })
    delivery.export([makeTrace(0)])
    await eventually(() => expect(delivery.lines.length).toBe(1))
    expect(delivery.lines[0]?.replaceAll(server.url, '<url>')).toMatch(
      `[trulayer] There is nothing at <url>${path}/v1/ingest/batch (HTTP 404). ${advice} Traces are kept;`,
    )
  })

  test('one probe at a time, with waits that grow, while it lasts', async () => {
    await using delivery = await startDelivery({ answer: () => ({ status: 404 }) })
    delivery.export(makeTraces(0, 250))
    await eventually(() => expect(delivery.server.requests.length).toBe(6))
    const times = delivery.server.requests.map((request) => request.at)
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    expect(gaps[2]).toBeGreaterThan(58)
    expect(gaps[3]).toBeGreaterThan(118)
    expect(gaps[4]).toBeGreaterThan(118)
  })

  test('one trace that a firewall takes for an attack is dropped alone', async () => {
    await using delivery = await startDelivery({
      answer: (request) =>
        request.body.includes('../../etc/passwd')
          ? { status: 403, body: '<html>Blocked' }
          : undefined,
    })
    delivery.export([...makeTraces(0, 30), makeTrace(30, { text: 'read ../../etc/passwd' })])
    delivery.export(makeTraces(31, 120))
    await delivery.exporter.flush(SOON)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 119, dropped: { rejected: 1 } })
  })
})

test('what was refused is tried again as soon as something else was taken', async () => {
  await using delivery = await startDelivery({
    answer: (request) => (request.body.includes('attack') ? { status: 403 } : undefined),
  })
  delivery.export([makeTrace(0, { text: 'attack' })])
  await eventually(() => expect(delivery.problems.length).toBe(1))
  delivery.export(makeTraces(1, 301))
  await eventually(() => expect(delivery.exporter.stats().sent).toBe(300))
  const refused = delivery.server.requests.map((request) => request.status === 403)
  expect(refused.slice(0, 3)).toEqual([true, false, true])
  expect(delivery.exporter.stats().dropped).toEqual({ rejected: 1 })
})

describe('the bound', () => {
  test('holds in bytes while nothing gets through: the newest are kept, errors above all', async () => {
    const size = JSON.stringify(makeTrace(0)).length
    const maxQueueBytes = 100 * size
    await using delivery = await startDelivery({ answer: () => 'hang' }, { maxQueueBytes })
    for (let index = 0; index < 1000; index += 1) {
      delivery.export([makeTrace(index, index % 100 === 7 ? { status: 'error' } : {})])
    }
    const { queued: waiting, inFlight = 0, dropped } = delivery.exporter.stats()
    const queued = waiting + inFlight
    expect(Object.keys(dropped)).toEqual(['overflow'])
    expect(queued).toBeGreaterThan(50)
    expect(queued).toBeLessThan(150)
    expect(queued + (dropped['overflow'] ?? 0)).toBe(1000)
    expect(delivery.lines.length).toBe(1)
    expect(delivery.problems.reduce((sum, problem) => sum + problem.dropped, 0)).toBe(
      dropped['overflow'],
    )
  })

  test('lets the newest and those with an error through when the service is back', async () => {
    let isUp = false
    await using delivery = await startDelivery(
      { answer: () => (isUp ? undefined : { status: 503 }) },
      { maxQueueBytes: 100_000 },
    )
    const errors = [7, 107, 207]
    for (let index = 0; index < 1000; index += 1) {
      delivery.export([makeTrace(index, errors.includes(index) ? { status: 'error' } : {})])
    }
    await eventually(() => expect(delivery.exporter.stats().requests).toBeGreaterThan(1))
    isUp = true
    await delivery.exporter.flush(SOON)
    const { sent, dropped } = delivery.exporter.stats()
    const arrived = delivery.server.traces.map((trace) => Number.parseInt(trace.id.slice(-6), 16))
    expect(arrived.length).toBe(sent)
    expect(sent + (dropped['overflow'] ?? 0)).toBe(1000)
    expect(arrived).toEqual(expect.arrayContaining([...errors, 997, 998, 999]))
    // The first 50 were under way all the time.
    const others = arrived.filter((index) => index >= 50 && !errors.includes(index))
    expect(Math.min(...others)).toBe(1000 - others.length)
  })

  test('refuses a trace that is larger than all of it, and drops nothing else for it', async () => {
    await using delivery = await startDelivery({}, { maxQueueBytes: 10_000 })
    delivery.export([makeTrace(0), makeTrace(1, { text: 'x'.repeat(20_000) }), makeTrace(2)])
    await delivery.exporter.flush(SOON)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 2, dropped: { too_large: 1 } })
  })
})

describe('flush', () => {
  test('covers what is under way and what is queued at the call, and nothing later', async () => {
    const gate = makeGate()
    await using delivery = await startDelivery(
      { answer: () => gate.opened },
      { flushInterval: 60_000, batchSize: 10 },
    )
    delivery.export(makeTraces(0, 15))
    await eventually(() => expect(delivery.server.requests.length).toBe(1))
    let isFlushed = false
    const flushed = delivery.exporter.flush(SOON).then(() => {
      isFlushed = true
      return delivery.exporter.stats().sent
    })
    await eventually(() =>
      expect(delivery.exporter.stats()).toMatchObject({ queued: 5, inFlight: 10 }),
    )
    expect(isFlushed).toBe(false)
    gate.open()
    expect(await flushed).toBe(15)
    delivery.export([makeTrace(20)])
    await delivery.exporter.flush(SOON)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 16, queued: 0 })
  })

  test('is not ended by what was exported later', async () => {
    const gate = makeGate()
    await using delivery = await startDelivery({
      answer: (request) => (idsIn(request).includes(idOf(1)) ? gate.opened : undefined),
    })
    delivery.export([makeTrace(0)])
    await delivery.exporter.flush(SOON)
    delivery.export([makeTrace(1)])
    let isFlushed = false
    const flushed = delivery.exporter.flush(SOON).finally(() => {
      isFlushed = true
    })
    delivery.export([makeTrace(2)])
    await eventually(() => expect(delivery.exporter.stats().sent).toBe(2))
    expect(isFlushed).toBe(false)
    gate.open()
    await flushed
    expect(delivery.exporter.stats().sent).toBe(3)
  })

  test('waits for what is under way although nothing more may be sent in time', async () => {
    const gate = makeGate()
    await using delivery = await startDelivery(
      {
        answer: (request) => {
          if (idsIn(request).includes(idOf(1))) return gate.opened
          return idsIn(request).includes(idOf(2))
            ? { status: 429, headers: { 'retry-after': '60' } }
            : undefined
        },
      },
      { batchSize: 1 },
    )
    delivery.export([makeTrace(0)])
    await delivery.exporter.flush(SOON)
    delivery.export([makeTrace(1), makeTrace(2)])
    const flushed = delivery.exporter.flush(SOON)
    await eventually(() => expect(delivery.exporter.stats().state).toBe('waiting'))
    gate.open()
    await flushed
    expect(delivery.exporter.stats()).toMatchObject({ sent: 2, queued: 1 })
  })

  test('ends at its deadline when the service hangs, and leaves everything queued', async () => {
    await using delivery = await startDelivery({ answer: () => 'hang' })
    delivery.export(makeTraces(0, 3))
    const startedAt = performance.now()
    await delivery.exporter.flush({ timeout: 80 })
    const took = performance.now() - startedAt
    expect(took).toBeGreaterThanOrEqual(78)
    expect(took).toBeLessThan(8000)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 0, inFlight: 3, dropped: {} })
  })

  test('returns at once and does not try while delivery pauses beyond its deadline', async () => {
    await using delivery = await startDelivery(
      { answer: () => ({ status: 404 }) },
      {},
      { coolDown: 60_000, maxCoolDown: 60_000, minPause: 1 },
    )
    delivery.export([makeTrace(0)])
    await eventually(() => expect(delivery.exporter.stats().state).toBe('waiting'))
    await expectAtOnce(delivery.exporter.flush({ timeout: 10_000 }))
    await expectAtOnce(delivery.exporter.flush({ timeout: 10_000, polls: true }))
    expect(delivery.exporter.stats()).toMatchObject({ queued: 1, requests: 1 })
  })

  test('that polls does not wait for an outage to end, any other does', async () => {
    await using delivery = await startDelivery(
      { answer: () => (delivery.server.requests.length <= 4 ? { status: 503 } : undefined) },
      {},
      { backOff: 500, maxBackOff: 500 },
    )
    delivery.export([makeTrace(0)])
    await eventually(() => expect(delivery.server.requests.length).toBe(4))
    await eventually(() => expect(delivery.exporter.stats().inFlight).toBe(0))
    await expectAtOnce(delivery.exporter.flush({ timeout: 10_000, polls: true }))
    expect(delivery.exporter.stats()).toMatchObject({ queued: 1, requests: 4 })
    await delivery.exporter.flush({ timeout: 10_000 })
    expect(delivery.exporter.stats()).toMatchObject({ queued: 0, requests: 5 })
  })

  test('that is the last tries once more although delivery pauses', async () => {
    await using delivery = await startDelivery(
      { answer: () => (delivery.server.requests.length === 1 ? { status: 404 } : undefined) },
      {},
      { coolDown: 60_000, maxCoolDown: 60_000, minPause: 1 },
    )
    delivery.export([makeTrace(0)])
    await eventually(() => expect(delivery.exporter.stats().state).toBe('waiting'))
    await delivery.exporter.shutdown({ timeout: 10_000 })
    expect(delivery.exporter.stats()).toMatchObject({ sent: 1, requests: 2 })
  })

  test('ends early when the service asked to wait beyond its deadline, and does not try', async () => {
    await using delivery = await startDelivery({
      answer: () => ({ status: 429, headers: { 'retry-after': '60' } }),
    })
    delivery.export([makeTrace(0)])
    await eventually(() => expect(delivery.exporter.stats().state).toBe('waiting'))
    const startedAt = performance.now()
    await delivery.exporter.flush({ timeout: 10_000 })
    expect(performance.now() - startedAt).toBeLessThan(8000)
    expect(delivery.exporter.stats()).toMatchObject({ queued: 1, requests: 1 })
  })

  test('called again and again does not become a request each', async () => {
    await using delivery = await startDelivery(
      { answer: () => ({ status: 404 }) },
      {},
      { coolDown: 60_000, maxCoolDown: 60_000, minPause: 10_000 },
    )
    delivery.export([makeTrace(0)])
    await eventually(() => expect(delivery.exporter.stats().state).toBe('waiting'))
    for (let call = 0; call < 20; call += 1) {
      await delivery.exporter.flush({ timeout: 100 })
    }
    expect(delivery.exporter.stats().requests).toBe(1)
  })

  test('resolves at once when there is nothing, and for each of several callers', async () => {
    await using delivery = await startDelivery()
    await delivery.exporter.flush({ timeout: 0 })
    delivery.export(makeTraces(0, 3))
    const flushes = [SOON, SOON, SOON].map((deadline) => delivery.exporter.flush(deadline))
    await Promise.all(flushes)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 3, requests: 1 })
  })

  test('delivers 300 batches that wait, 4 at a time', async () => {
    await using delivery = await startDelivery({}, { batchSize: 1, flushInterval: 60_000 })
    delivery.export(makeTraces(0, 300))
    await delivery.exporter.flush(SOON)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 300, requests: 300, dropped: {} })
  })
})

describe('shutdown', () => {
  test('delivers, then takes nothing more, however often it is called', async () => {
    await using delivery = await startDelivery({}, { flushInterval: 60_000 })
    delivery.export(makeTraces(0, 3))
    const first = delivery.exporter.shutdown(SOON)
    expect(delivery.exporter.shutdown({ timeout: 0 })).toBe(first)
    delivery.export([makeTrace(3)])
    await first
    await delivery.exporter.shutdown(SOON)
    await delivery.exporter.flush(SOON)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 3, queued: 0, dropped: { closed: 1 } })
    expect(delivery.problems).toMatchObject([{ reason: 'closed', dropped: 1 }])
    delivery.checkAccount()
  })

  test('ends requests that hang at its deadline, and counts what is left', async () => {
    await using delivery = await startDelivery({ answer: () => 'hang' })
    delivery.export(makeTraces(0, 120))
    const startedAt = performance.now()
    await delivery.exporter.shutdown({ timeout: 50 })
    expect(performance.now() - startedAt).toBeLessThan(8000)
    expect(delivery.exporter.stats()).toMatchObject({ queued: 0, dropped: { shutdown: 120 } })
    expect(delivery.lines).toEqual([
      '[trulayer] 120 traces were dropped: still undelivered when the time of shutdown() was over. ' +
        'Give it a longer `timeout`.',
    ])
  })
})

test('a listener or a logger that throws harms nobody', async () => {
  await using server = await startIngestServer({ answer: () => ({ status: 400 }) })
  const fail = (): never => {
    throw new Error('listener')
  }
  const exporter = new TruLayerExporter(
    {
      apiKey: KEY,
      endpoint: `${server.url}/`,
      onProblem: fail,
      logger: createLogger({ logger: { warn: fail, error: fail }, debug: false }),
    },
    FAST,
  )
  exporter.export([makeTrace(0)])
  await exporter.flush(SOON)
  expect(exporter.stats().dropped).toEqual({ rejected: 1 })
})

/* Before any timer or request: only microtasks run meanwhile. */
async function expectAtOnce(flushed: Promise<void>): Promise<void> {
  let isDone = false
  const markDone = async (): Promise<void> => {
    await flushed
    isDone = true
  }
  void markDone()
  for (let turn = 0; turn < 10; turn += 1) {
    await Promise.resolve()
  }
  expect(isDone).toBe(true)
}
