import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WireTrace } from '@trulayer/core/internal'

import { createContract } from './contract.ts'

/** A request as the server got it. */
export interface IngestRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** When its body had come, in milliseconds of `performance.now()`. */
  readonly at: number
  /** What it was answered; `undefined` while it is not, or when its connection was closed instead. */
  readonly status: number | undefined
}

/** Something that the contract refuses. */
export interface Refusal {
  readonly problem: string
  /** The trace that it is about, or the whole body where that is to blame. */
  readonly trace: unknown
}

/** An answer in the service's place. */
export interface IngestAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text as it is, anything else as JSON. */
  readonly body?: unknown
  /** Sends the headers and the first half of the body, and then nothing more. */
  readonly stall?: boolean
}

/** What a request meets with: an answer, silence, or a connection that breaks. */
export type IngestReply = IngestAnswer | 'hang' | 'reset'

/** How a server is started. */
export interface IngestServerOptions {
  /**
   * Answers in the service's place; `undefined` leaves it to the service. `take` lets the service handle the request, and
   * returns its answer, which may then be given or lost.
   */
  readonly answer?: (
    request: IngestRequest,
    take: () => IngestAnswer,
  ) => IngestReply | undefined | Promise<IngestReply | undefined>
  /** False takes traces that the contract's schema refuses. @defaultValue true */
  readonly validate?: boolean
  /** The port to listen on; any that is free by default. */
  readonly port?: number
}

/** A stand-in for the TruLayer service on this machine. */
export interface IngestServer extends AsyncDisposable {
  readonly url: string
  /** The traces that were taken, in order. */
  readonly traces: readonly WireTrace[]
  /** The feedback that was taken, in order. */
  readonly feedback: readonly unknown[]
  readonly requests: readonly IngestRequest[]
  /** What was refused because the contract does, an id that another trace has among it. */
  readonly refused: readonly Refusal[]
  /** Calls `listener` with each trace that is taken. Returns a function that ends that. */
  onTrace(listener: (trace: WireTrace) => void): () => void
  /** Ends every connection, and resolves when the port is free. */
  close(): Promise<void>
}

const MOST_TRACES = 100
const LARGEST_SPAN = 1_000_000
const LARGEST_BODY = 20 * 1024 * 1024

/** Starts a server on the loopback interface that takes and refuses what the TruLayer service does. */
export async function startIngestServer(options: IngestServerOptions = {}): Promise<IngestServer> {
  const service = createService(options.validate ?? true)
  const requests: { -readonly [Key in keyof IngestRequest]: IngestRequest[Key] }[] = []

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(message)
    const request: (typeof requests)[number] = {
      method: message.method ?? '',
      path: message.url ?? '',
      headers: message.headers,
      body,
      at: performance.now(),
      status: undefined,
    }
    requests.push(request)
    const take = (): IngestAnswer => service.answer(request)
    const reply = (await options.answer?.(request, take)) ?? take()
    if (reply === 'hang') {
      return
    }
    if (reply === 'reset') {
      message.socket.destroy()
      return
    }
    request.status = reply.status
    send(response, reply)
  }

  const server = createServer((message, response) => {
    handle(message, response).catch((error: unknown) => {
      // A client that gives up in the middle of its request is no fault of the server's.
      if (!message.socket.destroyed) {
        send(response, { status: 500, body: { error: String(error) } })
      }
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    traces: service.traces,
    feedback: service.feedback,
    requests,
    refused: service.refused,
    onTrace: (listener) => service.onTrace(listener),
    close,
    [Symbol.asyncDispose]: close,
  }
}

interface Service {
  readonly traces: WireTrace[]
  readonly feedback: unknown[]
  readonly refused: Refusal[]
  answer(request: IngestRequest): IngestAnswer
  onTrace(listener: (trace: WireTrace) => void): () => void
}

function createService(validate: boolean): Service {
  const traces: WireTrace[] = []
  const feedback: unknown[] = []
  const refused: Refusal[] = []
  const known = new Map<string, string>()
  const listeners = new Set<(trace: WireTrace) => void>()
  const contract = createContract(validate)

  function refuse(status: number, problem: string, trace: unknown): IngestAnswer {
    refused.push({ problem, trace })
    return { status, body: { error: problem } }
  }

  /* Takes all of them or none, as one request. */
  function ingest(values: readonly unknown[]): IngestAnswer | readonly WireTrace[] {
    const taken: WireTrace[] = []
    for (const value of values) {
      const checked = contract.trace(value)
      if ('problem' in checked) {
        return refuse(400, checked.problem, value)
      }
      const { trace } = checked
      const large = trace.spans.find((span) => bytesOf(span) > LARGEST_SPAN)
      if (large !== undefined) {
        return refuse(413, `span ${large.id} has ${bytesOf(large)} bytes, more than 1 MB`, value)
      }
      taken.push(trace)
    }
    const twice = taken.find((trace, index) => taken.findIndex(hasIdOf(trace)) !== index)
    if (twice !== undefined) {
      return refuse(409, `two traces of the batch have the id ${twice.id}`, twice)
    }
    const duplicate = taken.find((trace) => known.has(trace.id))
    if (duplicate !== undefined) {
      // The same trace once more is a repeat, which is harmless.
      return known.get(duplicate.id) === JSON.stringify(duplicate)
        ? { status: 409, body: { error: `trace ${duplicate.id} is known` } }
        : refuse(409, `another trace has the id ${duplicate.id}`, duplicate)
    }
    for (const trace of taken) {
      traces.push(trace)
      known.set(trace.id, JSON.stringify(trace))
      for (const listener of listeners) {
        listener(trace)
      }
    }
    return taken
  }

  function ingestOne(value: unknown): IngestAnswer {
    const result = ingest([value])
    if (!isTraces(result)) {
      return result.status === 409 ? { status: 200, body: { status: 'duplicate' } } : result
    }
    const created_at = new Date().toISOString()
    return { status: 201, body: { id: result[0]?.id, created_at } }
  }

  function ingestBatch(value: unknown): IngestAnswer {
    const batch = isRecord(value) ? value['traces'] : undefined
    if (!Array.isArray(batch) || batch.length === 0 || Object.keys(value ?? {}).length > 1) {
      return refuse(400, 'the body must be {"traces": [...]} with at least one trace', value)
    }
    if (batch.length > MOST_TRACES) {
      return refuse(400, `${batch.length} traces in one batch, more than ${MOST_TRACES}`, value)
    }
    const result = ingest(batch)
    return isTraces(result)
      ? { status: 201, body: { ingested: result.length, ids: result.map((trace) => trace.id) } }
      : result
  }

  function takeFeedback(value: unknown): IngestAnswer {
    const problem = contract.feedback(value)
    if (problem !== undefined) {
      return refuse(400, problem, value)
    }
    feedback.push(value)
    return { status: 201, body: {} }
  }

  const routes: Readonly<Record<string, (value: unknown) => IngestAnswer>> = {
    '/v1/ingest': ingestOne,
    '/v1/ingest/batch': ingestBatch,
    '/v1/feedback': takeFeedback,
  }

  return {
    traces,
    feedback,
    refused,
    answer(request) {
      const route = request.method === 'POST' ? routes[request.path] : undefined
      if (route === undefined) {
        return { status: 404, body: { error: `no ${request.method} ${request.path} here` } }
      }
      if (!/^Bearer tl_\S/.test(request.headers.authorization ?? '')) {
        const error = 'a key that begins with tl_ must come as a bearer token'
        return { status: 401, body: { code: 'invalid_api_key', error } }
      }
      if (Buffer.byteLength(request.body) > LARGEST_BODY) {
        return refuse(413, 'the body has more than 20 MiB', undefined)
      }
      let value: unknown
      try {
        value = JSON.parse(request.body)
      } catch (error) {
        return refuse(400, `the body is no JSON: ${String(error)}`, request.body)
      }
      return route(value)
    },
    onTrace(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function send(response: ServerResponse, answer: IngestAnswer): void {
  const { body = {} } = answer
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(answer.status, {
    'content-type': typeof body === 'string' ? 'text/plain' : 'application/json',
    ...answer.headers,
  })
  if (answer.stall === true) {
    response.write(text.slice(0, Math.ceil(text.length / 2)))
  } else {
    response.end(text)
  }
}

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message) {
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') {
    throw new Error('the server has no port')
  }
  return address.port
}

function hasIdOf(trace: WireTrace): (other: WireTrace) => boolean {
  return (other) => other.id === trace.id
}

function isTraces(value: IngestAnswer | readonly WireTrace[]): value is readonly WireTrace[] {
  return Array.isArray(value)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
