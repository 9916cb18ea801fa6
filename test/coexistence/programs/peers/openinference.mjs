import { requestIn, spansOf } from '../opentelemetry-spans.mjs'

/** OpenInference, which patches LangChain's callback manager in place. */
export async function setUp({ load }) {
  const { NodeTracerProvider } = await load('@opentelemetry/sdk-trace-node')
  const { InMemorySpanExporter, SimpleSpanProcessor } = await load('@opentelemetry/sdk-trace-base')
  const { LangChainInstrumentation } = await load(
    '@arizeai/openinference-instrumentation-langchain',
  )
  const { trace } = await load('@opentelemetry/api')
  const exporter = new InMemorySpanExporter()
  const tracerProvider = new NodeTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  })
  tracerProvider.register()
  const instrumentation = new LangChainInstrumentation({ tracerProvider })
  instrumentation.manuallyInstrument(await load('@langchain/core/callbacks/manager'))
  return {
    request: requestIn(trace),
    read: async () => spansOf(exporter.getFinishedSpans()),
  }
}
