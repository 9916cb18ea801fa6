/** LangSmith: switched on by the environment for LangChain, as a wrapper for the AI SDK. It sends to the test's sink. */
export async function setUp({ load, sinkUrl }) {
  process.env.LANGSMITH_TRACING = 'true'
  process.env.LANGSMITH_API_KEY = 'key'
  process.env.LANGSMITH_ENDPOINT = `${sinkUrl}/langsmith`
  process.env.LANGSMITH_PROJECT = 'program'
  const { Client } = await load('langsmith')
  const { RunTree } = await load('langsmith/run_trees')
  const { wrapAISDK } = await load('langsmith/experimental/vercel')
  const client = new Client()
  return {
    request: (_, work) => work(),
    wrap: (ai) => wrapAISDK(ai, { client }),
    read: async () => {
      await client.awaitPendingTraceBatches()
      await RunTree.getSharedClient().awaitPendingTraceBatches()
      await flushLangChain(load)
    },
  }
}

async function flushLangChain(load) {
  try {
    const { awaitAllCallbacks } = await load('@langchain/core/callbacks/promises')
    await awaitAllCallbacks()
  } catch {
    // The set has no LangChain.
  }
}
