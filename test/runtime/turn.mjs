/**
 * One turn of nested spans, recorded the same way on every runtime.
 *
 * `ambient` is false where a runtime has no async context: there only explicit parents nest.
 */
export async function turn(trulayer, { name, ambient }) {
  return trulayer.trace(
    name,
    async (trace) => {
      trace.setInput('What is the weather in Paris?')
      await trace.span('documents', 'retrieval', async (span) => {
        await pause()
        const parent = ambient ? trulayer : span
        await parent.span('embeddings', 'llm', async (inner) => {
          await pause()
          inner.setModel('text-embedding-3-small')
          inner.setTokens({ promptTokens: 7 })
        })
        span.setOutput('Paris: 18 degrees')
      })
      const parent = ambient ? trulayer : trace
      await parent.span('weather', 'tool', async (span) => {
        await pause()
        span.setOutput({ degrees: 18 })
      })
      trace.setOutput('18 degrees')
      return 'answered'
    },
    { sessionId: 'smoke' },
  )
}

/** Two turns at once: with an async context neither may catch the other's spans. */
export async function turns(trulayer, options) {
  return Promise.all([turn(trulayer, options), turn(trulayer, options)])
}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, 5))
}
