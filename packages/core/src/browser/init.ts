import type { TruLayer } from '../client/client.ts'
import { init as initClient } from '../client/global-client.ts'
import type { TruLayerOptions } from '../client/options.ts'

/* What has no meaning in a page, the key first of all. */
type ServerOption =
  | 'apiKey'
  | 'endpoint'
  | 'compression'
  | 'spool'
  | 'exitFlush'
  | 'waitUntil'
  | 'asyncLocalStorage'

/** What a client in a page can be told: no key, but where the relay is. */
export interface BrowserOptions extends Omit<TruLayerOptions, ServerOption> {
  /** The address of the relay on your server, from the page's own where it is relative, such as `/api/trulayer`. */
  readonly relayUrl: string
}

/**
 * Makes the global client of a page, for agents that run there: it records as on a server and sends traces and feedback to
 * the relay. For feedback on traces of your server `submitFeedback` alone is enough, and far smaller.
 *
 * @throws TruLayerError for mistakes in the options, a key in a page among them
 */
export function init(options: BrowserOptions): TruLayer {
  return initClient(options)
}
