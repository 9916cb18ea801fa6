export { TruLayerExporter } from './exporter.ts'
export { trulayerObservability } from './observability.ts'
export { trulayerTraceId } from './trace-id.ts'
export { withTruLayer } from './with-trulayer.ts'

export type { CurrentSpan } from './ambient.ts'
export type { ShownSpans, TruLayerExporterOptions } from './exporter.ts'
export type { MastraObservabilityConfig, TruLayerObservabilityOptions } from './observability.ts'
export type { TraceIdOptions } from './trace-id.ts'
export type {
  MastraFeedbackEvent,
  MastraLogEvent,
  MastraScoreEvent,
  MastraSpan,
  MastraTraceScore,
  MastraTracingEvent,
} from './types.ts'
export type { TruLayerCall } from './with-trulayer.ts'
