export { TruLayer } from './client/client.ts'
export { TruLayerError } from './shape/trulayer-error.ts'
export { getClient, init } from './client/global-client.ts'
export { wrapHandler } from './client/wrap-handler.ts'
export { pseudonym } from './policy/pseudonym.ts'
export { Redactor } from './policy/redactor.ts'

export type { ClientStats, FlushOptions, FlushResult } from './client/client.ts'
export type { TruLayerErrorCode } from './shape/trulayer-error.ts'
export type { Logger } from './client/logger.ts'
export type { CostQuestion, LimitOptions, Mode, TruLayerOptions } from './client/options.ts'
export type { WrapHandlerOptions } from './client/wrap-handler.ts'
export type { Span, SpanOptions, TraceOptions, Work } from './client/span.ts'
export type {
  DeliveryProblem,
  ExportDeadline,
  ExporterStats,
  TraceExporter,
} from './deliver/exporter.ts'
export type { Feedback, FeedbackResult } from './deliver/feedback.ts'
export type { SpoolOptions } from './deliver/spool.ts'
export type {
  RedactFunction,
  Redaction,
  RedactionContext,
  TextRedactor,
} from './policy/redaction.ts'
export type { RedactionPack, RedactionRule, RedactorOptions } from './policy/redactor.ts'
export type { SampleBy, SampleRate, SamplingInput } from './policy/sampling.ts'
export type { SessionContext } from './record/context.ts'
export type { Tags } from './record/run.ts'
export type { AsyncStorage, AsyncStorageConstructor } from './runtime/async-context.ts'
export type { WaitUntil } from './runtime/wait-until.ts'
export type { JsonObject, JsonValue } from './shape/json.ts'
export type {
  FinishedSpan,
  FinishedTrace,
  SpanStatus,
  SpanType,
  TraceEvent,
} from './shape/trace.ts'
export type { Usage } from './shape/usage.ts'
