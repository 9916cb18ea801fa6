import { addAmbientLookup, shared } from '@trulayer/core/internal'

import { isObject } from './read.ts'
import { runKey } from './run-key.ts'

/** Answers with the span of Mastra's that is under way here. */
export type CurrentSpan = () => unknown

/* In a variable, so that no bundler looks for a module that older versions of Mastra lack. */
const CONTEXT_STORAGE = '@mastra/core/observability/context-storage'

const source = shared<{ current: CurrentSpan | undefined }>('mastra:current-span', () => ({
  current: undefined,
}))

/**
 * Makes Mastra's current span known to core, so that whatever starts inside a tool hangs under it: an agent that the tool
 * holds on to (mastra-ai/mastra#15461), a call of another framework. Mastra has such a span since 1.30, in a module of its
 * own, which is looked for here and may be handed over where a bundler hides it.
 */
export function followMastra(getCurrentSpan: CurrentSpan | undefined): void {
  addAmbientLookup('mastra', ambientKey)
  if (getCurrentSpan !== undefined) {
    source.current = getCurrentSpan
  } else if (source.current === undefined) {
    void findCurrentSpan()
  }
}

async function findCurrentSpan(): Promise<void> {
  try {
    const module: unknown = await import(
      /* @vite-ignore */ /* webpackIgnore: true */ CONTEXT_STORAGE
    )
    const found = isObject(module) ? module['getCurrentSpan'] : undefined
    if (typeof found === 'function') {
      source.current ??= () => Reflect.apply(found, undefined, [])
    }
  } catch {
    // An older Mastra, or one that is bundled: agents inside tools then need `tracingContext`.
  }
}

function ambientKey(): string | undefined {
  const span = source.current?.()
  if (!isObject(span)) {
    return undefined
  }
  // Inside a tool the current span is one of Mastra's own, which is not exported.
  const method = span['getExportedSpanId']
  const id: unknown = typeof method === 'function' ? Reflect.apply(method, span, []) : span['id']
  return typeof id === 'string' ? runKey(id) : undefined
}
