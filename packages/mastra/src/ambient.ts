import { addAmbientLookup, isObject, shared } from '@trulayer/core/internal'

import { runKey } from './run-key.ts'

/** Answers with the span of Mastra's that is under way here. */
export type CurrentSpan = () => unknown

/* In a variable, so that no bundler looks for a module that older versions of Mastra lack. */
const CONTEXT_STORAGE = '@mastra/core/observability/context-storage'

/* The ESM and the CJS build of Mastra have a current span each; a process may hold both. */
const sources = shared('mastra:current-spans', () => new Set<CurrentSpan>())

/* Whether one of them has ever answered with a span. */
const answers = shared('mastra:current-span-answers', () => ({ areThere: false }))

/* Where this package is CJS, and with it most likely the Mastra beside it. A bare `require` would be made up in ESM. */
declare const module: { readonly require?: (id: string) => unknown } | undefined

/**
 * Makes Mastra's current span known to core, so that whatever starts inside a tool hangs under it: an agent that the tool
 * holds on to (mastra-ai/mastra#15461), a call of another framework. Mastra has such a span since 1.30, in a module of its
 * own, which is looked for here and may be handed over where a bundler hides it.
 */
export function followMastra(getCurrentSpan: CurrentSpan | undefined): void {
  addAmbientLookup('mastra', ambientKey)
  if (getCurrentSpan !== undefined) {
    sources.add(getCurrentSpan)
  } else if (sources.size === 0) {
    void findCurrentSpans()
  }
}

/** True once Mastra's current span was found: every call that Mastra makes is then inside of its span. */
export function isCurrentSpanKnown(): boolean {
  return answers.areThere
}

/* An older Mastra, or one that is bundled, has none: agents inside tools then need `tracingContext`. */
async function findCurrentSpans(): Promise<void> {
  try {
    addSource(typeof module === 'object' ? module.require?.(CONTEXT_STORAGE) : undefined)
  } catch {
    // There may be the other build.
  }
  try {
    addSource(await import(/* @vite-ignore */ /* webpackIgnore: true */ CONTEXT_STORAGE))
  } catch {
    // Neither is there.
  }
}

function addSource(storage: unknown): void {
  const found = isObject(storage) ? storage['getCurrentSpan'] : undefined
  if (typeof found === 'function') {
    sources.add(() => Reflect.apply(found, undefined, []))
  }
}

function ambientKey(): string | undefined {
  for (const current of sources) {
    const span = current()
    if (isObject(span)) {
      // Inside a tool the current span is one of Mastra's own, which is not exported.
      const method = span['getExportedSpanId']
      const id: unknown =
        typeof method === 'function' ? Reflect.apply(method, span, []) : span['id']
      answers.areThere ||= typeof id === 'string'
      return typeof id === 'string' ? runKey(id) : undefined
    }
  }
  return undefined
}
