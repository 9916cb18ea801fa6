import type { Relay } from './create-relay.ts'

/** The little of Node's `IncomingMessage`, and of Express's request, that is read. */
export interface NodeRequest extends AsyncIterable<Uint8Array | string> {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** Express: the address before a router took its own part away. */
  readonly originalUrl?: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Whose `encrypted` is true where the request came over TLS. */
  readonly socket: object
  /** What a parser of the host's has made of the body, which is gone from the stream then. */
  readonly body?: unknown
}

/** The little of Node's `ServerResponse` that is used. */
export interface NodeResponse {
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown
  end(body: string): unknown
}

/** A handler for `node:http`, Express, Connect and whatever else takes their two parameters. */
export type NodeHandler = (request: NodeRequest, response: NodeResponse) => Promise<void>

/**
 * Makes a handler for Express and `node:http` of a relay. It works before and behind `express.json()`, and hands the relay
 * Node's own request, for `visitorOf`.
 *
 * @example
 * ```ts
 * app.use('/api/trulayer', toNodeHandler(createRelay()))
 * ```
 */
export function toNodeHandler(relay: Relay): NodeHandler {
  return async (message, response) => {
    const answer = await answerOf(relay, message)
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(await answer.text())
  }
}

async function answerOf(relay: Relay, message: NodeRequest): Promise<Response> {
  try {
    return await relay(toRequest(message), message)
  } catch {
    // A method or a header that a `Request` cannot have: TRACE for instance. Thrown on, it would end the host's process.
    return Response.json({ error: 'the request could not be read' }, { status: 400 })
  }
}

function toRequest(message: NodeRequest): Request {
  const { method = 'GET' } = message
  const headers = new Headers()
  for (const [name, value] of Object.entries(message.headers)) {
    for (const one of typeof value === 'string' ? [value] : (value ?? [])) {
      headers.append(name, one)
    }
  }
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(addressOf(message), {
    method,
    headers,
    ...(hasBody && { body: bodyOf(message), duplex: 'half' }),
  })
}

function addressOf({ headers, socket, originalUrl, url = '/' }: NodeRequest): string {
  const scheme = Reflect.get(socket, 'encrypted') === true ? 'https' : 'http'
  const host = typeof headers['host'] === 'string' ? headers['host'] : 'localhost'
  const base = `${scheme}://${host}`
  const path = originalUrl ?? url
  return URL.canParse(path, base) ? new URL(path, base).href : base
}

function bodyOf(message: NodeRequest): string | ReadableStream<Uint8Array> {
  const { body } = message
  if (body === undefined) {
    return toStream(message)
  }
  return typeof body === 'string' ? body : JSON.stringify(body)
}

function toStream(message: NodeRequest): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const chunks = message[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done === true) {
        controller.close()
      } else {
        controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value)
      }
    },
    async cancel() {
      await chunks.return?.()
    },
  })
}
