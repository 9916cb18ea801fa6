import type { Finisher } from './exit.ts'
import type { ChildRequests } from './send-in-child.ts'

/*
 * What is special about a page of a browser: it ends without a word, and requests end with it unless they ask to be kept
 * alive, which a browser grants for 64 KiB at a time.
 */
const KEPT_ALIVE = { bytes: 60_000, requests: 9 }
const HIDDEN_TIMEOUT = 10_000
const open = { bytes: 0, requests: 0 }
const encoder = new TextEncoder()

/** The `fetch` of the page; what is small enough outlives the page. */
export const fetchFromPage: typeof globalThis.fetch = async (input, options) => {
  const body = options?.body
  const bytes = typeof body === 'string' ? encoder.encode(body).length : Number.POSITIVE_INFINITY
  const keepalive = open.bytes + bytes <= KEPT_ALIVE.bytes && open.requests < KEPT_ALIVE.requests
  if (!keepalive) {
    return globalThis.fetch(input, options)
  }
  open.bytes += bytes
  open.requests += 1
  try {
    return await globalThis.fetch(input, { ...options, keepalive })
  } finally {
    open.bytes -= bytes
    open.requests -= 1
  }
}

/**
 * Makes requests that outlive the page, as many as the browser grants.
 *
 * @returns how many traces are on their way
 */
export function sendWithPage({ url, headers, batches, feedback }: ChildRequests): number {
  const post = (to: string, body: string): void => {
    fetchFromPage(to, { method: 'POST', headers, body }).catch(() => undefined)
  }
  const traces = batches.flatMap(({ body }) => tracesIn(body))
  const sent: string[] = []
  let room = KEPT_ALIVE.bytes - open.bytes - encoder.encode('{"traces":[]}').length
  for (const trace of traces) {
    room -= encoder.encode(trace).length + 1
    if (room < 0) {
      break
    }
    sent.push(trace)
  }
  if (sent.length > 0) {
    const body = `{"traces":[${sent.join(',')}]}`
    post(url, body)
  }
  for (const body of feedback.bodies) {
    post(feedback.url, body)
  }
  return sent.length
}

function tracesIn(body: string): string[] {
  const { traces }: { readonly traces: readonly unknown[] } = JSON.parse(body)
  return traces.map((trace) => JSON.stringify(trace))
}

/** Calls `listener` when the page is left for good. Returns a function that ends that. */
export function onPageLeft(listener: () => void): () => void {
  return listen(globalThis, 'pagehide', (event) => {
    // A page that is kept may come back.
    if (Reflect.get(event, 'persisted') !== true) {
      listener()
    }
  })
}

/**
 * Lets `finisher` deliver what it holds when the page is hidden, which is the last that many pages hear, and when it is left.
 *
 * @returns a function that ends it
 */
export function onPageEnd(finisher: Finisher): () => void {
  const page: unknown = Reflect.get(globalThis, 'document')
  const ends = [
    onPageLeft(() => finisher.finishNow({ mayTakeTime: false })),
    listen(page, 'visibilitychange', () => {
      const isHidden = Reflect.get(Object(page), 'visibilityState') === 'hidden'
      if (isHidden && finisher.hasWork()) {
        void finisher.finish({ timeout: HIDDEN_TIMEOUT, close: false })
      }
    }),
  ]
  return () => ends.forEach((end) => end())
}

function listen(target: unknown, event: string, listener: (event: Event) => void): () => void {
  if (!isEventTarget(target)) {
    return () => {}
  }
  target.addEventListener(event, listener)
  return () => target.removeEventListener(event, listener)
}

/* By shape, since a test of the host's may put something else in the place of the page. */
function isEventTarget(
  value: unknown,
): value is Pick<EventTarget, 'addEventListener' | 'removeEventListener'> {
  return typeof Reflect.get(Object(value), 'addEventListener') === 'function'
}
