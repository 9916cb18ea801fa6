import type { Recorder } from '../record/recorder.ts'
import type { TruLayer } from './client.ts'
import { internalsOf } from './client-internals.ts'
import { getClient } from './global-client.ts'
import type { OnceLogger } from './logger.ts'

/**
 * The recorder of the client that an adapter was handed, else of the global one. Adapters ask when a run starts, since the
 * global client may be made or replaced after them.
 */
export function resolveRecorder(client: TruLayer | undefined): Recorder {
  return internalsOf(client ?? getClient()).recorder
}

/** The logger of the client that an adapter was handed, else of the global one. */
export function resolveLogger(client: TruLayer | undefined): OnceLogger {
  return internalsOf(client ?? getClient()).logger
}
