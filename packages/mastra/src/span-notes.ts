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
  /** True for a step of a workflow. */
  readonly isStep: boolean
  /** Of a step, the run of the agent or workflow of the same name that began in it first. */
  inner: Run | undefined
  /** The texts that were embedded in it in order to search with them, until a search begins. */
  queries: string[] | undefined
}

/** What is remembered of a container of a workflow's steps. */
export interface WorkflowContainer {
  readonly type: 'parallel' | 'conditional' | 'loop'
  /** The ids of parallel steps. */
  readonly branches: readonly unknown[]
  /** The list that a `foreach` goes through, where it goes on with a list that was begun before; as JSON. */
  readonly items: (string | undefined)[] | undefined
  /** Steps that have begun, those of the halves before included where they are known. */
  steps: number
  /** The step of a loop that began last, until the loop has judged it. */
  last: Run | undefined
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
export function noteRun(
  run: Run,
  begun: Pick<SpanNotes, 'kind' | 'title' | 'conversation' | 'container' | 'isStep'>,
): void {
  const { kind, title, conversation, container, isStep } = begun
  const notes: SpanNotes = {
    adapter: ADAPTER,
    kind,
    title,
    isCall: kind === 'model',
    conversation,
    container,
    isStep,
    inner: undefined,
    queries: undefined,
  }
  run.notes = notes
}
