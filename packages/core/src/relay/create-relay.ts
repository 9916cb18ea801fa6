import { getClient } from '../client/global-client.ts'
import { internalsOf } from '../client/client-internals.ts'
import type { TruLayer } from '../client/client.ts'
import type { FeedbackResult } from '../deliver/feedback.ts'
import { BoundedMap } from '../record/bounded-map.ts'
import { wallClock } from '../runtime/clock.ts'
import { isRecord } from '../shape/read.ts'
import type { FinishedTrace } from '../shape/trace.ts'
import { checkFeedback } from './check-feedback.ts'
import { corsHeaders, isFromOurPage, PREFLIGHT_HEADERS } from './check-origin.ts'
import { checkTrace } from './check-trace.ts'
import { RateLimiter } from './rate-limiter.ts'
import { readBody } from './read-body.ts'
import { type RelayItem, type RelayOptions, resolveRelayOptions } from './relay-options.ts'

/** A fetch-style handler. What the platform hands over beside the request is passed on to `visitorOf`. */
export type Relay = (request: Request, ...context: readonly unknown[]) => Promise<Response>

/* An answer, before what lets the page read it. */
interface Reply {
  readonly status: number
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}

const REMEMBERED_TRACES = 20_000
const MOST_SUBMITTING = 1000

/**
 * Makes the place on your server that browsers send to: it takes what they may send, and the client that it belongs to adds the
 * key, redacts and delivers. No answer holds anything of the service's or of the key.
 *
 * A request is taken when it comes from a page of yours, is JSON, small enough, not one too many, of a kind that is
 * allowed, made of the fields of the wire alone, and when `authorize` has nothing against it.
 *
 * @throws TruLayerError `invalid-option` for a list that is none and a kind that does not exist
 * @returns a handler for Next.js, Hono, Bun, Deno and Workers; `toNodeHandler` makes one for Express and `node:http` of it
 *
 * @example
 * ```ts
 * // app/api/trulayer/route.ts
 * export const POST = createRelay()
 * ```
 */
export function createRelay(options: RelayOptions = {}): Relay {
  const settings = resolveRelayOptions(options)
  const everybody = new RateLimiter(settings.perMinute)
  const visitors = new RateLimiter(settings.perVisitorMinute)
  const taken = new BoundedMap<string, true>(REMEMBERED_TRACES)
  const submitting = new Map<string, Promise<FeedbackResult>>()

  async function answer(request: Request, context: readonly unknown[]): Promise<Reply> {
    if (!isFromOurPage(request, settings.allowedOrigins)) {
      return refuse(403, 'this origin may not send')
    }
    if (request.method === 'OPTIONS') {
      return { status: 204, headers: PREFLIGHT_HEADERS }
    }
    if (request.method !== 'POST') {
      return { ...refuse(405, 'only POST'), headers: { allow: 'POST, OPTIONS' } }
    }
    const wait = waitOf(request, context)
    if (wait > 0) {
      const seconds = String(Math.min(60, Math.ceil(wait / 1000)))
      return { ...refuse(429, 'too many requests'), headers: { 'retry-after': seconds } }
    }
    // Nothing else makes a browser ask first whether a page of another origin may send.
    const type = request.headers.get('content-type') ?? ''
    if (!/^application\/json\s*(;|$)/i.test(type) || request.headers.has('content-encoding')) {
      return refuse(415, 'the body must be JSON')
    }
    const body = await readBody(request, settings.bodyBytes)
    return body === undefined ? refuse(413, 'the body is too large') : take(body, request)
  }

  function waitOf(request: Request, context: readonly unknown[]): number {
    const visitor = options.visitorOf?.(request, ...context)
    // A visitor who sends too much takes nothing of what is everybody's.
    const wait = visitor === undefined ? 0 : visitors.take(visitor)
    return wait > 0 ? wait : everybody.take('')
  }

  async function take(body: string, request: Request): Promise<Reply> {
    let value: unknown
    try {
      value = JSON.parse(body)
    } catch {
      return refuse(400, 'the body is no JSON')
    }
    const kind = isRecord(value) && Object.hasOwn(value, 'traces') ? 'traces' : 'feedback'
    if (!settings.allow.has(kind)) {
      return refuse(403, `${kind} may not be sent`)
    }
    return isRecord(value) && kind === 'traces'
      ? takeTraces(value, request)
      : takeFeedback(value, request)
  }

  async function takeFeedback(value: unknown, request: Request): Promise<Reply> {
    const checked = checkFeedback(value)
    if ('problem' in checked) {
      return refuse(422, checked.problem)
    }
    const feedback = checked.value
    if (!(await isAuthorized({ kind: 'feedback', feedback }, request))) {
      return refuse(403, 'this feedback may not be sent')
    }
    // Somebody who asks again while the first time is under way gets the answer of the first time.
    const key = JSON.stringify(feedback)
    let result = submitting.get(key)
    if (result === undefined) {
      if (submitting.size >= MOST_SUBMITTING) {
        return refuse(503, 'not available now')
      }
      result = clientOf().submitFeedback(feedback)
      submitting.set(key, result)
      void result.finally(() => submitting.delete(key))
    }
    return toReply(await result)
  }

  async function takeTraces(
    { traces, ...others }: Readonly<Record<string, unknown>>,
    request: Request,
  ): Promise<Reply> {
    if (!Array.isArray(traces) || traces.length === 0 || Object.keys(others).length > 0) {
      return refuse(422, 'the body must be {"traces": [...]} with at least one trace')
    }
    const understood: FinishedTrace[] = []
    for (const trace of traces) {
      const checked = checkTrace(trace, wallClock())
      if ('problem' in checked) {
        return refuse(422, checked.problem)
      }
      // oxlint-disable-next-line no-await-in-loop -- the first refusal is the answer
      if (!(await isAuthorized({ kind: 'traces', trace: checked.value }, request))) {
        return refuse(403, 'this trace may not be sent')
      }
      understood.push(checked.value)
    }
    return acceptTraces(understood)
  }

  function acceptTraces(traces: readonly FinishedTrace[]): Reply {
    const internals = internalsOf(clientOf())
    // A trace that was taken before is a repeat; one that this server records itself is not the visitor's to tell.
    const fresh = traces.filter(({ id }) => !taken.has(id))
    if (fresh.some(({ id }) => internals.recorder.hasUsed(id))) {
      return refuse(422, 'the id belongs to a trace of the server')
    }
    for (const trace of fresh) {
      if (!internals.accept(trace)) {
        return refuse(503, 'not available')
      }
      taken.set(trace.id, true)
    }
    return { status: 201, body: { ingested: traces.length, ids: traces.map(({ id }) => id) } }
  }

  async function isAuthorized(item: RelayItem, request: Request): Promise<boolean> {
    try {
      return (await options.authorize?.(item, request)) ?? true
    } catch {
      return false
    }
  }

  function clientOf(): TruLayer {
    return options.client ?? getClient()
  }

  return async (request, ...context) => {
    const headers = corsHeaders(request, settings.allowedOrigins)
    let reply: Reply
    try {
      reply = await answer(request, context)
    } catch {
      // The sender went away in the middle, or `visitorOf` threw; nobody may learn more than that from outside.
      reply = refuse(400, 'the request could not be read')
    }
    const { status, body } = reply
    return body === undefined
      ? new Response(null, { status, headers: { ...reply.headers, ...headers } })
      : Response.json(body, { status, headers: { ...reply.headers, ...headers } })
  }
}

function refuse(status: number, error: string): Reply {
  return { status, body: { error } }
}

/*
 * What a page may learn of the service's answer: whether it is worth another try, and that a trace was not sampled. The rest
 * (a key that is refused, an archived project) is the server's own business, which hears of it by `onError`.
 */
function toReply(result: FeedbackResult): Reply {
  if (result.accepted) {
    return { status: 201, body: {} }
  }
  switch (result.reason) {
    case 'sampled_out':
      return { status: 422, body: { code: 'sampled_out', message: 'its trace was not sampled' } }
    case 'timeout':
    case 'overflow':
    case 'export-failed':
      return refuse(503, 'not available now')
    default:
      return { status: 422, body: { code: 'unavailable', message: 'nobody takes it' } }
  }
}
