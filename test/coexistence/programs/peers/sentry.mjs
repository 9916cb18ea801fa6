/** Sentry with its integrations for agents, which keeps what it would send in memory. */
export async function setUp({ load }) {
  const Sentry = await load('@sentry/node')
  const items = []
  const recorded = { recordInputs: true, recordOutputs: true }
  Sentry.init({
    dsn: 'http://key@127.0.0.1:9/1',
    tracesSampleRate: 1,
    integrations: [
      Sentry.vercelAIIntegration({ force: true, ...recorded }),
      Sentry.langChainIntegration(recorded),
      Sentry.langGraphIntegration(recorded),
    ],
    transport: () => ({
      send: async ([, envelopeItems]) => {
        items.push(...envelopeItems)
        return {}
      },
      flush: async () => true,
    }),
  })
  return {
    request: (name, work) =>
      Sentry.withIsolationScope(() =>
        Sentry.startNewTrace(() => Sentry.startSpan({ name, forceTransaction: true }, work)),
      ),
    // Before version 7 the AI SDK has spans for Sentry only with its telemetry on.
    telemetry: () => ({ experimental_telemetry: { isEnabled: true } }),
    read: async () => {
      await Sentry.flush(2000)
      return items.flatMap(([header, payload]) =>
        header.type === 'span' ? payload.items.map((span) => toSpan(span)) : [],
      )
    },
  }
}

function toSpan({ span_id, parent_span_id, name, status, attributes }) {
  // What describes the machine differs from run to run.
  const values = Object.entries(attributes)
    .filter(([key]) => !/^(app|culture|device|os|runtime|process)\./.test(key))
    .map(([key, { value }]) => [key, value])
  return {
    id: span_id,
    parentId: parent_span_id,
    name,
    attributes: { ...Object.fromEntries(values), status },
  }
}
