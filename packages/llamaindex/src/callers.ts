import { addAmbientLookup, asyncContext, type Run, shared } from '@trulayer/core/internal'

import { isModel } from './guards.ts'
import { notesOf, type RunKind } from './run-notes.ts'
import type { EventCaller } from './types.ts'

/** Where the tools stand that a model or an agent runs, of which only events tell. */
export interface ToolScope {
  tool: Run | undefined
}

type CallerSource = () => EventCaller | undefined

/* The runs of each call of LlamaIndex, in order of start: who called whom is all that its events say of their place. */
const runsOfCallers = shared('llamaindex:callers', () => new WeakMap<EventCaller, Run[]>())
/* One for each copy of LlamaIndex, since every copy knows its own calls alone. */
const sources = shared('llamaindex:sources', () => new Set<CallerSource>())
/* What is no place for a run that is about to start. */
const search = shared<{ without: RunKind | undefined }>('llamaindex:search', () => ({
  without: undefined,
}))

/** The scope of the code that is running. */
export const toolScope = asyncContext<ToolScope>('llamaindex:tools')

/** Adds a copy of LlamaIndex, so that what starts inside its calls is put where it belongs, whichever framework it is of. */
export function addCallerSource(source: CallerSource): () => void {
  addAmbientLookup('llamaindex', innermostKey)
  sources.add(source)
  return () => sources.delete(source)
}

/** Remembers that a run is part of a call. */
export function noteCaller(caller: EventCaller, run: Run): void {
  const runs = runsOfCallers.get(caller)
  if (runs === undefined) {
    runsOfCallers.set(caller, [run])
  } else {
    runs.push(run)
  }
}

/**
 * The run that contains what a call does now: the last open one of the call, else of the call above it. Where all have ended
 * it is the last one of the nearest call, so that what comes too late is known to be late.
 */
export function runOfCaller(caller: EventCaller | undefined): Run | undefined {
  let last: Run | undefined
  for (const runs of runsUpwards(caller)) {
    const open = runs.findLast(isPlace)
    if (open !== undefined) {
      return open
    }
    last ??= runs.at(-1)
  }
  return last
}

/*
 * A retrieval that nobody called who is known, as long as its first step lasts. What it needs an embedding for begins in
 * that step.
 */
const begun = shared<{ retrieval: Run | undefined }>('llamaindex:begun', () => ({
  retrieval: undefined,
}))

/** Remembers a retrieval without a caller until its first step is over. */
export function noteBegun(retrieval: Run): void {
  begun.retrieval = retrieval
  queueMicrotask(() => {
    begun.retrieval = begun.retrieval === retrieval ? undefined : begun.retrieval
  })
}

/** The retrieval without a caller that has just begun with that query. */
export function begunRetrieval(query: unknown): Run | undefined {
  return begun.retrieval?.input === query ? begun.retrieval : undefined
}

/** Who is calling at this moment, in whichever copy of LlamaIndex. */
export function currentCaller(): EventCaller | undefined {
  for (const source of sources) {
    const caller = source()
    if (caller !== undefined) {
      return caller
    }
  }
  return undefined
}

/** The outermost call of a chain that is none of a model. */
export function outermostCaller(caller: EventCaller | undefined): EventCaller | undefined {
  return callersUpwards(caller).findLast((link) => !isModel(link.caller))
}

/** Starts something that never stands below a run of that kind, though one may be open: two of them at once are siblings. */
export function besideRunsOf<Result>(kind: RunKind, start: () => Result): Result {
  const before = search.without
  search.without = kind
  try {
    return start()
  } finally {
    search.without = before
  }
}

function isPlace(run: Run): boolean {
  const kind = notesOf(run)?.kind
  return (
    run.isOpen && !run.turn.hasLeft && (search.without === undefined || kind !== search.without)
  )
}

function runsUpwards(caller: EventCaller | undefined): readonly Run[][] {
  return callersUpwards(caller).flatMap((link) => {
    const runs = runsOfCallers.get(link)
    return runs === undefined ? [] : [runs]
  })
}

function callersUpwards(caller: EventCaller | undefined): EventCaller[] {
  const links: EventCaller[] = []
  for (let link = caller ?? null; link !== null; link = link.parent) {
    links.push(link)
  }
  return links
}

/* Copies of LlamaIndex that call one another: the innermost run of all of them. */
function innermostKey(): string | undefined {
  const tool = toolScope.current()?.tool
  const found = [...sources].map((source) => runOfCaller(source())).concat(tool)
  let innermost: Run | undefined
  for (const run of found) {
    if (run !== undefined && isPlace(run) && isNearer(run, innermost)) {
      innermost = run
    }
  }
  return innermost?.key
}

/* Of two that have nothing to do with each other the one that started last. */
function isNearer(run: Run, than: Run | undefined): boolean {
  return (
    than === undefined ||
    run.isInside(than) ||
    (!than.isInside(run) && run.startedAt >= than.startedAt)
  )
}
