import { findNodePost, type PostWithNode, StaleConnectionError } from '../runtime/node-post.ts'
import { startTimer } from '../runtime/timers.ts'
import { isObject } from '../shape/read.ts'
import { probe } from '../shape/readable.ts'
import { joinBytes } from './request-body.ts'

/** One request to the service. */
export interface OutgoingRequest {
  readonly url: string
  /** `undefined` for a receiver that needs none. */
  readonly apiKey: string | undefined
  /** The pieces of the body, one after the other; bytes where it is compressed. */
  readonly body: readonly string[] | Uint8Array<ArrayBuffer>
  /** Headers beside those that every request needs, which win. */
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds until the request is given up, the answer's body included. */
  readonly timeout: number
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Whether an earlier request was answered, so that this one may meet a connection that was closed meanwhile. */
  readonly isWarm?: boolean | undefined
  /** Gives the request up at once. */
  readonly signal?: AbortSignal | undefined
}

/** What came back: the body as far as it was read. */
export interface Answer {
  readonly status: number
  readonly headers: Pick<Headers, 'get'>
  readonly body: string
}

/** Why a request must not be made (the key would be seen on the way) or cannot be made. */
export type UnsendableReason = 'insecure_endpoint' | 'invalid_endpoint' | 'invalid_header'

/** What became of one request: an answer, none, or no request at all. */
export type SendOutcome =
  | {
      readonly kind: 'answer'
      readonly answer: Answer
      /** Whether it was sent twice, the first time over a connection that the other side had closed. */
      readonly isRepeated?: boolean
    }
  | { readonly kind: 'no-answer'; readonly error: unknown }
  | { readonly kind: 'unsendable'; readonly reason: UnsendableReason }

/** Enough for every answer of the service; what is longer is not from it. */
const LONGEST_ANSWER = 64 * 1024

/**
 * Makes one attempt. It always resolves, once, and within the timeout even where `fetch` does not listen to its signal.
 */
export function sendRequest(request: OutgoingRequest): Promise<SendOutcome> {
  const endpoint = checkUrl(request)
  if (endpoint !== undefined) {
    return Promise.resolve({ kind: 'unsendable', reason: endpoint })
  }
  const headers = createHeaders(request)
  if (headers === undefined) {
    return Promise.resolve({ kind: 'unsendable', reason: 'invalid_header' })
  }
  return new Promise((resolve) => {
    const controller = new AbortController()
    const end = (outcome: SendOutcome): void => {
      timer.stop()
      request.signal?.removeEventListener('abort', giveUp)
      resolve(outcome)
    }
    const abort = (message: string): void => {
      const error = new Error(message)
      end({ kind: 'no-answer', error })
      controller.abort(error)
    }
    const giveUp = (): void => abort('given up')
    const timer = startTimer(() => abort(`no answer within ${request.timeout} ms`), request.timeout)
    if (request.signal?.aborted === true) {
      giveUp()
      return
    }
    request.signal?.addEventListener('abort', giveUp)
    attemptTwice(request, headers, controller.signal).then(
      (answered) => end({ kind: 'answer', ...answered }),
      (error: unknown) => end({ kind: 'no-answer', error }),
    )
  })
}

/*
 * A server may close a connection just when we take it up again, and after a freeze (Lambda) it has surely done so. That
 * says nothing about the service, so it costs neither a wait nor an attempt.
 */
async function attemptTwice(
  request: OutgoingRequest,
  headers: Headers,
  signal: AbortSignal,
): Promise<{ readonly answer: Answer; readonly isRepeated: boolean }> {
  const post = request.fetch === undefined ? findNodePost() : undefined
  const send = (): Promise<Answer> =>
    post === undefined
      ? attempt(request, headers, signal)
      : attemptWith(post, request, headers, signal)
  try {
    return { answer: await send(), isRepeated: false }
  } catch (error) {
    const isStale =
      error instanceof StaleConnectionError ||
      // `fetch` does not tell whether a connection was an old one.
      (post === undefined && request.isWarm === true && isClosedByPeer(error))
    if (signal.aborted || !isStale) {
      throw error
    }
    return { answer: await send(), isRepeated: true }
  }
}

function isClosedByPeer(error: unknown): boolean {
  const cause = isObject(error) ? probe(error, 'cause') : undefined
  const codes = [error, cause].map((link) => (isObject(link) ? probe(link, 'code') : undefined))
  return codes.some((code) => code === 'UND_ERR_SOCKET' || code === 'ECONNRESET')
}

function attemptWith(
  post: PostWithNode,
  { url, body }: OutgoingRequest,
  headers: Headers,
  signal: AbortSignal,
): Promise<Answer> {
  return post({
    url,
    headers: Object.fromEntries(headers),
    body: body instanceof Uint8Array ? body : joinBytes(body),
    signal,
    longestAnswer: LONGEST_ANSWER,
  })
}

async function attempt(
  request: OutgoingRequest,
  headers: Headers,
  signal: AbortSignal,
): Promise<Answer> {
  const { url, body } = request
  // Called without an object, for some runtimes refuse a `fetch` that is called as the method of another.
  const send = request.fetch ?? currentFetch()
  const response = await send(url, {
    method: 'POST',
    headers,
    body: body instanceof Uint8Array ? body : body.join(''),
    // Followed, a redirect would turn the request into a GET and show the key to another host.
    redirect: 'manual',
    signal,
  })
  return {
    status: response.status,
    headers: response.headers,
    body: await readStart(response),
  }
}

/* Looked up for each request: hosts replace it, and Next.js keeps the real one, without its cache, inside its own. */
function currentFetch(): typeof globalThis.fetch {
  const current = globalThis.fetch
  const original: unknown = Reflect.get(current, '_nextOriginalFetch')
  return isFetch(original) ? original : current
}

function isFetch(value: unknown): value is typeof globalThis.fetch {
  return typeof value === 'function'
}

async function readStart(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  if (reader === undefined) {
    return ''
  }
  const decoder = new TextDecoder()
  let text = ''
  let room = LONGEST_ANSWER
  while (room > 0) {
    // oxlint-disable-next-line no-await-in-loop -- a stream is read one piece after the other
    const { done, value } = await reader.read()
    if (done) {
      return text + decoder.decode()
    }
    text += decoder.decode(value.subarray(0, room), { stream: true })
    room -= value.byteLength
  }
  // What is not read must be refused, else its connection stays occupied.
  reader.cancel().catch(() => {})
  return text
}

function createHeaders(request: OutgoingRequest): Headers | undefined {
  try {
    const headers = new Headers(request.headers)
    headers.set('content-type', 'application/json')
    if (request.apiKey !== undefined) {
      headers.set('authorization', `Bearer ${request.apiKey}`)
    }
    return headers
  } catch {
    // A line break or a typographic quote in the key or in a header of the user's.
    return undefined
  }
}

function checkUrl(request: OutgoingRequest): UnsendableReason | undefined {
  const url = URL.canParse(request.url) ? new URL(request.url) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '') {
    return 'invalid_endpoint'
  }
  const isSafe =
    request.apiKey === undefined || url.protocol === 'https:' || isLoopback(url.hostname)
  return isSafe ? undefined : 'insecure_endpoint'
}

/* The URL parser has made one spelling of them by now: 127.1 and 0x7f000001 are 127.0.0.1. */
function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  )
}
