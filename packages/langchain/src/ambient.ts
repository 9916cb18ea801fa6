import {
  addAmbientLookup,
  BoundedMap,
  createAsyncStorage,
  isObject,
  isText,
  read,
  shared,
} from '@trulayer/core/internal'

import { runKey } from './run-key.ts'

/* Where LangChain keeps the config of the run that is under way. Every version and copy of it uses these two. */
const STORAGE = Symbol.for('ls:tracing_async_local_storage')
const CHILD_CONFIG = Symbol.for('lc:child_config')
const REMEMBERED_PARENTS = 10_000

const parents = shared(
  'langchain:parents',
  () => new BoundedMap<string, string>(REMEMBERED_PARENTS),
)

/**
 * Makes LangChain's current run known to core, so that whatever starts inside a tool or a node hangs under it. Also fills
 * the slot for LangChain's async context where it is still empty, as LangGraph's main entry would: with the prebuilt
 * agents alone nobody does, and a model that a tool calls without a config would be lost.
 */
export function followLangChain(): void {
  addAmbientLookup('langchain', () => {
    const runId = ambientRunId()
    return runId === undefined ? undefined : runKey(runId)
  })
  if (Reflect.get(globalThis, STORAGE) === undefined) {
    const storage = createAsyncStorage()
    if (storage !== undefined) {
      Reflect.set(globalThis, STORAGE, storage)
    }
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
  const storage: unknown = Reflect.get(globalThis, STORAGE)
  const config = read(call(storage, 'getStore'), 'extra', CHILD_CONFIG)
  const runId = call(read(config, 'callbacks'), 'getParentRunId')
  return isText(runId) ? runId : undefined
}

function call(holder: unknown, name: string): unknown {
  const method = isObject(holder) ? holder[name] : undefined
  return typeof method === 'function' ? Reflect.apply(method, holder, []) : undefined
}
