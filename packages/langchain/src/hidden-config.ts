import { isObject, read, shared } from '@trulayer/core/internal'

import { SESSION_KEYS } from './map-session.ts'
import type { RunMetadata } from './types.ts'

const TRACER_METADATA = 'tracerInheritableMetadata'

/* The entries of `configurable` that are read. Nothing else is, because secrets are passed there as well. */
const KNOWN = Object.values(SESSION_KEYS).flat()

/*
 * By the metadata of a manager, which is the very object that callbacks are handed. Shared: the copy of this package that
 * patched the manager need not be the copy of the handler.
 */
const hiddenByMetadata = shared('langchain:hidden-config', () => new WeakMap<object, RunMetadata>())

/**
 * Remembers what `configurable` says of session and user. Since `@langchain/core` 1.1.40 only LangSmith's tracer receives it,
 * beside the metadata that all other callbacks see (langchain-ai/langchainjs#10694).
 *
 * @param options - what the manager was configured with, whose `configurable` is there under this name even when it is empty
 */
export function rememberHiddenConfig(metadata: unknown, options: unknown): void {
  if (!isObject(metadata) || !isObject(options) || !(TRACER_METADATA in options)) {
    return
  }
  const config = read(options, TRACER_METADATA)
  const entries = KNOWN.map((key) => [key, read(config, key)] as const)
  hiddenByMetadata.set(
    metadata,
    Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
  )
}

/** What is known of `configurable` besides the metadata of a run; `undefined` where the metadata may contain it. */
export function hiddenConfigOf(metadata: RunMetadata | undefined): RunMetadata | undefined {
  return metadata === undefined ? undefined : hiddenByMetadata.get(metadata)
}
