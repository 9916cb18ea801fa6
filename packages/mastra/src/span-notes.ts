import { type Run, shared } from '@trulayer/core/internal'

import type { Conversation } from './conversation.ts'
import type { SpanKind } from './span-kind.ts'

/** What is remembered of a span besides what core keeps. It goes when its run goes. */
export interface SpanNotes {
  readonly kind: SpanKind
  /** As Mastra names it. */
  readonly title: string
  /** True for a level of a model call inside which no other level has begun: the call itself. */
  isCall: boolean
  /** The agent's run that it belongs to. */
  readonly conversation: Conversation | undefined
  /** Which container of a workflow's steps it is. */
  readonly container: WorkflowContainer | undefined
}

/** What is remembered of a container of a workflow's steps. */
export interface WorkflowContainer {
  readonly type: 'parallel' | 'conditional' | 'loop'
  /** The ids of parallel steps. */
  readonly branches: readonly unknown[]
  /** Steps that have begun. */
  steps: number
  /** The conditions of a branch that were true. */
  readonly truthy: number[]
}

const notesOfRuns = shared('mastra:spans', () => new WeakMap<Run, SpanNotes>())

/** What is remembered of a run; `undefined` for runs of other frameworks and of the host. */
export function notesOf(run: Run | undefined): SpanNotes | undefined {
  return run === undefined ? undefined : notesOfRuns.get(run)
}

/** Begins the notes of a run. */
export function noteRun(
  run: Run,
  begun: Pick<SpanNotes, 'kind' | 'title' | 'conversation' | 'container'>,
): SpanNotes {
  const notes: SpanNotes = { ...begun, isCall: begun.kind === 'model' }
  notesOfRuns.set(run, notes)
  return notes
}
