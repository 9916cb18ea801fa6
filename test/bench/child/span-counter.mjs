/* The OpenTelemetry set-up that the peers built on it are measured with: batched, to an exporter that only counts. */
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { context, trace } from '@opentelemetry/api'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'

/** Counts what it is given. */
export class SpanCounter {
  spans = 0

  export(spans, done) {
    this.spans += spans.length
    done({ code: 0 })
  }

  forceFlush() {
    return Promise.resolve()
  }

  shutdown() {
    return Promise.resolve()
  }
}

/** A global provider, as its users have it; with a queue in which a whole round has room, so that nothing is dropped. */
export function countSpans(createProcessor = batched) {
  const counter = new SpanCounter()
  const processor = createProcessor(counter)
  const provider = new BasicTracerProvider({ spanProcessors: [processor] })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(provider)
  return { provider, counter, flush: () => provider.forceFlush() }
}

function batched(counter) {
  return new BatchSpanProcessor(counter, { maxQueueSize: 100_000 })
}
