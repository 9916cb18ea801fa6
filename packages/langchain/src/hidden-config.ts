import { isObject, shared } from '@trulayer/core/internal'

import { SESSION_KEYS } from './map-session.ts'
import type { RunMetadata } from './types.ts'

/*
 * What of `configurable` is worth knowing. Nothing else of it is read, for secrets are passed there as well.
 */
const KNOWN = Object.values(SESSION_KEYS).flat()

/*
 * By the metadata of a manager, which is the very object that callbacks are handed. Shared: the copy of this package that
 * patched the manager need not be the copy of the handler.
 */
const hiddenByMetadata = shared('langchain:hidden-config', () => new WeakMap<object, RunMetadata>())

/**
 * Remembers what `configurable` says of session and user. Since `@langchain/core` 1.1.40 only LangSmith's tracer is told of
 * it, beside the metadata that all other callbacks see (langchain-ai/langchainjs#10694).
 */
export function rememberHiddenConfig(metadata: unknown, config: unknown): void {
  if (!isObject(metadata) || !isObject(config)) {
    return
  }
  const entries = KNOWN.flatMap((key) => (config[key] === undefined ? [] : [[key, config[key]]]))
  if (entries.length > 0) {
    hiddenByMetadata.set(metadata, Object.fromEntries(entries))
  }
}

/** What is known of `configurable` besides the metadata of a run. */
export function hiddenConfigOf(metadata: RunMetadata | undefined): RunMetadata | undefined {
  return metadata === undefined ? undefined : hiddenByMetadata.get(metadata)
}
