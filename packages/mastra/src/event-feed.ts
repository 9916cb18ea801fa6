import { BoundedMap, read, type Recorder } from '@trulayer/core/internal'

import { noteChunk } from './record-model.ts'
import { recordEvent } from './record-span.ts'
import { runKey } from './run-key.ts'
import { hasMessages } from './map-messages.ts'
import { mapStop } from './map-stop.ts'
import { isChunk, isGeneration, isModelLevel } from './span-kind.ts'
import { endStoppedAgent } from './stop-agent.ts'
import { mayCallForTitle, releaseTurn } from './title-call.ts'
import type { MastraSpan, MastraTracingEvent } from './types.ts'

const REMEMBERED = 1000
/* Of so many parts one is told, so that a trace with a long answer is not taken for abandoned. */
const TOLD = 256

/** How many parts of a call's answer have come. */
interface Stream {
  readonly callId: string
  parts: number
}

/**
 * Takes what Mastra tells one exporter. It is recorded a little later, for all that is told is a copy which nobody changes, from
 * 0.24 on, and most of it comes by the dozen.
 */
export class EventFeed {
  readonly #recorder: () => Recorder
  readonly #showAll: boolean
  readonly #streams = new BoundedMap<string, Stream>(REMEMBERED)
  /* The one whose part came last, which the next part mostly belongs to as well. */
  #latestStream: Stream | undefined
  /* Durable agents, whose spans are made anew for each step. They end whatever stops them. */
  readonly #durable = new BoundedMap<string, true>(REMEMBERED)

  /**
   * @param recorder - answers with the recorder that the exporter's client has now
   * @param showAll - true where plumbing is shown
   */
  constructor(recorder: () => Recorder, showAll: boolean) {
    this.#recorder = recorder
    this.#showAll = showAll
  }

  take(event: MastraTracingEvent): void {
    const { type, exportedSpan: span } = event
    const { type: spanType, parentSpanId } = span
    if (isChunk(spanType) && !this.#showAll) {
      this.#takeChunk(parentSpanId)
    } else if (type !== 'span_updated' || isUpdateRead(span)) {
      if (span.isRootSpan === true && parentSpanId !== undefined && isGeneration(spanType)) {
        this.#durable.set(parentSpanId, true)
      }
      this.#postpone(event)
      if (type !== 'span_ended') {
        return
      }
      if (mayCallForTitle(span)) {
        releaseTurn(this.#recorder(), span)
      } else if (parentSpanId !== undefined) {
        this.#endIfStopped(span, parentSpanId)
      }
    }
  }

  #endIfStopped(span: MastraSpan, parentSpanId: string): void {
    const stop = mapStop(span)
    if (stop?.isLeftOpen === true && !this.#durable.has(parentSpanId)) {
      endStoppedAgent(this.#recorder(), runKey(parentSpanId), stop)
    }
  }

  /* Apart, for a function that makes a closure pays for it whether it comes to that or not. */
  #postpone(event: MastraTracingEvent): void {
    const recorder = this.#recorder()
    const record = (): void => recordEvent(recorder, event, this.#showAll)
    recorder.later('a span of Mastra', record, event.type === 'span_started')
  }

  /* Of hundreds of parts the first matters, and that there are more. */
  #takeChunk(callId: string | undefined): void {
    if (callId === undefined) {
      return
    }
    const stream =
      this.#latestStream?.callId === callId ? this.#latestStream : this.#streamOf(callId)
    if (stream.parts % TOLD === 0) {
      this.#postponePart(callId)
    }
    stream.parts += 1
    this.#latestStream = stream
  }

  #postponePart(callId: string): void {
    const recorder = this.#recorder()
    recorder.later('a part of an answer', () => noteChunk(recorder, runKey(callId)))
  }

  #streamOf(callId: string): Stream {
    const known = this.#streams.get(callId)
    if (known !== undefined) {
      return known
    }
    const begun: Stream = { callId, parts: 0 }
    this.#streams.set(callId, begun)
    return begun
  }
}

/* Only of models is anything read before they end: which one it is, and which messages a step was given. */
function isUpdateRead({ type, input }: MastraSpan): boolean {
  return (
    isModelLevel(type) &&
    (isGeneration(type) || hasMessages(input) || read(input, 'body') !== undefined)
  )
}
