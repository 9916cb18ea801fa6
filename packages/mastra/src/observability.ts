import { checkAdapterOptions, kinds } from '@trulayer/core/internal'

import { isExporterOption, TruLayerExporter, type TruLayerExporterOptions } from './exporter.ts'

/**
 * What `trulayerObservability` takes: options of the exporter, and fields of the config of Mastra. Other fields of that config
 * are added to what it returns: `{ ...trulayerObservability(), sampling }`.
 */
export interface TruLayerObservabilityOptions<Exporter = never> {
  /** The name of the service, as Mastra shows it. @defaultValue `mastra` */
  readonly serviceName?: string | undefined
  /** Other exporters beside ours. */
  readonly exporters?: readonly Exporter[] | undefined
  /** Of our exporter. */
  readonly trulayer?: TruLayerExporterOptions | undefined
  /** Limits of Mastra's own. What is left out is raised. */
  readonly serializationOptions?:
    | {
        readonly maxStringLength?: number | undefined
        readonly maxDepth?: number | undefined
        readonly maxArrayLength?: number | undefined
        readonly maxObjectKeys?: number | undefined
      }
    | undefined
}

const OBSERVABILITY_OPTIONS = {
  serviceName: [kinds.string],
  exporters: [kinds.list],
  trulayer: [kinds.object],
  serializationOptions: [kinds.object],
} as const satisfies Record<keyof TruLayerObservabilityOptions, unknown>

const OWNER = 'trulayerObservability()'

/** One of the `configs` of Mastra's observability. */
export interface MastraObservabilityConfig<Exporter = never> {
  readonly serviceName: string
  readonly exporters: (TruLayerExporter | Exporter)[]
  readonly serializationOptions: {
    readonly maxStringLength: number
    readonly maxDepth: number
    readonly maxArrayLength: number
    readonly maxObjectKeys: number
  }
}

/*
 * Mastra keeps the first 50 entries of a list, so that a long thread loses the user's latest message
 * (mastra-ai/mastra#22595).
 */
const RAISED = {
  maxStringLength: 1_000_000,
  maxDepth: 20,
  maxArrayLength: 10_000,
  maxObjectKeys: 1000,
} as const

/**
 * A config for Mastra's observability that sends to TruLayer, with Mastra's own limits raised so that long threads stay
 * whole; ours come later, and keep what was said last.
 *
 * @throws TruLayerError `invalid-option` for an option of the wrong type
 * @example
 * ```ts
 * new Mastra({
 *   agents,
 *   observability: new Observability({ configs: { default: trulayerObservability({ serviceName: 'support' }) } }),
 * })
 * ```
 */
export function trulayerObservability<Exporter = never>(
  options: TruLayerObservabilityOptions<Exporter> = {},
): MastraObservabilityConfig<Exporter> {
  checkAdapterOptions(OWNER, options, OBSERVABILITY_OPTIONS, explainOption)
  const { serializationOptions } = options
  return {
    serviceName: options.serviceName ?? 'mastra',
    exporters: [new TruLayerExporter(options.trulayer), ...(options.exporters ?? [])],
    serializationOptions: {
      maxStringLength: serializationOptions?.maxStringLength ?? RAISED.maxStringLength,
      maxDepth: serializationOptions?.maxDepth ?? RAISED.maxDepth,
      maxArrayLength: serializationOptions?.maxArrayLength ?? RAISED.maxArrayLength,
      maxObjectKeys: serializationOptions?.maxObjectKeys ?? RAISED.maxObjectKeys,
    },
  }
}

function explainOption(name: string): string | undefined {
  return isExporterOption(name)
    ? `\`${name}\` is an option of the exporter and is ignored by ${OWNER}: pass \`trulayer: { ${name} }\`.`
    : undefined
}
