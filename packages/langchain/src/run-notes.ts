import { type Run, shared } from '@trulayer/core/internal'

import type { RunTags } from './types.ts'

/**
 * What a run is to LangChain: a graph, a node that the user named, a chain that the user named, plumbing, or a call of a
 * model, a tool or a retriever.
 */
export type RunKind = 'graph' | 'node' | 'named' | 'plumbing' | 'call'

/** What is remembered of a run besides what core keeps. It goes when the run goes. */
export interface RunNotes {
  readonly kind: RunKind
  readonly runName: string | undefined
  readonly tags: RunTags
  /** Runs right below that are no plumbing. */
  shownChildren: number
  /** True when a run right below waits for a person. */
  isWaiting: boolean
  /** What has come of a model's stream. */
  streamed: 'nothing' | 'chunk' | 'text'
  /** True where the start did not tell a tool's name and the end may. */
  isUnnamed: boolean
}

const notesOfRuns = shared('langchain:runs', () => new WeakMap<Run, RunNotes>())

/** What is remembered of a run; `undefined` for runs of other frameworks and of the host. */
export function notesOf(run: Run | undefined): RunNotes | undefined {
  return run === undefined ? undefined : notesOfRuns.get(run)
}

/** Begins the notes of a run. */
export function noteRun(run: Run, notes: Pick<RunNotes, 'kind' | 'runName' | 'tags'>): RunNotes {
  const begun: RunNotes = {
    kind: notes.kind,
    runName: notes.runName,
    tags: notes.tags,
    shownChildren: 0,
    isWaiting: false,
    streamed: 'nothing',
    isUnnamed: false,
  }
  notesOfRuns.set(run, begun)
  return begun
}
