import { attributes, read, type Recorder, type Run, type RunFields } from '@trulayer/core/internal'

import type { UndecidedRun } from './conversation.ts'
import { hostCallOf } from './framework-entities.ts'
import { noteHostMetadata } from './host-metadata.ts'
import { failedEnd, mapError } from './map-error.ts'
import { mapName } from './map-name.ts'
import { embeddedQuery, mapRag, mapVectors } from './map-rag.ts'
import { type AgentStop, mapStop } from './map-stop.ts'
import { mapUsage } from './map-usage.ts'
import { endAgent, workflowOutcome } from './record-agent.ts'
import { endModel, noteBesideCall, updateModel } from './record-model.ts'
import { endTool } from './record-tool.ts'
import { runKey } from './run-key.ts'
import { settle } from './settle.ts'
import { notesOf, type SpanNotes } from './span-notes.ts'
import { isInsideMastra, isUnrecorded, startSpan } from './start-span.ts'
import { noteStop, tripwireEnd } from './stop-agent.ts'
import { rememberTurn } from './trace-names.ts'
import { keepTurn } from './title-call.ts'
import type { MastraSpan, MastraTracingEvent } from './types.ts'
import { foldStep, noteCondition, noteLoopEnd } from './workflow-container.ts'

/** Records what Mastra tells of a span. The same event may come twice, and an end without a start. */
export function recordEvent(
  recorder: Recorder,
  { type, exportedSpan: span }: MastraTracingEvent,
  showAll: boolean,
): void {
  switch (type) {
    case 'span_started':
      startSpan(recorder, span, showAll)
      break
    case 'span_updated':
      updateSpan(recorder, span)
      break
    case 'span_ended':
      endSpan(recorder, span, showAll)
      break
    default:
  }
}

function updateSpan(recorder: Recorder, span: MastraSpan): void {
  const run = recorder.find(runKey(span.id))
  const notes = notesOf(run)
  if (run !== undefined && notes?.kind === 'model') {
    updateModel(recorder, span, notes.conversation)
  } else if (run !== undefined) {
    noteHostMetadata(recorder, span, run)
  }
  recorder.touch(run)
}

function endSpan(recorder: Recorder, span: MastraSpan, showAll: boolean): void {
  const key = runKey(span.id)
  if (isUnrecorded(span)) {
    return
  }
  const known = recorder.find(key)
  // A trace that has left is told twice where two exporters share a client.
  const run =
    known ??
    (recorder.traceIdOf(key) === undefined ? startSpan(recorder, span, showAll) : undefined)
  const notes = notesOf(run)
  if (run === undefined || notes === undefined || !run.isOpen || isUndecided(run, notes)) {
    return
  }
  if (span.type === 'workflow_conditional_eval' && span.parentSpanId !== undefined) {
    noteCondition(recorder, runKey(span.parentSpanId), span)
  }
  noteHostMetadata(recorder, span, run)
  if (notes.isStep && !showAll) {
    foldStep(recorder, run)
  }
  if (span.type === 'workflow_loop') {
    noteLoopEnd(recorder, run, span)
  }
  const hidden = hiddenUsage(recorder, span, run, notes)
  if (hidden !== undefined) {
    recorder.update(run, hidden)
  }
  endRun(recorder, span, run, notes)
  if (run.status === 'interrupted' && !isInsideMastra(run)) {
    rememberTurn(span, run.turn.id, run.turn.sessionId)
  }
}

function endRun(recorder: Recorder, span: MastraSpan, run: Run, notes: SpanNotes): void {
  const { kind, conversation } = notes
  if (kind === 'agent' && conversation !== undefined) {
    keepTurn(recorder, span, run)
    endAgent(recorder, span, run, conversation)
  } else if (kind === 'model' && conversation !== undefined) {
    const isOwner = conversation.owner === run
    endModel(recorder, span, run, conversation)
    if (isOwner) {
      const error = mapError(span.errorInfo)
      settle(recorder, conversation, error === undefined ? { status: 'ok' } : failedEnd(run, error))
    }
  } else if (kind === 'tool') {
    endTool(recorder, span, run, conversation)
  } else if (kind === 'workflow' || span.type === 'workflow_step') {
    recorder.end(run, {
      output: run.isFolded ? undefined : span.output,
      ...workflowOutcome(span, run),
    })
  } else {
    noteBesideCall(span, conversation)
    const stop = mapStop(span)
    if (conversation !== undefined && stop !== undefined) {
      noteStop(recorder, conversation, stop)
    } else if (conversation?.stop?.error !== undefined && conversation.stop.span === span.name) {
      // Mastra has called the processor again.
      conversation.stop = undefined
    }
    endOther(recorder, span, run, stop)
  }
}

function endOther(
  recorder: Recorder,
  span: MastraSpan,
  run: Run,
  stop: AgentStop | undefined,
): void {
  const error = mapError(span.errorInfo)
  const end = { ...mapRagEnd(span), output: outputOf(span, run) }
  const query = embeddedQuery(span)
  const above = notesOf(run.parent)
  if (query !== undefined && above !== undefined) {
    above.queries = [...(above.queries ?? []), query]
  }
  if (stop?.text !== undefined) {
    recorder.end(run, { ...end, ...tripwireEnd(stop.processor) })
  } else if (error === undefined) {
    recorder.end(run, end)
  } else {
    recorder.end(run, { ...end, ...failedEnd(run, error) })
  }
}

function outputOf(span: MastraSpan, run: Run): unknown {
  if (run.isFolded) {
    return hostCallOf(span)?.output
  }
  return span.type === 'rag_embedding' ? mapVectors(span) : span.output
}

/* The host may name the model of an embedding of its own as late as at its end. */
function mapRagEnd(span: MastraSpan): RunFields | undefined {
  return span.type === 'rag_embedding'
    ? { ...mapRag(span), name: mapName(span), usage: mapUsage(read(span.attributes, 'usage')) }
    : undefined
}

/* Its end has come already, and waits for that of its agent. */
function isUndecided(run: Run, { conversation }: SpanNotes): boolean {
  return (
    conversation !== undefined &&
    (isAmong(conversation.undecided, run) || isAmong(conversation.waiting, run))
  )
}

/*
 * Calls that Mastra makes for itself are told only as a sum on the span around them. A processor becomes the call that it
 * hides; elsewhere a call stands for them.
 */
function hiddenUsage(
  recorder: Recorder,
  span: MastraSpan,
  run: Run,
  notes: SpanNotes,
): RunFields | undefined {
  const usage = mapUsage(read(span.attributes, 'internalUsage'))
  if (usage === undefined) {
    return undefined
  }
  if (notes.kind === 'other' && span.type === 'processor_run') {
    return { type: 'llm', folded: false, usage }
  }
  const call = recorder.start({
    name: 'chat',
    type: 'llm',
    parent: run,
    usage,
    metadata: { [attributes.synthetic]: true },
  })
  recorder.end(call)
  return undefined
}

function isAmong(entries: readonly UndecidedRun[], run: Run): boolean {
  for (const entry of entries) {
    if (entry.run === run) {
      return true
    }
  }
  return false
}
