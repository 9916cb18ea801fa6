import { shared } from '../runtime/shared-state.ts'
import { TruLayer } from './client.ts'
import type { TruLayerOptions } from './options.ts'
import { internalsOf } from './client-internals.ts'

interface GlobalClient {
  client?: TruLayer
  options?: TruLayerOptions
}

function slot(): GlobalClient {
  return shared<GlobalClient>('client', () => ({}))
}

/**
 * Makes the global client, the one that adapters use when they are handed none. The same options again give the same
 * client, unless that was shut down; others replace it, and the old one delivers what it has and shuts down in the background.
 *
 * @throws TruLayerError for mistakes in the options, as `new TruLayer` does
 */
export function init(options: TruLayerOptions = {}): TruLayer {
  const current = slot()
  if (
    current.client !== undefined &&
    current.options !== undefined &&
    isSame(current.options, options) &&
    !internalsOf(current.client).isShutDown()
  ) {
    return current.client
  }
  const previous = current.client
  const client = new TruLayer(options)
  current.client = client
  current.options = options
  // Its failures are told through its own onError; with failMode 'block' nobody is left to be told by rejection.
  previous?.shutdown().catch(() => undefined)
  return client
}

/** The global client. Without `init` it is made from the environment on first use. */
export function getClient(): TruLayer {
  const current = slot()
  return (current.client ??= new TruLayer())
}

/** The global client where there is one already; it is not made. */
export function existingClient(): TruLayer | undefined {
  return slot().client
}

/* Option by option; lists and maps by what they hold, since they are mostly written anew at each call. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) {
    return true
  }
  if (!isPlain(one) || !isPlain(other)) {
    return false
  }
  const keys = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...keys].every((key) => isSame(Reflect.get(one, key), Reflect.get(other, key)))
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) {
    return false
  }
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
}
