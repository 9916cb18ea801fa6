import { createServer, type RequestListener } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  sendRequest,
  type OutgoingRequest,
  type SendOutcome,
} from '../../src/deliver/send-request.ts'
import { startIngestServer } from '../../../../test/support/ingest-server.ts'
import { KEY } from './support.ts'

function send(url: string, details: Partial<OutgoingRequest> = {}): Promise<SendOutcome> {
  return sendRequest({ url, apiKey: KEY, body: ['{}'], headers: {}, timeout: 2000, ...details })
}

async function startServer(listener: RequestListener): Promise<AsyncDisposable & { url: string }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/* What a fetch that is not there to be called says when it is. */
const unwanted: typeof fetch = () => Promise.reject(new Error('fetch was called'))

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('a request', () => {
  test('carries the key, the type and the caller’s headers, of which none replaces those two', async () => {
    await using server = await startIngestServer()
    await send(`${server.url}/v1/ingest/batch`, {
      headers: { Authorization: 'Basic x', 'Content-Type': 'text/plain', 'X-Team': 'support' },
    })
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      headers: {
        authorization: `Bearer ${KEY}`,
        'content-type': 'application/json',
        'x-team': 'support',
      },
    })
  })

  test('is answered with status, headers and body', async () => {
    await using server = await startIngestServer({
      answer: () => ({ status: 429, headers: { 'retry-after': '5' }, body: 'später' }),
    })
    const outcome = await send(server.url)
    expect(outcome).toMatchObject({ kind: 'answer', answer: { status: 429, body: 'später' } })
    expect(outcome.kind === 'answer' && outcome.answer.headers.get('retry-after')).toBe('5')
  })

  test('does not follow a redirect', async () => {
    await using elsewhere = await startIngestServer()
    await using server = await startIngestServer({
      answer: () => ({ status: 307, headers: { location: `${elsewhere.url}/v1/ingest` } }),
    })
    expect(await send(server.url)).toMatchObject({ kind: 'answer', answer: { status: 307 } })
    expect(elsewhere.requests).toEqual([])
  })

  test('reads 64 KB of a long answer and closes the rest', async () => {
    let written = 0
    const total = 50 * 1024 * 1024
    let onClose = (): void => {}
    const closed = new Promise<void>((resolve) => {
      onClose = resolve
    })
    await using server = await startServer((_, response) => {
      response.on('close', onClose)
      response.writeHead(201)
      const write = (): void => {
        while (written < total && !response.destroyed) {
          written += 65_536
          if (!response.write(Buffer.alloc(65_536, 'x'))) return
        }
      }
      response.on('drain', write)
      write()
    })
    const outcome = await send(server.url)
    expect(outcome.kind === 'answer' && outcome.answer.body.length).toBe(65_536)
    await closed
    expect(written).toBeLessThan(total)
  })

  test.each(['hang' as const, { status: 201, body: { ingested: 1 }, stall: true }])(
    'is given up in time when the service answers with %j',
    async (reply) => {
      await using server = await startIngestServer({ answer: () => reply })
      const startedAt = performance.now()
      const outcome = await send(server.url, { timeout: 60 })
      expect(outcome).toMatchObject({
        kind: 'no-answer',
        error: { message: 'no answer within 60 ms' },
      })
      const took = performance.now() - startedAt
      expect(took).toBeGreaterThan(50)
      expect(took).toBeLessThan(20_000)
    },
  )

  test('is given up in time by a fetch that does not listen to its signal', async () => {
    const deaf: typeof fetch = () => new Promise(() => {})
    expect(await send('https://api.trulayer.ai', { fetch: deaf, timeout: 20 })).toMatchObject({
      kind: 'no-answer',
    })
  })

  test('is given up at once when it is told so, before or after it was made', async () => {
    await using server = await startIngestServer({ answer: () => 'hang' })
    const controller = new AbortController()
    const outcome = send(server.url, { signal: controller.signal })
    controller.abort()
    expect(await outcome).toMatchObject({ kind: 'no-answer', error: { message: 'given up' } })
    expect(await send(server.url, { signal: controller.signal })).toMatchObject({
      kind: 'no-answer',
      error: { message: 'given up' },
    })
  })

  test('that breaks off, or is thrown at, is no answer', async () => {
    await using server = await startIngestServer({ answer: () => 'reset' })
    expect(await send(server.url)).toMatchObject({ kind: 'no-answer' })
    const broken: typeof fetch = () => {
      throw new Error('no network here')
    }
    expect(await send('https://api.trulayer.ai', { fetch: broken })).toMatchObject({
      kind: 'no-answer',
      error: { message: 'no network here' },
    })
  })

  test('uses the fetch of the moment, and under Next.js the one below its own', async () => {
    const first = vi.fn<typeof fetch>(() => Promise.resolve(new Response('1')))
    vi.stubGlobal('fetch', first)
    expect(await send('https://a.example')).toMatchObject({ answer: { body: '1' } })
    const original = vi.fn<typeof fetch>(() => Promise.resolve(new Response('2')))
    vi.stubGlobal('fetch', Object.assign(unwanted, { _nextOriginalFetch: original }))
    expect(await send('https://a.example')).toMatchObject({ answer: { body: '2' } })
    expect([first.mock.calls.length, original.mock.calls.length]).toEqual([1, 1])
    expect(original.mock.contexts).toEqual([undefined])
  })
})

describe('the key is not sent', () => {
  test.each([
    ['http://api.trulayer.ai/v1', 'insecure_endpoint'],
    ['http://127.0.0.1.evil.example', 'insecure_endpoint'],
    ['http://localhost.evil.example', 'insecure_endpoint'],
    ['http://10.0.0.1', 'insecure_endpoint'],
    ['http://[::2]', 'insecure_endpoint'],
    ['ftp://127.0.0.1', 'invalid_endpoint'],
    ['https://user:word@api.trulayer.ai', 'invalid_endpoint'],
    ['https://user@api.trulayer.ai', 'invalid_endpoint'],
    ['api.trulayer.ai', 'invalid_endpoint'],
    ['', 'invalid_endpoint'],
  ])('to %s', async (url, reason) => {
    expect(await send(url, { fetch: unwanted })).toEqual({ kind: 'unsendable', reason })
  })

  test.each([
    { apiKey: 'tl_one\ntwo' },
    { apiKey: 'tl_“quoted”' },
    { headers: { 'bad name': 'x' } },
    { headers: { name: 'a\r\nb' } },
  ])('with headers that cannot be: %j', async (details) => {
    expect(await send('https://a.example', { fetch: unwanted, ...details })).toEqual({
      kind: 'unsendable',
      reason: 'invalid_header',
    })
  })
})

test.each([
  'https://api.trulayer.ai',
  'http://127.0.0.1:1',
  'http://127.1:1',
  'http://localhost:1',
  'http://api.localhost:1',
  'http://[::1]:1',
])('the key is sent to %s', async (url) => {
  const asked: unknown[] = []
  const answer: typeof fetch = (input) => {
    asked.push(input)
    return Promise.resolve(new Response(null, { status: 204 }))
  }
  expect(await send(url, { fetch: answer })).toMatchObject({ kind: 'answer', answer: { body: '' } })
  expect(asked).toEqual([url])
})
