import { method, property } from './members.ts'

/** Tells a serverless platform to let a promise finish after the answer has left. */
export type WaitUntil = (promise: Promise<unknown>) => void

/*
 * Where platforms keep the context of the request that is running, from a global name to the object with `waitUntil`:
 * Vercel, Next.js on a platform (`after` uses it) and in its edge sandbox, Cloudflare under OpenNext, Netlify, Supabase.
 */
const PLACES: readonly (readonly PropertyKey[])[] = [
  [Symbol.for('@vercel/request-context'), 'get()'],
  [Symbol.for('@next/request-context'), 'get()'],
  [Symbol.for('__cloudflare-context__'), 'ctx'],
  ['Netlify', 'context'],
  ['EdgeRuntime'],
]
/*
 * `next start` and other servers of its own have no such context. There the promises of `after` are kept with the request,
 * and Next.js waits for them when it is told to stop: https://github.com/vercel/next.js/blob/v16.0.0/packages/next/src/server/after/after-context.ts
 * The way to the request leads over the `fetch` that Next.js patches. Before 15.1 it leads nowhere.
 */
const NEXT_STORE = '__nextGetStaticStore'
const NEXT_SERVER: readonly PropertyKey[] = [
  'fetch',
  `${NEXT_STORE}()`,
  'getStore()',
  'afterContext',
]

/**
 * The `waitUntil` of the request that is running, where a platform offers one that can be found. It belongs to that request
 * alone and must be asked for anew in the next.
 */
export function findWaitUntil(): WaitUntil | undefined {
  for (const place of [...PLACES, NEXT_SERVER]) {
    const found = lookUp(place)
    if (found !== undefined) {
      return found
    }
  }
  return undefined
}

/** True where a platform keeps the context of requests, whether or not one is running. */
export function hasRequestContext(): boolean {
  return (
    PLACES.some(([name]) => name !== undefined && name in globalThis) ||
    property(globalThis.fetch, NEXT_STORE) !== undefined
  )
}

function lookUp(place: readonly PropertyKey[]): WaitUntil | undefined {
  try {
    let holder: unknown = globalThis
    for (const step of place) {
      holder =
        typeof step === 'string' && step.endsWith('()')
          ? method(holder, step.slice(0, -2))?.()
          : property(holder, step)
    }
    const waitUntil = method(holder, 'waitUntil')
    return waitUntil === undefined ? undefined : (promise) => void waitUntil(promise)
  } catch {
    // Outside of a request some of them throw.
    return undefined
  }
}
