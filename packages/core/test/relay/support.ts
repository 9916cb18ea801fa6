import { TruLayer } from '../../src/client/client.ts'
import type { TruLayerOptions } from '../../src/client/options.ts'
import { createRelay, type Relay } from '../../src/relay/create-relay.ts'
import type { RelayOptions } from '../../src/relay/relay-options.ts'
import { toWireTrace, type WireTrace } from '../../src/shape/wire.ts'
import {
  startIngestServer,
  type IngestServer,
  type IngestServerOptions,
} from '../../../../test/support/ingest-server.ts'
import { idOf, makeTrace } from '../deliver/support.ts'

export const KEY = 'tl_only_the_server_has_this'
export const ORIGIN = 'https://shop.example'

/** A relay with a client that delivers to a server of its own. */
export interface RelayRig extends AsyncDisposable {
  readonly server: IngestServer
  readonly client: TruLayer
  readonly relay: Relay
  /** Sends as a page of the relay's own host does. */
  send(body: unknown, details?: SendDetails): Promise<Response>
}

/** What a request has that others have not. */
export interface SendDetails {
  readonly method?: string
  /** `undefined` leaves a header out. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly context?: readonly unknown[]
}

/** Starts a relay. */
export async function startRelay(
  options: RelayOptions = {},
  clientOptions: TruLayerOptions = {},
  serverOptions: IngestServerOptions = {},
): Promise<RelayRig> {
  const server = await startIngestServer(serverOptions)
  const client = new TruLayer({
    apiKey: KEY,
    endpoint: server.url,
    exitHooks: false,
    logger: { warn: () => undefined, error: () => undefined },
    ...clientOptions,
  })
  const relay = createRelay({ client, ...options })
  return {
    server,
    client,
    relay,
    send: (body, details) => relay(requestOf(body, details), ...(details?.context ?? [])),
    async [Symbol.asyncDispose]() {
      await client.shutdown({ timeout: 1000 })
      await server.close()
    },
  }
}

/** A request as a page makes it. */
export function requestOf(body: unknown, details: SendDetails = {}): Request {
  const headers = new Headers()
  const all = { origin: ORIGIN, 'content-type': 'application/json', ...details.headers }
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined) {
      headers.set(name, value)
    }
  }
  const { method = 'POST' } = details
  return new Request(`${ORIGIN}/api/trulayer`, {
    method,
    headers,
    ...(method === 'POST' && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
}

/** The wire's words for a thumb. */
export function thumb(details: object = {}): object {
  return {
    trace_id: idOf(1),
    label: 'good',
    metadata: { source: 'thumbs_button' },
    ...details,
  }
}

/** A trace as a page sends it, of just now. */
export function pageTrace(index: number, details: Partial<WireTrace> = {}): WireTrace {
  const now = Date.now()
  const trace = makeTrace(index)
  return {
    ...toWireTrace({
      ...trace,
      startedAt: now - 20,
      endedAt: now,
      spans: trace.spans.map((span) =>
        Object.assign(span, { startedAt: now - 20, endedAt: now - 10 }),
      ),
    }),
    ...details,
  }
}
