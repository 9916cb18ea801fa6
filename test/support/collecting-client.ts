import { TruLayer, type FinishedTrace, type TruLayerOptions } from '@trulayer/core'

/** A client and the traces that have left it. */
export interface Collected {
  readonly client: TruLayer
  readonly traces: readonly FinishedTrace[]
  /** Resolves when no turn is open any more, or the time is over. */
  readonly settled: (timeout?: number) => Promise<void>
}

const PAUSE = 2

/**
 * A client as a program has one, whose traces end here. What is captured is recorded at once; with this one it is recorded a
 * little later where an adapter allows it, as in a server.
 */
export function collectingClient(options: TruLayerOptions = {}): Collected {
  const traces: FinishedTrace[] = []
  const client = new TruLayer({
    exitHooks: false,
    redact: false,
    exporters: [{ export: (finished) => void traces.push(...finished) }],
    ...options,
  })
  return {
    client,
    traces,
    settled: async (timeout = 15_000) => {
      const deadline = performance.now() + timeout
      do {
        await new Promise((resolve) => {
          setTimeout(resolve, PAUSE)
        })
        await client.flush()
      } while (client.stats().traces.open > 0 && performance.now() < deadline)
    },
  }
}
