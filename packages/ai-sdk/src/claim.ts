import { asyncContext, shared } from '@trulayer/core/internal'

import { isPromiseLike } from './types.ts'

interface Claim {
  isOpen: boolean
}

/*
 * A model call that is recorded already, while its request is made. Not the span itself as the active one: the SDK starts
 * tools from inside the stream, which would hang from it.
 */
const CLAIMS = 'ai-sdk:claim'
const claims = asyncContext<Claim>(CLAIMS)

/** The context of claims, for a runtime that sets it by itself. */
export const CLAIM = { name: CLAIMS, context: claims } as const

/* Whether anybody may ask, in any copy of the library: a context for each request is not free. */
const askers = shared('ai-sdk:claim-askers', () => ({ areThere: false }))

/** Tells that somebody will ask whether a call is recorded above. */
export function expectClaims(): void {
  askers.areThere = true
}

/** True once a middleware of ours exists in the process, which then checks for claims. */
export function areClaimsExpected(): boolean {
  return askers.areThere
}

/** Makes a request of a model whose call is recorded by the caller, so that nothing below records it again. */
export function withClaim(request: () => unknown): unknown {
  return askers.areThere ? insideClaim(request) : request()
}

function insideClaim(request: () => unknown): unknown {
  const claim: Claim = { isOpen: true }
  const release = (): void => {
    claim.isOpen = false
  }
  let result: unknown
  try {
    result = claims.run(claim, request)
  } catch (error) {
    release()
    throw error
  }
  if (isPromiseLike(result)) {
    result.then(release, release)
  } else {
    release()
  }
  return result
}

/** True inside a model call that is recorded by somebody above. */
export function isClaimed(): boolean {
  return claims.current()?.isOpen === true
}
