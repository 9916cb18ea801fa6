import { instrumentAISDK } from '@trulayer/ai-sdk'
import { init, type TruLayer } from '@trulayer/core'
import { submitFeedback } from '@trulayer/core/browser'
import { createRelay, toNodeHandler } from '@trulayer/core/relay'
import { lastTrace, spanTree } from '@trulayer/core/testing'
import { TruLayerCallbackHandler } from '@trulayer/langchain'
import { instrumentLlamaIndex } from '@trulayer/llamaindex'

export const trulayer: TruLayer = init({ mode: 'local' })

const answered: Promise<number> = trulayer.trace('answer', async (trace) => {
  trace.setInput({ city: 'Paris' })
  return trulayer.span('documents', 'retrieval', async (span) => {
    span.setTokens({ promptTokens: 7 })
    return 18
  })
})
void answered

export const tree: string = spanTree(await lastTrace())
export const handler: TruLayerCallbackHandler = new TruLayerCallbackHandler({ client: trulayer })

// What a route of Next.js, a listener of Node and a page may do with it.
export const POST: (request: Request, context: { params: Promise<object> }) => Promise<Response> =
  createRelay({ client: trulayer })
export const listener: (request: never, response: never) => Promise<void> = toNodeHandler(
  createRelay({ client: trulayer }),
)
void submitFeedback({ traceId: '', label: 'good' }, { relayUrl: '/api/trulayer' })

// The same types back, whatever is handed in.
const { generateText } = instrumentAISDK({ generateText: async (prompt: string) => prompt.length })
const length: Promise<number> = generateText('hello')
void length

const model: { readonly name: string } = instrumentLlamaIndex({ callbackManager: {} }).llm({
  name: 'm',
})
void model

// @ts-expect-error the rate is a number or a function
init({ sampleRate: 'all' })
