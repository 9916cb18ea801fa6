import { BoundedMap, readText, shared } from '@trulayer/core/internal'

import { threadOf } from './map-root.ts'
import type { MastraSpan } from './types.ts'

/** A trace that began in this process under an id of Mastra's. */
interface KnownTrace {
  /** The id of our trace. */
  readonly traceId: string
  /** The id of the span that is its root. */
  readonly spanId: string
}

/** A turn of Mastra's that may wait for a person. */
export interface KnownTurn {
  /** The id of our trace. */
  readonly traceId: string
  /** The id of the span that is its root. */
  readonly spanId: string
  /** The session, once it is known that the turn waits; its continuation belongs to it. */
  readonly sessionId?: string | undefined
  /** The thread of the first turn of the run that had one. */
  readonly threadId?: string | undefined
}

const REMEMBERED = 10_000
const HEX_ID = /^[0-9a-f]{1,32}$/i

/* By Mastra's trace id, the latest trace of it. */
const known = shared('mastra:traces', () => new BoundedMap<string, KnownTrace>(REMEMBERED))

/**
 * The id that the trace of a root is to have: Mastra's own as a UUID, so that feedback needs no look-up; for one that was
 * resumed, that repeats an id or that has its parent in another process, one derived from both its ids, since Mastra
 * continues the id and a trace that has been sent cannot be added to.
 *
 * @returns `undefined` where Mastra's id is none that a UUID can be made of
 */
export function nameTrace(span: MastraSpan): string | undefined {
  const isFirst =
    span.parentSpanId === undefined &&
    span.externalParentSpanId === undefined &&
    !known.has(span.traceId)
  return isFirst ? naturalTraceId(span.traceId) : derivedTraceId(span.traceId, span.id)
}

/* By Mastra's run id, which survives a suspension, where before 1.10 the trace id does not. */
const turns = shared('mastra:turns', () => new BoundedMap<string, KnownTurn>(REMEMBERED))

/** Remembers what trace a root went into. */
export function rememberTrace(span: MastraSpan, traceId: string): void {
  known.set(span.traceId, { traceId, spanId: span.id })
}

/** Remembers a turn by its run, and its session once it waits. */
export function rememberTurn(span: MastraSpan, traceId: string, sessionId?: string): void {
  const runId = readText(span.metadata, 'runId')
  if (runId !== undefined) {
    const threadId = turns.get(runId)?.threadId ?? threadOf(span)
    turns.set(runId, { traceId, spanId: span.id, sessionId, threadId })
  }
}

/** The latest turn of the same run. */
export function knownTurn(span: MastraSpan): KnownTurn | undefined {
  const runId = readText(span.metadata, 'runId')
  return runId === undefined ? undefined : turns.get(runId)
}

/** The latest trace that began in this process under an id of Mastra's. */
export function knownTrace(mastraTraceId: string): KnownTrace | undefined {
  return known.get(mastraTraceId)
}

/** A trace id of Mastra's as a UUID. */
export function naturalTraceId(mastraTraceId: string): string | undefined {
  return HEX_ID.test(mastraTraceId) ? dashed(mastraTraceId.padStart(32, '0')) : undefined
}

function derivedTraceId(mastraTraceId: string, spanId: string): string | undefined {
  return HEX_ID.test(mastraTraceId) && HEX_ID.test(spanId)
    ? dashed(`${mastraTraceId.padStart(32, '0').slice(16)}${spanId.padStart(16, '0').slice(-16)}`)
    : undefined
}

/* Of 32 digits. */
function dashed(hex: string): string {
  const digits = hex.toLowerCase()
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join('-')
}
