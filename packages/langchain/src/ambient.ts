import {
  addAmbientLookup,
  asyncContext,
  BoundedMap,
  isObject,
  isText,
  read,
  shared,
} from '@trulayer/core/internal'

import { callMethod } from './call-method.ts'
import { runKey } from './run-key.ts'

/* Where LangChain keeps the config of the run that is under way. Every version and copy of it uses these two. */
const STORAGE = Symbol.for('ls:tracing_async_local_storage')
const CHILD_CONFIG = Symbol.for('lc:child_config')
const REMEMBERED_PARENTS = 10_000

const parents = shared(
  'langchain:parents',
  () => new BoundedMap<string, string>(REMEMBERED_PARENTS),
)

/*
 * The run whose code is running, where the program has no async context of LangChain. LangChain calls handlers before the
 * code of a run and not around it, so that the scope is entered from there on.
 */
interface Scope {
  readonly runId: string | undefined
  /* No more than the id: a host whose runs start one another without an end would keep them all. */
  readonly outerRunId: string | undefined
  /** True until the synchronous code in which the run started has ended, which is not code of the run. */
  isStarting: boolean
}

const scopes = asyncContext<Scope>('langchain:scopes')
const REMEMBERED_STARTS = 1000

/* Runs that have started, and whose code may be found later only. */
const outside = shared('langchain:outside', () => new BoundedMap<string, true>(REMEMBERED_STARTS))

/**
 * Makes LangChain's current run known to core, so that what starts inside a tool or a node becomes a child of it. The
 * async context of LangChain itself is followed where the program has one, and never created: with it calls inherit the
 * config of the run around them, its signal and tags included.
 */
export function followLangChain(): void {
  addAmbientLookup('langchain', () => {
    const runId = ambientRunId()
    return runId === undefined ? undefined : runKey(runId)
  })
}

/**
 * Enters the scope of a run that has just started, for the function of LangChain that called the handler. Without effect
 * where the program has LangChain's own context.
 *
 * @param isAlone - false where the code that started the run may be running still, and would be in the scope as well:
 *   LangChain starts a tool that has a JSON Schema without an `await` before. Such a run is entered only inside the scope of
 *   its parent, so that what is in the scope by mistake is of the same turn.
 */
export function enterRun(
  { runId, parentRunId }: { readonly runId: string; readonly parentRunId?: string | undefined },
  isAlone: boolean,
): void {
  const current = scopes.current()
  if (hasContext() || current?.runId === runId) {
    return
  }
  const isBesideAnother = current?.isStarting === true
  const around = isBesideAnother ? current.outerRunId : current?.runId
  const isInParent =
    parentRunId !== undefined && (parentRunId === around || parentRunId === current?.outerRunId)
  if (isAlone ? !isBesideAnother : isInParent) {
    enterScope(runId, isAlone ? around : parentRunId)
    return
  }
  if (isBesideAnother) {
    // Those that start alone are of a batch, whose runs share the function that goes on: it belongs to none of them.
    enterScope(around, around)
  }
  if (!isAlone) {
    expectCode(runId)
  }
}

/** Notes a run whose function of LangChain does not go on where the handler is called, as that of a lambda in a stream. */
export function expectCode(runId: string): void {
  outside.set(runId, true)
}

/**
 * Enters the scope of a run that could not be entered when it started. The first manager below a run is LangChain's, for
 * what the run calls, and has not been used before: the code that is running is of the run.
 */
export function enterCode(manager: unknown): void {
  const runId = callMethod(manager, 'getParentRunId')
  if (isText(runId) && outside.has(runId) && !hasContext()) {
    outside.delete(runId)
    scopes.enter({ runId, outerRunId: scopes.current()?.runId, isStarting: false })
  }
}

/**
 * Remembers which run a new one without a parent starts in. LangChain detaches a call that is handed `callbacks` of its
 * own, and empties its context while it calls a handler.
 */
export function rememberParent(runId: string): void {
  const ambient = ambientRunId()
  if (ambient !== undefined && ambient !== runId) {
    parents.set(runId, ambient)
  }
}

/** What LangChain's context says of `configurable`. */
export interface AmbientConfigurable {
  /** The run whose config it is. */
  readonly runId: string
  readonly keys: readonly string[]
}

const configurables = shared(
  'langchain:configurables',
  () => new BoundedMap<string, AmbientConfigurable>(REMEMBERED_PARENTS),
)

/** Remembers the keys of `configurable` in the config that a run starts in. */
export function rememberConfigurable(runId: string): void {
  const config = ambientConfig()
  const configurable = read(config, 'configurable')
  const ambient = runIdOf(config)
  if (ambient !== undefined && isObject(configurable)) {
    configurables.set(runId, { runId: ambient, keys: Object.keys(configurable) })
  }
}

/** The keys of `configurable` that were remembered, once. */
export function takeConfigurable(runId: string): AmbientConfigurable | undefined {
  const known = configurables.get(runId)
  if (known !== undefined) {
    configurables.delete(runId)
  }
  return known
}

/** True for a run that starts inside another although it is told without a parent. */
export function isDetached(runId: string): boolean {
  return parents.has(runId)
}

/** The run that was remembered, once. */
export function takeParent(runId: string): string | undefined {
  const parent = parents.get(runId)
  if (parent !== undefined) {
    parents.delete(runId)
  }
  return parent
}

function ambientRunId(): string | undefined {
  if (!hasContext()) {
    const scope = scopes.current()
    return scope?.isStarting === true ? scope.outerRunId : scope?.runId
  }
  return runIdOf(ambientConfig())
}

/* The config of LangChain's own context, where the program has one. */
function ambientConfig(): unknown {
  return read(callMethod(Reflect.get(globalThis, STORAGE), 'getStore'), 'extra', CHILD_CONFIG)
}

function runIdOf(config: unknown): string | undefined {
  const runId = callMethod(read(config, 'callbacks'), 'getParentRunId')
  return isText(runId) ? runId : undefined
}

function enterScope(runId: string | undefined, outerRunId: string | undefined): void {
  const scope = { runId, outerRunId, isStarting: true }
  scopes.enter(scope)
  void endStart(scope)
}

/* In the next microtask: LangChain waits longer than this for its handlers before it calls what runs in the scope. */
async function endStart(scope: Scope): Promise<void> {
  await Promise.resolve()
  scope.isStarting = false
}

/* Asked each time: a program may load LangGraph, which sets it up, at any moment. */
function hasContext(): boolean {
  return Reflect.get(globalThis, STORAGE) !== undefined
}
