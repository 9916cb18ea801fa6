import { instrumentAISDK } from '@trulayer/ai-sdk'
import { init, type TruLayer } from '@trulayer/core'
import { spanTree } from '@trulayer/core/testing'
import { TruLayerCallbackHandler } from '@trulayer/langchain'
import { instrumentLlamaIndex } from '@trulayer/llamaindex'

export const trulayer: TruLayer = init({ mode: 'local' })
export const render: (trace: Parameters<typeof spanTree>[0]) => string = spanTree
export const handler: TruLayerCallbackHandler = new TruLayerCallbackHandler({ client: trulayer })

const { generateText } = instrumentAISDK({ generateText: async (prompt: string) => prompt.length })
const length: Promise<number> = generateText('hello')
void length

const model: { readonly name: string } = instrumentLlamaIndex({ callbackManager: {} }).llm({
  name: 'm',
})
void model
