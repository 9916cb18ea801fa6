import { requestIn, spansOf } from '../opentelemetry-spans.mjs'

/** Langfuse: its span processor, its handler for LangChain and its integration for the AI SDK. */
export async function setUp({ load }) {
  const { NodeTracerProvider } = await load('@opentelemetry/sdk-trace-node')
  const { InMemorySpanExporter } = await load('@opentelemetry/sdk-trace-base')
  const { LangfuseSpanProcessor } = await load('@langfuse/otel')
  const { trace } = await load('@opentelemetry/api')
  const exporter = new InMemorySpanExporter()
  const processor = new LangfuseSpanProcessor({
    publicKey: 'pk-lf-key',
    secretKey: 'sk-lf-key',
    baseUrl: 'http://127.0.0.1:9',
    exporter,
    exportMode: 'immediate',
    shouldExportSpan: () => true,
  })
  new NodeTracerProvider({ spanProcessors: [processor] }).register()
  const { CallbackHandler } = await load('@langfuse/langchain')
  const integrations = await load('@langfuse/vercel-ai-sdk')
  return {
    request: requestIn(trace),
    callbacks: () => [new CallbackHandler({ sessionId: 'langfuse-session' })],
    register: (ai) => ai.registerTelemetry(new integrations.LangfuseVercelAiSdkIntegration()),
    read: async () => {
      await processor.forceFlush()
      return spansOf(exporter.getFinishedSpans())
    },
  }
}
