import type { OnceLogger } from '../client/logger.ts'
import { isRequestBound } from '../runtime/environment.ts'
import type { DeliveryProblem } from './exporter.ts'
import type { SpoolOptions } from './spool.ts'

/** What an exporter to TruLayer is made with. */
export interface TruLayerExporterOptions {
  /** The key; it begins with `tl_`. Without one, requests carry none: a relay adds it. */
  readonly apiKey?: string | undefined
  /** The base address of the service. @defaultValue `https://api.trulayer.ai` */
  readonly endpoint?: string | undefined
  /** The project by its name. */
  readonly projectName?: string | undefined
  /** A `fetch` to use instead of the global one. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Headers added to every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Milliseconds that one request may take. @defaultValue 10000 */
  readonly timeout?: number | undefined
  /** Traces in one request, 1 to 100. @defaultValue 50 */
  readonly batchSize?: number | undefined
  /** Milliseconds that a trace waits for others to leave with. @defaultValue 2000 */
  readonly flushInterval?: number | undefined
  /** Bytes of traces that are kept until they are delivered, those under way included. @defaultValue 33554432 (32 MiB) */
  readonly maxQueueBytes?: number | undefined
  /** `gzip` compresses bodies over 8 KB, unless the service refuses that. @defaultValue none */
  readonly compression?: 'gzip' | undefined
  /** Where traces are kept that memory cannot hold or that the process leaves behind. @defaultValue none */
  readonly spool?: SpoolOptions | string | undefined
  /** Hears of every problem of delivery. */
  readonly onProblem?: ((problem: DeliveryProblem) => void) | undefined
  /** Told the same, in few words and rarely. */
  readonly logger: OnceLogger
}

/** The same with every default in place and every number within its bounds. */
export interface ExporterSettings {
  readonly apiKey: string | undefined
  /** Without a slash at its end. */
  readonly endpoint: string
  readonly projectName: string | undefined
  readonly fetch: typeof globalThis.fetch | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly timeout: number
  readonly batchSize: number
  readonly flushInterval: number
  readonly maxQueueBytes: number
  readonly compression: 'gzip' | undefined
  /** Whether traces are kept on disk too. */
  readonly hasSpool: boolean
  /** Whether a request of ours lives no longer than the request of the host that it is made in. */
  readonly isRequestBound: boolean
}

const MOST_IN_A_BATCH = 100
/* Timers take a longer time for none at all. */
const LONGEST_TIME = 2 ** 31 - 1

/** Puts the defaults in place. A number that makes no sense counts as not given. */
export function resolveExporterOptions(options: TruLayerExporterOptions): ExporterSettings {
  return {
    apiKey: options.apiKey,
    endpoint: (options.endpoint ?? 'https://api.trulayer.ai').trim().replace(/\/+$/, ''),
    projectName: options.projectName,
    fetch: options.fetch,
    headers: options.headers ?? {},
    timeout: within(1, options.timeout, LONGEST_TIME) ?? 10_000,
    batchSize: resolveBatchSize(options),
    flushInterval: within(0, options.flushInterval, LONGEST_TIME) ?? 2000,
    maxQueueBytes: within(1, options.maxQueueBytes, Number.MAX_SAFE_INTEGER) ?? 32 * 1024 * 1024,
    compression: options.compression,
    hasSpool: options.spool !== undefined,
    isRequestBound: isRequestBound(),
  }
}

function resolveBatchSize({ batchSize, logger }: TruLayerExporterOptions): number {
  const size = Math.round(within(1, batchSize, MOST_IN_A_BATCH) ?? 50)
  if (batchSize !== undefined && batchSize !== size) {
    logger.warn(
      `\`batchSize\` is ${batchSize}; ${size} is used, since the service takes 1 to ${MOST_IN_A_BATCH} traces at once.`,
      'batch-size',
    )
  }
  return size
}

function within(least: number, value: number | undefined, most: number): number | undefined {
  return value === undefined || Number.isNaN(value)
    ? undefined
    : Math.min(most, Math.max(least, value))
}
