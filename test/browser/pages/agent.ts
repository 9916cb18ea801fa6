/* A page whose agent runs in the page itself. */
import { TruLayer } from '@trulayer/core'
import { init } from '@trulayer/core/browser'

const trulayer = init({ relayUrl: '/api/trulayer', sampleRate: 1 })

function turn(name: string): Promise<string> {
  return trulayer.trace(
    name,
    async (trace) => {
      trace.setInput('What is the weather in Rome?')
      await trace.span('weather', 'tool', (span) => span.setOutput('sunny'))
      await trace.span('chat local-model', 'llm', (span) => {
        span.setModel('local-model')
        span.setTokens({ promptTokens: 20, completionTokens: 5 })
      })
      trace.setOutput('Take a hat.')
      return trace.traceId
    },
    { sessionId: 'page-42' },
  )
}

/* What making a client with a key comes to. */
function tryKey(): string {
  try {
    return new TruLayer({ apiKey: 'tl_pasted_into_the_page' }).stats().state
  } catch (error) {
    return codeOf(error)
  }
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}

Object.assign(globalThis, { trulayer, turn, tryKey })
