import { isObject, type Run } from '@trulayer/core/internal'

/** What a run is, as far as others need to know. */
export type RunKind =
  | 'query'
  | 'synthesis'
  | 'retrieval'
  | 'model'
  | 'embedding'
  | 'tool'
  /** A chat or an agent of which nothing tells but what it calls. */
  | 'inferred'
  /** A call that was wrapped, and so ends whatever happens. */
  | 'wrapped'

const ADAPTER = 'llamaindex'

/** What is remembered of a run while its trace is open. */
export interface RunNotes {
  readonly adapter: typeof ADAPTER
  readonly kind: RunKind
  /** True for a run whose end is told even when it fails. */
  readonly endsAlways: boolean
  /** True for a run whose answer goes on where we cannot follow: it ends when nothing in it is open. */
  endsWithParts: boolean
  /** Tools of which only events tell, and that have not been told to have ended. */
  readonly openTools: Run[]
  /** The id of the call that asked for a tool. */
  readonly callId: string | undefined
  /** True once the event of a wrapped call was seen, which tells of the same call. */
  isClaimed: boolean
  /** What failed below it last, if nothing has begun since. */
  failure: { readonly error: unknown } | undefined
  /** The final answer of an inferred run, once there is one. */
  answer: { readonly text: string | undefined } | undefined
}

/** Remembers what a run is. */
export function noteRun(
  run: Run,
  kind: RunKind,
  details: { readonly endsAlways: boolean; readonly callId?: string | undefined },
): void {
  const notes: RunNotes = {
    adapter: ADAPTER,
    kind,
    endsAlways: details.endsAlways,
    endsWithParts: false,
    openTools: [],
    callId: details.callId,
    isClaimed: false,
    failure: undefined,
    answer: undefined,
  }
  run.notes = notes
}

/** What is remembered of a run; `undefined` for a run of another framework. */
export function notesOf(run: Run | undefined): RunNotes | undefined {
  const notes = run?.notes
  return isNotes(notes) ? notes : undefined
}

function isNotes(notes: unknown): notes is RunNotes {
  return isObject(notes) && notes['adapter'] === ADAPTER
}
