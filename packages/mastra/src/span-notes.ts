import { isObject, type Run } from '@trulayer/core/internal'

import type { Conversation } from './conversation.ts'
import type { SpanKind } from './span-kind.ts'

const ADAPTER = 'mastra'

/** What is remembered of a span besides what core keeps. It goes when its run goes. */
export interface SpanNotes {
  readonly adapter: typeof ADAPTER
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

/** What is remembered of a run; `undefined` for runs of other frameworks and of the host. */
export function notesOf(run: Run | undefined): SpanNotes | undefined {
  const notes = run?.notes
  return isNotes(notes) ? notes : undefined
}

function isNotes(notes: unknown): notes is SpanNotes {
  return isObject(notes) && notes['adapter'] === ADAPTER
}

/** Begins the notes of a run. */
export function noteRun(run: Run, begun: Omit<SpanNotes, 'adapter' | 'isCall'>): void {
  const { kind, title, conversation, container } = begun
  const notes: SpanNotes = {
    adapter: ADAPTER,
    kind,
    title,
    isCall: kind === 'model',
    conversation,
    container,
  }
  run.notes = notes
}
