import { requestIn, spansOf } from '../opentelemetry-spans.mjs'
import { aiTelemetry } from './opentelemetry.mjs'

/** `@vercel/otel`, which traces `fetch`, with the AI SDK's own telemetry. */
export async function setUp({ load }) {
  const { registerOTel } = await load('@vercel/otel')
  const { InMemorySpanExporter, SimpleSpanProcessor } = await load('@opentelemetry/sdk-trace-base')
  const { trace } = await load('@opentelemetry/api')
  const exporter = new InMemorySpanExporter()
  registerOTel({ serviceName: 'program', spanProcessors: [new SimpleSpanProcessor(exporter)] })
  return {
    request: requestIn(trace),
    ...(await aiTelemetry(load)),
    read: async () => spansOf(exporter.getFinishedSpans()),
  }
}
