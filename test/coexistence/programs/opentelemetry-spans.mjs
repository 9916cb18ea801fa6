/** Runs work as a request would be: inside a span of its own. */
export function requestIn(trace) {
  return (name, work) =>
    trace.getTracer('program').startActiveSpan(name, async (span) => {
      try {
        return await work()
      } finally {
        span.end()
      }
    })
}

/** Finished spans of OpenTelemetry, as every peer hands in its spans. */
export function spansOf(spans) {
  return spans.map((span) => ({
    id: span.spanContext().spanId,
    parentId: span.parentSpanContext?.spanId ?? span.parentSpanId,
    name: span.name,
    attributes: { ...span.attributes, status: span.status.code },
  }))
}
