import type { TruLayer } from '@trulayer/core'
import { resolveLogger } from '@trulayer/core/internal'

/** Who hears a run: one for each handler. */
export interface Listener {
  readonly client: TruLayer | undefined
  /** The copy of this package that the handler is of. */
  readonly copy: symbol
}

const THIS_COPY = Symbol('@trulayer/langchain')

/** The listener of a new handler. */
export function createListener(client: TruLayer | undefined): Listener {
  return { client, copy: THIS_COPY }
}

/** Tells once where another copy of this package heard a run before: each records what the other does not. */
export function tellOfOtherCopy(own: Listener, other: Listener): void {
  if (own.copy !== other.copy) {
    resolveLogger(own.client).warn(
      'two copies of @trulayer/langchain receive the same runs, and each run is recorded by the first one: install one version, and load it in one module format.',
      'langchain-copies',
    )
  }
}
