import {
  attributes,
  BoundedMap,
  guard,
  read,
  type Recorder,
  type Run,
  type RunFields,
  shared,
  type Snapshot,
} from '@trulayer/core/internal'

import { isDetached } from './ambient.ts'
import { failRun } from './end-run.ts'
import { className, classifyChain, type ShownNodes, userName } from './fold-run.ts'
import { hiddenConfigOf } from './hidden-config.ts'
import { mapInterrupts, passOnWaiting } from './interrupts.ts'
import { mapChainInput, mapChainOutput } from './map-chain.ts'
import { isReturnedError } from './map-error.ts'
import { mapChainName, mapFullName } from './map-name.ts'
import { mapSession } from './map-session.ts'
import { noteOutput, ownOutput } from './own-output.ts'
import { isResumeInput, type PausedThread, pausedThread, rememberThread } from './paused-threads.ts'
import { recordToolAnswers, type ToolAnswer, toolAnswersIn } from './record-tool-answers.ts'
import { rememberResult } from './result-traces.ts'
import { runKey } from './run-key.ts'
import { notesOf } from './run-notes.ts'
import { isOutermostGraph, placeOf, startRun } from './start-run.ts'
import { forgetUpdate, isIgnoredUpdate } from './state-updates.ts'
import { addToolCalls } from './tool-calls.ts'
import type { ChainStarted } from './types.ts'

const START = 'the start of a chain'
const END = 'the end of a chain'
const INPUT = 'the input of a chain'
const OUTPUT = 'the output of a chain'
const REMEMBERED_GRAPHS = 10_000

/* Graphs that are turns of their own, until they end. */
const outermostGraphs = shared(
  'langchain:graphs',
  () => new BoundedMap<string, true>(REMEMBERED_GRAPHS),
)

/**
 * Starts a graph, a node or a chain of any other kind. Two kinds are recorded a little later: plumbing, which most of them
 * are and of which nothing is shown, and a graph that is a turn of its own, whose input is copied at once.
 */
export function startChain(recorder: Recorder, event: ChainStarted, nodes: ShownNodes): void {
  const kind = classifyChain(event, nodes, undefined)
  const isInside = event.parentRunId !== undefined
  if (isIgnoredUpdate(event, kind === 'plumbing')) {
    return
  }
  if (isInside && kind === 'plumbing') {
    recorder.later(START, () => recordStart(recorder, event, nodes), true)
  } else if (!isInside && kind === 'graph' && isNewTurn(recorder, event)) {
    const input = guard(INPUT, () => recorder.keep(mapChainInput(event.inputs, true)))
    outermostGraphs.set(event.runId, true)
    recorder.later(START, () => recordStart(recorder, event, nodes, { input }), true)
  } else {
    recorder.settle()
    recordStart(recorder, event, nodes)
  }
}

/* What goes on with an earlier turn, or whose input is still to come, is not put off. */
function isNewTurn(recorder: Recorder, event: ChainStarted): boolean {
  return !(
    isDeferred(event.inputs) ||
    isResumeInput(event.inputs) ||
    isDetached(event.runId) ||
    recorder.hasContext()
  )
}

function recordStart(
  recorder: Recorder,
  event: ChainStarted,
  nodes: ShownNodes,
  copied?: { readonly input: Snapshot | undefined },
): void {
  const place = placeOf(recorder, event)
  const above = notesOf(place.parent)
  const kind = classifyChain(event, nodes, above?.kind === 'graph' ? above.runName : undefined)
  const nodeName = above?.kind === 'node' && above.shownChildren === 0 ? above.runName : undefined
  const resumed = isOutermostGraph(kind, place.parent) ? resumedThread(recorder, event) : undefined
  const run = startRun(recorder, event, place, {
    kind,
    isSequence: className(event.serialized) === 'RunnableSequence',
    isFallbacks: className(event.serialized) === 'RunnableWithFallbacks',
    name: nodes === 'all' ? mapFullName(event, kind) : mapChainName(event, kind, nodeName),
    type: 'other',
    folded: kind === 'plumbing' && nodes !== 'all',
    resumed,
  })
  if (run === undefined) {
    return
  }
  addToolCalls(run.turn, resumed?.calls ?? [])
  if (isPayloadShown(run)) {
    recorder.update(run, {
      keptInput: copied?.input,
      input:
        copied !== undefined || isDeferred(event.inputs)
          ? undefined
          : guard(INPUT, () => mapChainInput(event.inputs, isOutermost(run))),
      metadata: kind === 'graph' ? { [attributes.agentName]: userName(event) } : undefined,
    })
  }
}

/** What a chain ends with. */
interface ChainEnd {
  readonly runId: string
  readonly outputs: unknown
  /** What it was really given, where a stream began before that was known. */
  readonly inputs: unknown
  /** What tools answered, as it was when the chain ended. */
  readonly answers: readonly ToolAnswer[]
}

/** Ends a chain, a little later where its start is put off as well. */
export function endChain(recorder: Recorder, end: Omit<ChainEnd, 'answers'>): void {
  const { runId, outputs } = end
  const told = { ...end, answers: toolAnswersIn(recorder, outputs) }
  const isTurn = outermostGraphs.has(runId)
  outermostGraphs.delete(runId)
  forgetUpdate(runId)
  const known = recorder.peek(runKey(runId))
  if (isReturnedError(outputs) || (!isTurn && known !== undefined && isPayloadShown(known))) {
    recordEnd(recorder, told)
  } else if (isTurn) {
    const output = guard(OUTPUT, () => recorder.keep(mapChainOutput(outputs, true)))
    recorder.later(END, () => recordEnd(recorder, told, { output }))
  } else {
    recorder.later(END, () => recordEnd(recorder, told))
  }
}

function recordEnd(
  recorder: Recorder,
  { runId, outputs: allOutputs, inputs, answers }: ChainEnd,
  copied?: { readonly output: Snapshot | undefined },
): void {
  const run = recorder.find(runKey(runId))
  if (run === undefined) {
    return
  }
  const outputs = guard(OUTPUT, () => ownOutput(run, allOutputs)) ?? allOutputs
  guard(OUTPUT, () => noteOutput(run, outputs))
  if (isReturnedError(outputs)) {
    failRun(recorder, run, outputs)
    return
  }
  const notes = notesOf(run)
  if (notes?.isGraphNode === true) {
    const own = outputs === allOutputs ? answers : toolAnswersIn(recorder, outputs)
    guard('the answers of tools', () => recordToolAnswers(recorder, run, own))
  }
  if (notes?.kind === 'graph' || run.parent === undefined) {
    guard('the result of a chain', () => rememberResult(run, outputs))
  }
  const isWaiting = isInterrupted(run)
  const waitsFor = isWaiting && isPayloadShown(run) ? mapInterrupts(run) : undefined
  recorder.end(run, {
    ...lateInput(run, inputs),
    ...(waitsFor === undefined ? outputOf(run, outputs, copied) : { output: waitsFor }),
    status: isWaiting ? 'interrupted' : undefined,
  })
  if (isWaiting) {
    passOnWaiting(run)
  }
  if (notes?.thread !== undefined) {
    rememberThread(run, notes.thread)
  }
}

function outputOf(
  run: Run,
  outputs: unknown,
  copied: { readonly output: Snapshot | undefined } | undefined,
): RunFields {
  if (copied !== undefined || !isPayloadShown(run)) {
    return { keptOutput: copied?.output }
  }
  return { output: guard(OUTPUT, () => mapChainOutput(outputs, isOutermost(run))) }
}

/** Ends a chain that failed. */
export function failChain(
  recorder: Recorder,
  runId: string,
  error: unknown,
  inputs: unknown,
): void {
  forgetUpdate(runId)
  const run = recorder.find(runKey(runId))
  if (run !== undefined) {
    failRun(recorder, run, error, lateInput(run, inputs))
  }
}

/* The payload of plumbing is that of its neighbours once more. */
function isPayloadShown(run: Run): boolean {
  return run.parent === undefined || notesOf(run)?.kind !== 'plumbing'
}

/* Where the turn is of another framework or of the host, its outermost graph is what was called. */
function isOutermost(run: Run): boolean {
  const kind = notesOf(run)?.kind
  return run.parent === undefined || (kind !== undefined && isOutermostGraph(kind, run.parent))
}

/** True for a stream, which starts before its input has come and reports an empty text. */
export function isDeferred(inputs: unknown): boolean {
  return inputs === '' || read(inputs, 'input') === ''
}

function lateInput(run: Run, inputs: unknown): { readonly input?: unknown } {
  if (inputs === undefined || run.input !== undefined || !isPayloadShown(run)) {
    return {}
  }
  return { input: guard(INPUT, () => mapChainInput(inputs, isOutermost(run))) }
}

/* LangGraph ends the outermost graph as if it had succeeded. A node that goes on has dealt with the interrupt itself. */
function isInterrupted(run: Run): boolean {
  const notes = notesOf(run)
  return notes?.interrupts !== undefined && notes.kind !== 'node'
}

/* The thread that a graph goes on with, if it does and the thread is remembered. */
function resumedThread(recorder: Recorder, event: ChainStarted): PausedThread | undefined {
  const thread = mapSession(event.metadata, hiddenConfigOf(event.metadata)).conversationId
  return thread !== undefined && isResumeInput(event.inputs)
    ? pausedThread(recorder, thread)
    : undefined
}
