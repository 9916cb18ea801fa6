import { method, property } from './members.ts'

/** Tells a serverless platform to let a promise finish after the answer has left. */
export type WaitUntil = (promise: Promise<unknown>) => void

/*
 * Where platforms keep the context of the request that is running, from a global name to the object with `waitUntil`:
 * Vercel, Next.js (`after` stands on it), Cloudflare under OpenNext, Netlify, Supabase.
 */
const PLACES: readonly (readonly PropertyKey[])[] = [
  [Symbol.for('@vercel/request-context'), 'get()'],
  [Symbol.for('@next/request-context'), 'get()'],
  [Symbol.for('__cloudflare-context__'), 'ctx'],
  ['Netlify', 'context'],
  ['EdgeRuntime'],
]

/**
 * The `waitUntil` of the request that is running, where a platform offers one that can be found. It belongs to that request
 * alone and must be asked for anew in the next.
 */
export function findWaitUntil(): WaitUntil | undefined {
  for (const place of PLACES) {
    const found = lookUp(place)
    if (found !== undefined) {
      return found
    }
  }
  return undefined
}

/** True where a platform keeps the context of requests, whether or not one is running. */
export function hasRequestContext(): boolean {
  return PLACES.some(([name]) => name !== undefined && name in globalThis)
}

function lookUp(place: readonly PropertyKey[]): WaitUntil | undefined {
  try {
    let holder: unknown = globalThis
    for (const step of place) {
      holder = step === 'get()' ? method(holder, 'get')?.() : property(holder, step)
    }
    const waitUntil = method(holder, 'waitUntil')
    return waitUntil === undefined ? undefined : (promise) => void waitUntil(promise)
  } catch {
    // Outside of a request some of them throw.
    return undefined
  }
}
