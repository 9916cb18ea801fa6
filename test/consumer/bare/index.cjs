const { instrumentAISDK } = require('@trulayer/ai-sdk')
const { init } = require('@trulayer/core')
const { lastTrace, spanTree } = require('@trulayer/core/testing')
const { TruLayerCallbackHandler } = require('@trulayer/langchain')
const { instrumentLlamaIndex } = require('@trulayer/llamaindex')

async function main() {
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
}

void main()
