import type { FinishedTrace, TruLayer, TruLayerOptions } from '@trulayer/core'
import { fromWireTrace } from '@trulayer/core/internal'
import { startIngestServer } from '@trulayer/test/support/ingest-server.ts'

/** Who takes the traces: an endpoint on this machine that keeps to the contract, or TruLayer. */
export interface Receiver extends AsyncDisposable {
  /** What the client needs to reach it. */
  readonly clientOptions: TruLayerOptions
  /** Where the traces cannot be seen as they arrive, they are shown as they leave. */
  listenTo(client: TruLayer): void
  accepted(client: TruLayer): number
  refused(): number
}

/**
 * Opens the receiver.
 *
 * @param apiKey - the key of TruLayer; without one the endpoint is on this machine
 * @param show - called with each trace
 */
export async function openReceiver(
  apiKey: string | undefined,
  show: (trace: FinishedTrace) => void,
): Promise<Receiver> {
  return apiKey === undefined ? await openLocal(show) : openTruLayer(apiKey, show)
}

async function openLocal(show: (trace: FinishedTrace) => void): Promise<Receiver> {
  const server = await startIngestServer()
  server.onTrace((wire) => {
    const trace = fromWireTrace(wire)
    if (trace !== undefined) {
      show(trace)
    }
  })
  return {
    clientOptions: { apiKey: 'tl_demo', endpoint: server.url },
    listenTo: () => {},
    accepted: () => server.traces.length,
    refused: () => server.refused.length,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function openTruLayer(apiKey: string, show: (trace: FinishedTrace) => void): Receiver {
  return {
    clientOptions: { apiKey },
    listenTo: (client) => {
      client.onTrace(show)
    },
    accepted: (client) => client.stats().traces.sent,
    refused: () => 0,
    [Symbol.asyncDispose]: async () => {},
  }
}
