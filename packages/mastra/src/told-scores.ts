import { BoundedMap, shared } from '@trulayer/core/internal'

import type { MastraScoreEvent, MastraTraceScore } from './types.ts'

const REMEMBERED = 1000

const told = shared('mastra:scores', () => new BoundedMap<string, true>(REMEMBERED))

/** Remembers a score that came as an event. */
export function noteScore({ score }: MastraScoreEvent): void {
  const { traceId, spanId, scorerId } = score
  told.set(scoreKey(traceId, spanId, scorerId), true)
}

/** True for a score that came as an event already: some versions, 1.30 among them, tell each in both ways. */
export function isTold({ traceId, spanId, scorerName }: MastraTraceScore): boolean {
  // What is called its name here is the id of the scorer.
  return told.has(scoreKey(traceId, spanId, scorerName))
}

function scoreKey(...parts: readonly (string | undefined)[]): string {
  return parts.join(' ')
}
