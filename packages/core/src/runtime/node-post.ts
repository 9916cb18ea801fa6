import { builtinModule, runtimeName } from './environment.ts'

/** A request that is made without `fetch`. */
export interface NodePost {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly signal: AbortSignal
  /** Bytes of the answer's body that are read; its connection is closed at what is more. */
  readonly longestAnswer: number
}

/** What came back. */
export interface NodeAnswer {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body: string
}

/** Makes a request. Rejects where no answer came. */
export type PostWithNode = (request: NodePost) => Promise<NodeAnswer>

/**
 * A way to make requests through Node's own `http`, for a third of the CPU time of `fetch`, which copies a body three times.
 * `undefined` on other runtimes, and where somebody has put something else in the place of `fetch` or given it a proxy
 * or certificates of their own (`setGlobalDispatcher` of undici): requests have to go the way that was laid for them.
 */
export function findNodePost(): PostWithNode | undefined {
  if (runtimeName()?.startsWith('node') !== true || !isOwnFetch() || hasOwnDispatcher()) {
    return undefined
  }
  return builtinModule('node:http') === undefined ? undefined : postWithNode
}

/* By its text, for a host that wraps it may have been loaded before us. */
function isOwnFetch(): boolean {
  const { fetch } = globalThis
  return typeof fetch === 'function' && String(fetch).includes('internal/deps/undici')
}

/* The plain one is made by the first `fetch`; with NODE_USE_ENV_PROXY Node itself sets another at its start. */
function hasOwnDispatcher(): boolean {
  const dispatcher: unknown = Reflect.get(globalThis, Symbol.for('undici.globalDispatcher.1'))
  return typeof dispatcher === 'object' && dispatcher !== null
    ? dispatcher.constructor.name !== 'Agent'
    : false
}

interface IncomingLike {
  readonly statusCode?: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown
  on(event: 'end' | 'close', listener: () => void): unknown
  on(event: 'error', listener: (error: unknown) => void): unknown
  destroy(): unknown
}

interface OutgoingLike {
  readonly reusedSocket?: boolean
  on(event: 'error', listener: (error: unknown) => void): unknown
  on(event: 'socket', listener: (socket: { unref(): unknown }) => void): unknown
  end(body: Uint8Array): unknown
}

interface HttpModule {
  readonly Agent: new (options: { readonly keepAlive: boolean }) => object
  request(
    url: string,
    options: {
      readonly method: string
      readonly agent: object
      readonly headers: Readonly<Record<string, string>>
      readonly signal: AbortSignal
    },
    listener: (response: IncomingLike) => void,
  ): OutgoingLike
}

/* One for each protocol, made with the first request: what is idle in them keeps no process alive. */
const agents = new Map<string, object>()

function postWithNode(request: NodePost): Promise<NodeAnswer> {
  return new Promise((resolve, reject) => {
    const name = request.url.startsWith('https:') ? 'node:https' : 'node:http'
    const http = builtinModule(name)
    if (!isHttpModule(http)) {
      throw new Error(`no ${name}`)
    }
    const agent = agents.get(name) ?? new http.Agent({ keepAlive: true })
    agents.set(name, agent)
    const { headers, signal } = request
    const outgoing = http.request(
      request.url,
      { method: 'POST', agent, headers, signal },
      (response) => readAnswer(response, request.longestAnswer, resolve, reject),
    )
    outgoing.on('error', (error) => reject(outgoing.reusedSocket === true ? stale(error) : error))
    // Whoever waits for an answer keeps the process alive (`flush` does); a request that hangs must not.
    outgoing.on('socket', (socket) => socket.unref())
    outgoing.end(request.body)
  })
}

function readAnswer(
  response: IncomingLike,
  longest: number,
  resolve: (answer: NodeAnswer) => void,
  reject: (error: unknown) => void,
): void {
  const decoder = new TextDecoder()
  let body = ''
  let room = longest
  const end = (): void =>
    resolve({
      status: response.statusCode ?? 0,
      headers: { get: (name) => response.headers[name]?.toString() ?? null },
      body,
    })
  response.on('data', (chunk) => {
    body += decoder.decode(chunk.subarray(0, room), { stream: true })
    room -= Math.min(room, chunk.byteLength)
    if (room === 0) {
      end()
      response.destroy()
    }
  })
  response.on('end', end)
  response.on('error', reject)
  // Where the connection breaks in the middle of the body some versions tell nothing else.
  response.on('close', () => reject(new Error('the answer was cut off')))
}

/** A connection that was kept open, and that the other side had closed meanwhile. */
export class StaleConnectionError extends Error {
  override readonly name: string = 'StaleConnectionError'
}

const CLOSED_BY_PEER: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE'])

function stale(error: unknown): unknown {
  const code: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined
  return CLOSED_BY_PEER.has(code) ? new StaleConnectionError(String(code), { cause: error }) : error
}

function isHttpModule(value: unknown): value is HttpModule {
  return typeof value === 'object' && value !== null && 'Agent' in value && 'request' in value
}
