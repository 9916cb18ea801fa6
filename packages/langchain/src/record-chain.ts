import { attributes, guard, read, type Recorder, type Run } from '@trulayer/core/internal'

import { failRun } from './end-run.ts'
import { className, classifyChain, type ShownNodes, userName } from './fold-run.ts'
import { hiddenConfigOf } from './hidden-config.ts'
import { mapInterrupts, passOnWaiting } from './interrupts.ts'
import { type ChainPlace, mapChainInput, mapChainOutput } from './map-chain.ts'
import { isReturnedError } from './map-error.ts'
import { mapChainName, mapFullName } from './map-name.ts'
import { mapSession } from './map-session.ts'
import { noteOutput, ownOutput } from './own-output.ts'
import { isResumeInput, type PausedThread, pausedThread, rememberThread } from './paused-threads.ts'
import { recordToolAnswers } from './record-tool-answers.ts'
import { rememberResult } from './result-traces.ts'
import { runKey } from './run-key.ts'
import { notesOf } from './run-notes.ts'
import { isOutermostGraph, placeOf, startRun } from './start-run.ts'
import { addToolCalls } from './tool-calls.ts'
import type { ChainStarted } from './types.ts'

/** Starts a graph, a node or a chain of any other kind. */
export function startChain(recorder: Recorder, event: ChainStarted, nodes: ShownNodes): void {
  const place = placeOf(recorder, event)
  const above = notesOf(place.parent)
  const kind = classifyChain(event, nodes, above?.kind === 'graph' ? above.runName : undefined)
  const nodeName = above?.kind === 'node' && above.shownChildren === 0 ? above.runName : undefined
  const resumed = isOutermostGraph(kind, place.parent) ? resumedThread(recorder, event) : undefined
  const run = startRun(recorder, event, place, {
    kind,
    isSequence: className(event.serialized) === 'RunnableSequence',
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
      input: isDeferred(event.inputs)
        ? undefined
        : guard('the input of a chain', () => mapChainInput(event.inputs, chainPlace(run))),
      metadata: kind === 'graph' ? { [attributes.agentName]: userName(event) } : undefined,
    })
  }
}

/**
 * Ends a chain. `inputs` are what it was really given, where a stream began before they were known.
 */
export function endChain(
  recorder: Recorder,
  runId: string,
  allOutputs: unknown,
  inputs: unknown,
): void {
  const run = recorder.find(runKey(runId))
  if (run === undefined) {
    return
  }
  const outputs = guard('the output of a chain', () => ownOutput(run, allOutputs)) ?? allOutputs
  guard('the output of a chain', () => noteOutput(run, outputs))
  if (isReturnedError(outputs)) {
    failRun(recorder, run, outputs)
    return
  }
  const notes = notesOf(run)
  if (notes?.isGraphNode === true) {
    guard('the answers of tools', () => recordToolAnswers(recorder, run, outputs))
  }
  if (notes?.kind === 'graph' || run.parent === undefined) {
    guard('the result of a chain', () => rememberResult(run, outputs))
  }
  const isWaiting = isInterrupted(run)
  recorder.end(run, {
    ...lateInput(run, inputs),
    output: isPayloadShown(run)
      ? ((isWaiting ? mapInterrupts(run) : undefined) ??
        guard('the output of a chain', () => mapChainOutput(outputs, chainPlace(run))))
      : undefined,
    status: isWaiting ? 'interrupted' : undefined,
  })
  if (isWaiting) {
    passOnWaiting(run)
  }
  if (notes?.thread !== undefined) {
    rememberThread(run, notes.thread)
  }
}

/** Ends a chain that failed. */
export function failChain(
  recorder: Recorder,
  runId: string,
  error: unknown,
  inputs: unknown,
): void {
  const run = recorder.find(runKey(runId))
  if (run !== undefined) {
    failRun(recorder, run, error, lateInput(run, inputs))
  }
}

/* The payload of plumbing is that of its neighbours once more. */
function isPayloadShown(run: Run): boolean {
  return run.parent === undefined || notesOf(run)?.kind !== 'plumbing'
}

function chainPlace(run: Run): ChainPlace {
  return { isRoot: run.parent === undefined, isGraph: notesOf(run)?.kind === 'graph' }
}

/* A stream starts before its input has come, and says so with an empty text. */
function isDeferred(inputs: unknown): boolean {
  return inputs === '' || read(inputs, 'input') === ''
}

function lateInput(run: Run, inputs: unknown): { readonly input?: unknown } {
  if (inputs === undefined || run.input !== undefined || !isPayloadShown(run)) {
    return {}
  }
  return { input: guard('the input of a chain', () => mapChainInput(inputs, chainPlace(run))) }
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
