import { expect } from 'vitest'
import { createLogger } from '../../src/client/logger.ts'
import { createBatch, type Batch } from '../../src/deliver/batch.ts'
import type { EncodedTrace } from '../../src/deliver/encoded-trace.ts'
import type { TruLayerExporterOptions } from '../../src/deliver/exporter-options.ts'
import type { DeliveryProblem } from '../../src/deliver/exporter.ts'
import { DEFAULT_TIMING, type DeliveryTiming } from '../../src/deliver/retry-delay.ts'
import { TruLayerExporter } from '../../src/deliver/trulayer-exporter.ts'
import type { FinishedTrace } from '../../src/shape/trace.ts'
import type { WireTrace } from '../../src/shape/wire.ts'
import {
  startIngestServer,
  type IngestRequest,
  type IngestServer,
  type IngestServerOptions,
} from '../../../../test/support/ingest-server.ts'

export { eventually, pause } from '../support.ts'

/** Waits short enough for a test, and no randomness. */
export const FAST: DeliveryTiming = {
  ...DEFAULT_TIMING,
  random: () => 0.5,
  backOff: 20,
  maxBackOff: 40,
  minBackOff: 1,
  minPause: 30,
  coolDown: 60,
  maxCoolDown: 120,
}

export const KEY = 'tl_0123456789abcdef'

/** The id of the trace with this number. */
export function idOf(index: number): string {
  return `00000000-0000-7000-8000-${index.toString(16).padStart(12, '0')}`
}

/** A finished trace of one span, with `text` in its input. */
export function makeTrace(
  index: number,
  details: Partial<FinishedTrace> & { readonly text?: string } = {},
): FinishedTrace {
  const { text = `question ${index}`, ...rest } = details
  const startedAt = Date.UTC(2026, 10, 1) + index
  return {
    id: idOf(index),
    name: 'support',
    status: 'ok',
    sessionId: 'session',
    startedAt,
    endedAt: startedAt + 20,
    input: text,
    output: 'answer',
    tags: {},
    metadata: {},
    spans: [
      {
        id: idOf(index + 1_000_000),
        name: 'chat gpt-4o-mini',
        type: 'llm',
        status: 'ok',
        startedAt,
        endedAt: startedAt + 10,
        input: text,
        output: 'answer',
        model: 'gpt-4o-mini',
        usage: { promptTokens: 3, completionTokens: 4 },
        metadata: {},
      },
    ],
    events: [],
    ...rest,
  }
}

/** Traces number `from` up to but not including `to`. */
export function makeTraces(from: number, to: number): FinishedTrace[] {
  return Array.from({ length: to - from }, (_, offset) => makeTrace(from + offset))
}

/** A trace as the queue holds it. */
export function makeEncoded(sequence: number, details: Partial<EncodedTrace> = {}): EncodedTrace {
  return {
    id: idOf(sequence),
    json: `{"id":"${idOf(sequence)}"}`,
    bytes: 10,
    sequence,
    exportedAt: 0,
    hasError: false,
    ...details,
  }
}

/** A batch of traces number 1 to `size`. */
export function makeBatch(size: number): Batch {
  return createBatch(Array.from({ length: size }, (_, index) => makeEncoded(index + 1)))
}

/** A promise, and what resolves it. */
export function makeGate(): { readonly opened: Promise<undefined>; open(): void } {
  let open = (): void => {}
  const opened = new Promise<undefined>((resolve) => {
    open = () => resolve(undefined)
  })
  return { opened, open: () => open() }
}

/** The ids in the body of a request. */
export function idsIn(request: IngestRequest): string[] {
  const body: { readonly traces: readonly WireTrace[] } = JSON.parse(request.body)
  return body.traces.map((trace) => trace.id)
}

/** An exporter, the service that it delivers to, and what both of them said. */
export interface Delivery extends AsyncDisposable {
  readonly server: IngestServer
  readonly exporter: TruLayerExporter
  readonly problems: readonly DeliveryProblem[]
  readonly lines: readonly string[]
  /** Exports traces and counts them. */
  export(traces: readonly FinishedTrace[]): void
  /** Expects that every trace exported so far is sent, dropped or queued. */
  checkAccount(): void
}

/** Starts a service and an exporter to it, with short waits. The account is checked at every request that it gets. */
export async function startDelivery(
  service: IngestServerOptions = {},
  options: Partial<TruLayerExporterOptions> = {},
  timing: Partial<DeliveryTiming> = {},
): Promise<Delivery> {
  const problems: DeliveryProblem[] = []
  const lines: string[] = []
  const write = (line: string): void => {
    lines.push(line)
  }
  let exported = 0
  // Where it is wrong at a request, no test would hear of what is thrown there.
  const faults: unknown[] = []
  const checkAccount = (): void => {
    const { sent, dropped, queued, inFlight, spooled, recovered } = exporter.stats()
    const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0)
    if (exported + (recovered ?? 0) !== sent + lost + queued + (inFlight ?? 0) + (spooled ?? 0)) {
      faults.push({ exported, sent, lost, queued, inFlight, spooled, recovered })
    }
    expect(faults).toEqual([])
  }
  const server = await startIngestServer({
    ...service,
    answer: (request, take) => {
      try {
        checkAccount()
      } catch {
        // Told when the test ends.
      }
      return service.answer?.(request, take)
    },
  })
  const exporter = new TruLayerExporter(
    {
      apiKey: KEY,
      endpoint: server.url,
      flushInterval: 5,
      logger: createLogger({ logger: { warn: write, error: write }, debug: false }),
      onProblem: (problem) => problems.push(problem),
      ...options,
    },
    { ...FAST, ...timing },
  )
  return {
    server,
    exporter,
    problems,
    lines,
    export(traces) {
      exported += traces.length
      exporter.export(traces)
      checkAccount()
    },
    checkAccount,
    async [Symbol.asyncDispose]() {
      await exporter.shutdown({ timeout: 0 })
      checkAccount()
      await server.close()
    },
  }
}
