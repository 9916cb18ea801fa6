import { requestIn, spansOf } from '../opentelemetry-spans.mjs'

/** The OpenTelemetry SDK with its HTTP and undici instrumentations, and the AI SDK's own telemetry. */
export async function setUp({ load }) {
  const { NodeTracerProvider } = await load('@opentelemetry/sdk-trace-node')
  const { InMemorySpanExporter, SimpleSpanProcessor } = await load('@opentelemetry/sdk-trace-base')
  const { registerInstrumentations } = await load('@opentelemetry/instrumentation')
  const { HttpInstrumentation } = await load('@opentelemetry/instrumentation-http')
  const { UndiciInstrumentation } = await load('@opentelemetry/instrumentation-undici')
  const { trace } = await load('@opentelemetry/api')
  const exporter = new InMemorySpanExporter()
  const tracerProvider = new NodeTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  })
  tracerProvider.register()
  registerInstrumentations({
    tracerProvider,
    instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()],
  })
  return {
    request: requestIn(trace),
    ...(await aiTelemetry(load)),
    read: async () => spansOf(exporter.getFinishedSpans()),
  }
}

/** Telemetry of the AI SDK for OpenTelemetry: a package from version 7 on, an option before. */
export async function aiTelemetry(load) {
  try {
    const { OpenTelemetry } = await load('@ai-sdk/otel')
    return { register: (ai) => ai.registerTelemetry(new OpenTelemetry()) }
  } catch {
    return { telemetry: () => ({ experimental_telemetry: { isEnabled: true } }) }
  }
}
