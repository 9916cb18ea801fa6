import { instrumentAISDK } from '@trulayer/ai-sdk'
import { init } from '@trulayer/core'
import { lastTrace, spanTree } from '@trulayer/core/testing'
import { TruLayerCallbackHandler } from '@trulayer/langchain'
import { instrumentLlamaIndex } from '@trulayer/llamaindex'

const trulayer = init({ mode: 'local' })
await trulayer.trace('answer', async () => {
  await trulayer.span('documents', 'retrieval', async (span) => {
    await trulayer.span('embeddings', 'llm', async () => 'vector')
    span.setOutput('Paris: 18 degrees')
  })
})
console.log(spanTree(await lastTrace()))
console.log(
  typeof instrumentAISDK,
  typeof new TruLayerCallbackHandler().name,
  typeof instrumentLlamaIndex,
)
