import { settlePostponed } from '../record/postponed.ts'
import { shared } from '../runtime/shared-state.ts'
import type { FinishedTrace } from '../shape/trace.ts'

/** Something that takes traces in place of the exporters, as tests do. */
export interface Capture {
  /** The client whose traces it takes; `undefined` for those of every client in the process. */
  readonly client: object | undefined
  take(trace: FinishedTrace): void
}

/* Process-wide, since the program under test may make its client after the test began. */
const captures = shared('captures', () => new Set<Capture>())

/** Adds a capture, of what happens from now on. Returns a function that ends it. */
export function addCapture(capture: Capture): () => void {
  settlePostponed()
  captures.add(capture)
  return () => {
    settlePostponed()
    captures.delete(capture)
  }
}

/** The captures that take the traces of a client. While there is one, nothing of that client is delivered. */
export function capturesOf(client: object): Capture[] {
  return captures.size === 0
    ? []
    : [...captures].filter((capture) => capture.client === undefined || capture.client === client)
}
