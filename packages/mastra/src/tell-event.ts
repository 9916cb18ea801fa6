import { BoundedMap, type Recorder, shared } from '@trulayer/core/internal'

import { noteChunk } from './record-model.ts'
import { recordEvent } from './record-span.ts'
import { runKey } from './run-key.ts'
import { hasMessages } from './map-messages.ts'
import { isChunk, isGeneration, isModelLevel } from './span-kind.ts'
import type { MastraSpan, MastraTracingEvent } from './types.ts'

const REMEMBERED_STREAMS = 1000
/* Of so many parts one is told, so that a trace with a long answer is not taken for abandoned. */
const TOLD = 256

/** How many parts of a call's answer have come. */
interface Stream {
  readonly callId: string
  parts: number
}

const streams = shared('mastra:streams', () => new BoundedMap<string, Stream>(REMEMBERED_STREAMS))

/* The one whose part came last, which the next part mostly belongs to as well. */
let latest: Stream | undefined

/* Generations that have told the messages of their calls, so that no step need do so. */
const generations = shared(
  'mastra:generations',
  () => new BoundedMap<string, true>(REMEMBERED_STREAMS),
)

/* The last of them, whose steps are mostly the next to be told of. */
let latestGeneration: string | undefined

/**
 * Takes what Mastra tells. It is recorded a little later, for all that it tells is a copy which nobody changes, from 0.24
 * on, and most of it comes by the dozen.
 */
export function tellEvent(recorder: Recorder, event: MastraTracingEvent, showAll: boolean): void {
  const { type, exportedSpan: span } = event
  if (isChunk(span) && !showAll) {
    tellChunk(recorder, span.parentSpanId)
  } else if (type !== 'span_updated' || isUpdateRead(span)) {
    if (type === 'span_started' && isGeneration(span) && hasMessages(span.input)) {
      generations.set(span.id, true)
      latestGeneration = span.id
    }
    postpone(recorder, event, showAll)
  }
}

/* Apart, for a function that makes a closure pays for it whether it comes to that or not. */
function postpone(recorder: Recorder, event: MastraTracingEvent, showAll: boolean): void {
  const isStart = event.type === 'span_started'
  recorder.later('a span of Mastra', () => recordEvent(recorder, event, showAll), isStart)
}

/* Only of models is anything read before they end: which one it is, and messages that no generation has told. */
function isUpdateRead(span: MastraSpan): boolean {
  const { parentSpanId } = span
  return (
    isModelLevel(span) &&
    (parentSpanId === undefined ||
      (parentSpanId !== latestGeneration && !generations.has(parentSpanId)))
  )
}

/* Of hundreds of parts the first matters, and that there are more. */
function tellChunk(recorder: Recorder, callId: string | undefined): void {
  if (callId === undefined) {
    return
  }
  const stream = latest?.callId === callId ? latest : streamOf(callId)
  if (stream.parts % TOLD === 0) {
    postponePart(recorder, callId)
  }
  stream.parts += 1
  latest = stream
}

function postponePart(recorder: Recorder, callId: string): void {
  recorder.later('a part of an answer', () => noteChunk(recorder, runKey(callId)))
}

function streamOf(callId: string): Stream {
  const known = streams.get(callId)
  if (known !== undefined) {
    return known
  }
  const begun: Stream = { callId, parts: 0 }
  streams.set(callId, begun)
  return begun
}
