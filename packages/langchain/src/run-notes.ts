import { type FailedEnd, isObject, type Run } from '@trulayer/core/internal'

import type { Listener } from './listener.ts'
import type { StreamNotes } from './stream-notes.ts'
import type { RunTags } from './types.ts'

/**
 * What a run is to LangChain: a graph, a node that the user named, a chain that the user named, plumbing, or a call of a
 * model, a tool or a retriever.
 */
export type RunKind = 'graph' | 'node' | 'named' | 'plumbing' | 'call'

const ADAPTER = 'langchain'

/** What is remembered of a run besides what core keeps. It goes when the run goes. */
export interface RunNotes {
  readonly adapter: typeof ADAPTER
  readonly kind: RunKind
  readonly runName: string | undefined
  readonly tags: RunTags
  /** Who was told of its start first. */
  readonly heardBy: Listener
  /** True for a node of a graph, prebuilt ones included. */
  readonly isGraphNode: boolean
  /** True for steps one after another, of which the last one's output is the output of all. */
  readonly isSequence: boolean
  /** True for runnables of which each takes the place of the one before. */
  readonly isFallbacks: boolean
  /** The thread of the outermost graph of a turn. */
  readonly thread: string | undefined
  /** Which attempt at the same thing it is, where it is not the first. */
  readonly attempt: number | undefined
  /** What has come of a model's stream. */
  readonly stream: StreamNotes | undefined
  /** What a model can be stopped with. */
  readonly signal: unknown
  /** How it ended, where it was stopped. */
  stop: FailedEnd | undefined
  /** How often each task of this graph has begun; most begin once. */
  taskStarts: Map<string, number> | undefined
  /** The model that failed in this node last, and how often it did in a row. */
  failedModel: { readonly model: string | undefined; readonly attempt: number } | undefined
  /** Runs right below that are no plumbing. */
  shownChildren: number
  /** What it waits for a person to say, by the id of the interrupt; `undefined` while it waits for nobody. */
  interrupts: Map<string, unknown> | undefined
  /** True where the start did not tell a tool's name and the end may. */
  isUnnamed: boolean
  /** What the latest step of a sequence returned, while the sequence runs. */
  latestOutput: unknown
  /** Metadata of the call that may contain entries of `configurable`, until that is known. */
  userMetadata: Readonly<Record<string, unknown>> | undefined
  /** The latest event that the host told, which arrives twice where a handler is attached twice. */
  latestEvent: unknown
}

/** What is remembered of a run; `undefined` for runs of other frameworks and of the host. */
export function notesOf(run: Run | undefined): RunNotes | undefined {
  const notes = run?.notes
  return isNotes(notes) ? notes : undefined
}

function isNotes(notes: unknown): notes is RunNotes {
  return isObject(notes) && notes['adapter'] === ADAPTER
}

/** Begins the notes of a run. */
export function noteRun(
  run: Run,
  notes: Pick<
    RunNotes,
    | 'kind'
    | 'runName'
    | 'tags'
    | 'heardBy'
    | 'isGraphNode'
    | 'isSequence'
    | 'isFallbacks'
    | 'thread'
    | 'attempt'
    | 'stream'
    | 'signal'
  >,
): RunNotes {
  const begun: RunNotes = {
    adapter: ADAPTER,
    kind: notes.kind,
    runName: notes.runName,
    tags: notes.tags,
    heardBy: notes.heardBy,
    isGraphNode: notes.isGraphNode,
    isSequence: notes.isSequence,
    isFallbacks: notes.isFallbacks,
    thread: notes.thread,
    attempt: notes.attempt,
    stream: notes.stream,
    signal: notes.signal,
    stop: undefined,
    taskStarts: undefined,
    failedModel: undefined,
    shownChildren: 0,
    interrupts: undefined,
    isUnnamed: false,
    latestOutput: undefined,
    userMetadata: undefined,
    latestEvent: undefined,
  }
  run.notes = begun
  return begun
}
