import {
  attributes,
  guard,
  reasons,
  type Recorder,
  type Run,
  type RunEnd,
  shared,
  startTimer,
} from '@trulayer/core/internal'

import type { Conversation } from './conversation.ts'
import { failedEnd } from './map-error.ts'
import type { AgentStop } from './map-stop.ts'
import { settle } from './settle.ts'
import type { SpanKind } from './span-kind.ts'
import { notesOf } from './span-notes.ts'

/* A processor that threw is called again where Mastra tries another model. */
const GRACE = 1000
const PLUMBING: ReadonlySet<SpanKind> = new Set(['model', 'container', 'internal', 'other'])
/* By turn, the processors that stopped an agent in it, by the texts that they gave. */
const stops = shared('mastra:stops', () => new WeakMap<object, Map<string, string>>())

/** Notes that a processor stopped its agent. With `retry` the agent goes on. */
export function noteStop(recorder: Recorder, conversation: Conversation, stop: AgentStop): void {
  const { owner } = conversation
  const { processor, text } = stop
  conversation.stop = { ...stop, at: recorder.now() }
  if (text === undefined || owner === undefined) {
    return
  }
  const known = stops.get(owner.turn) ?? new Map<string, string>()
  stops.set(owner.turn, known.set(text, processor))
  withdrawCall(recorder, conversation, stop)
}

/* The span of a step begins before its processors, which may keep it from its model. */
function withdrawCall(
  recorder: Recorder,
  { call }: Conversation,
  { isBeforeCall }: AgentStop,
): void {
  if (isBeforeCall && call !== undefined) {
    call.run.onClose = undefined
    recorder.update(call.run, { type: 'other', folded: true, held: false })
  }
}

/** How a run ends that a processor stopped with `abort()`. */
export function tripwireEnd(processor: string | undefined): RunEnd {
  const metadata = { [attributes.guardrail]: processor }
  return { status: 'cancelled', reason: reasons.tripwire, metadata }
}

/** The processor that stopped an agent of the turn with this text; without a text, the last one that stopped any. */
export function stoppedBy(run: Run, text?: string): string | undefined {
  const known = stops.get(run.turn)
  return text === undefined ? [...(known?.values() ?? [])].at(-1) : known?.get(text)
}

/**
 * Ends the run of a stopped agent that Mastra leaves open, up to 1.71. It happens in the next turn of the event loop, so
 * that the turn holds what Mastra reports until then and is over for a `flush()` right after the answer.
 *
 * @param key - the key of a run of that agent
 */
export function endStoppedAgent(recorder: Recorder, key: string, { error }: AgentStop): void {
  const delay = error === undefined ? 0 : GRACE
  startTimer(() => guard('an agent that a processor stopped', () => endNow(recorder, key)), delay, {
    keepAlive: delay === 0,
  })
}

function endNow(recorder: Recorder, key: string): void {
  const conversation = notesOf(recorder.find(key))?.conversation
  const { owner, stop } = conversation ?? {}
  if (conversation === undefined || owner?.isOpen !== true || stop === undefined) {
    return
  }
  const { error, processor } = stop
  const end: RunEnd =
    error === undefined ? tripwireEnd(processor) : { ...failedEnd(owner, error), endedAt: stop.at }
  withdrawCall(recorder, conversation, stop)
  settle(recorder, conversation, end)
  for (const run of owner.turn.runs) {
    const notes = notesOf(run)
    if (run !== owner && notes?.conversation === conversation && PLUMBING.has(notes.kind)) {
      recorder.end(run, { endedAt: end.endedAt })
    }
  }
  recorder.end(owner, { ...end, output: conversation.answer })
}
