import { createServer, request as nodeRequest, type IncomingMessage } from 'node:http'
import { expect, test, vi } from 'vitest'
import {
  toNodeHandler,
  type NodeHandler,
  type NodeRequest,
} from '../../src/relay/to-node-handler.ts'
import type { Relay } from '../../src/relay/create-relay.ts'
import { idOf } from '../deliver/support.ts'
import { startRelay, thumb } from './support.ts'

/* A server of the host's that passes everything to a handler. */
async function serve(handler: NodeHandler): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => void handler(request, response))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { origin: new URL(url).origin, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

test('a relay behind node:http takes, refuses and answers as it does elsewhere', async () => {
  await using rig = await startRelay({ limits: { bodyBytes: 2000 } })
  await using host = await serve(toNodeHandler(rig.relay))
  const url = `${host.url}/api/trulayer?to=/v1/feedback`
  const taken = await post(url, thumb())
  expect([taken.status, await taken.json()]).toEqual([201, {}])
  expect((await post(url, thumb({ label: 'great' }))).status).toBe(422)
  expect((await post(url, thumb({ comment: 'x'.repeat(2000) }))).status).toBe(413)
  expect((await fetch(url, { headers: { origin: host.url } })).status).toBe(405)
  expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(403)
  expect(rig.server.feedback).toEqual([thumb()])
})

test('a body that goes on and on is not read to its end', async () => {
  await using rig = await startRelay({ limits: { bodyBytes: 2000 } })
  await using host = await serve(toNodeHandler(rig.relay))
  const status = await new Promise((resolve, reject) => {
    const sending = nodeRequest(host.url, {
      method: 'POST',
      headers: { origin: host.url, 'content-type': 'application/json' },
    })
    sending.on('response', (response) => resolve(response.statusCode))
    // The server may close what it does not read, once it has answered.
    sending.on('error', reject)
    sending.write(' '.repeat(100_000))
  })
  expect(status).toBe(413)
})

test('what a parser of the host’s has read is taken from it', async () => {
  await using rig = await startRelay()
  const handle = toNodeHandler(rig.relay)
  await using host = await serve(async (request, response) => {
    let text = ''
    for await (const chunk of request) {
      text += String(chunk)
    }
    const body: unknown = JSON.parse(text)
    await handle(Object.assign(request, { body }), response)
  })
  expect((await post(host.url, thumb({ trace_id: idOf(2) }))).status).toBe(201)
  expect(rig.server.feedback).toEqual([thumb({ trace_id: idOf(2) })])
})

test('the relay sees the address, the headers and Node’s own request', async () => {
  const seen: unknown[] = []
  const relay: Relay = async (request, message) => {
    const { socket } = message as IncomingMessage
    seen.push(request.url, request.headers.get('x-many'), socket.remoteAddress)
    return new Response('told', { status: 418, headers: { 'x-answer': 'yes' } })
  }
  await using host = await serve(toNodeHandler(relay))
  const response = await fetch(`${host.url}/a/b?c=d`, {
    headers: [
      ['x-many', 'one'],
      ['x-many', 'two'],
    ],
  })
  expect([response.status, response.headers.get('x-answer'), await response.text()]).toEqual([
    418,
    'yes',
    'told',
  ])
  expect(seen).toEqual([`${host.url}/a/b?c=d`, 'one, two', '127.0.0.1'])
})

test('what no Request can be is refused, and ends nobody’s process', async () => {
  await using rig = await startRelay()
  await using host = await serve(toNodeHandler(rig.relay))
  const statusOf = (method: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      nodeRequest(host.url, { method })
        .on('response', (response) => resolve(response.statusCode))
        .on('error', reject)
        .end()
    })
  expect([await statusOf('TRACE'), await statusOf('HEAD'), await statusOf('DELETE')]).toEqual([
    400, 403, 403,
  ])
})

/* A request of Node's, as far as it is read. */
function messageOf(details: Partial<NodeRequest>): NodeRequest {
  return {
    headers: {
      host: 'shop.example',
      origin: 'https://shop.example',
      'content-type': 'application/json',
    },
    socket: {},
    async *[Symbol.asyncIterator]() {},
    ...details,
  }
}

test.each<[Partial<NodeRequest>, string]>([
  [{}, 'http://shop.example/'],
  [{ socket: { encrypted: true }, url: '/relay' }, 'https://shop.example/relay'],
  [{ url: '/', originalUrl: '/api/trulayer?to=x' }, 'http://shop.example/api/trulayer?to=x'],
  [{ url: 'http://[' }, 'http://shop.example'],
  [{ headers: {}, url: '/relay' }, 'http://localhost/relay'],
])('the address of %j', async (details, url) => {
  const relay = vi.fn<Relay>(async () => new Response())
  await toNodeHandler(relay)(messageOf(details), { writeHead: vi.fn(), end: vi.fn() })
  expect(relay.mock.calls[0]?.[0].url).toBe(new URL(url).href)
})

test('what is not read is let go', async () => {
  await using rig = await startRelay({ limits: { bodyBytes: 10 } })
  let isLetGo = false
  const message = messageOf({
    method: 'POST',
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          yield 'more and more'
        }
      } finally {
        isLetGo = true
      }
    },
  })
  const writeHead = vi.fn()
  await toNodeHandler(rig.relay)(message, { writeHead, end: vi.fn() })
  expect(writeHead).toHaveBeenCalledWith(413, expect.anything())
  expect(isLetGo).toBe(true)
})
