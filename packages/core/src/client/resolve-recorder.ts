import type { Recorder } from '../record/recorder.ts'
import { shared } from '../runtime/shared-state.ts'
import type { TruLayer } from './client.ts'
import { internalsOf, isClient } from './client-internals.ts'
import { existingClient, getClient } from './global-client.ts'
import { createLogger, type OnceLogger } from './logger.ts'

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

const consoleLogger = /* @__PURE__ */ shared('complaints', () => createLogger({ debug: false }))

/**
 * The same for what is said while a program is set up: `init` may still come, and a global client that is made before it
 * would be one too many.
 */
export function loggerAtSetup(client: unknown): OnceLogger {
  const known = isClient(client) ? client : existingClient()
  return known === undefined ? consoleLogger : internalsOf(known).logger
}
