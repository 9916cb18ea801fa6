import { checkAdapterOptions, clientKind } from '../client/adapter-options.ts'
import { internalsOf } from '../client/client-internals.ts'
import type { TruLayer } from '../client/client.ts'
import { getClient } from '../client/global-client.ts'
import { addCapture } from '../deliver/captures.ts'
import { traceMemory } from '../deliver/memory-exporter.ts'
import { sleep } from '../runtime/timers.ts'
import { monotonicClock } from '../runtime/clock.ts'
import { kinds } from '../shape/check-options.ts'
import type { FinishedTrace } from '../shape/trace.ts'

/** Whose traces are caught. */
export interface CaptureOptions {
  /** @defaultValue those of every client in the process, whenever it is made */
  readonly client?: TruLayer | undefined
}

/** Which client, and how long to wait. */
export interface WaitOptions {
  /** @defaultValue the global one */
  readonly client?: TruLayer | undefined
  /** Milliseconds. @defaultValue 5000 */
  readonly timeout?: number | undefined
}

/** Traces that are caught instead of delivered. */
export interface TraceCapture {
  /** The finished traces so far, oldest first. */
  readonly traces: readonly FinishedTrace[]
  /** The next trace that finishes, or the latest one once no turn is open. See `lastTrace`. */
  last(options?: Pick<WaitOptions, 'timeout'>): Promise<FinishedTrace>
  /** Forgets the traces so far. */
  clear(): void
  /** Ends the capture: later traces go where they went before. */
  stop(): void
}

const WAIT_OPTIONS = {
  client: [clientKind],
  timeout: [kinds.number],
} as const satisfies Record<keyof WaitOptions, unknown>

const DEFAULT_TIMEOUT = 5000
const PAUSE = 2

/**
 * Catches every trace in memory, whatever the mode and with no key at all; nothing is delivered meanwhile. The traces are
 * as they were recorded, before sampling, redaction and limits.
 *
 * @example
 * ```ts
 * const capture = captureTraces()
 * afterEach(() => capture.clear())
 * afterAll(() => capture.stop())
 *
 * await agent('Where is my order?')
 * expect(spanTree(await capture.last())).toBe('…')
 * ```
 */
export function captureTraces(options: CaptureOptions = {}): TraceCapture {
  checkAdapterOptions('captureTraces()', options)
  const traces: FinishedTrace[] = []
  const stop = addCapture({ client: options.client, take: (trace) => traces.push(trace) })
  return {
    traces,
    last: (wait = {}) => latest(options.client, () => traces, wait.timeout),
    clear: () => {
      traces.length = 0
    },
    stop,
  }
}

/**
 * The latest finished trace in memory, in mode `local` or `replay`. Where a turn is still open, a stream perhaps, it waits
 * for that one; where there is no trace yet, for the first.
 *
 * @throws Error when the time is over, with what was open then
 */
export async function lastTrace(options: WaitOptions = {}): Promise<FinishedTrace> {
  checkAdapterOptions('lastTrace()', options, WAIT_OPTIONS)
  return await latest(options.client, () => traceMemory().traces, options.timeout)
}

/** Forgets the traces in memory. */
export function clearTraces(): void {
  traceMemory().traces.length = 0
}

async function latest(
  wanted: TruLayer | undefined,
  read: () => readonly FinishedTrace[],
  timeout = DEFAULT_TIMEOUT,
): Promise<FinishedTrace> {
  const deadline = monotonicClock() + timeout
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- it waits until there is something
    await sleep(PAUSE, { keepAlive: true })
    const client = wanted ?? getClient()
    internalsOf(client).drain()
    const trace = read().at(-1)
    const { open } = client.stats().traces
    if (trace !== undefined && open === 0) {
      return trace
    }
    if (monotonicClock() > deadline) {
      throw new Error(explain(open, client.stats().state, timeout))
    }
  }
}

function explain(open: number, state: string, timeout: number): string {
  if (open > 0) {
    const turns = open === 1 ? '1 turn is' : `${open} turns are`
    return `[trulayer] no finished trace after ${timeout} ms: ${turns} still open. Is a stream left unread, or a promise not awaited?`
  }
  return state === 'active'
    ? `[trulayer] no trace after ${timeout} ms: nothing was recorded. Is the handler passed to the agent, and does it use this client?`
    : `[trulayer] no trace after ${timeout} ms: the client is ${state}. Set TRULAYER_MODE=local, or use captureTraces().`
}
