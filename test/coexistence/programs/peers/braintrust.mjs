/** Braintrust: a wrapper for the AI SDK and a handler for LangChain. It sends to the test's sink. */
export async function setUp({ load, sinkUrl }) {
  process.env.BRAINTRUST_API_URL = `${sinkUrl}/braintrust`
  process.env.BRAINTRUST_APP_URL = sinkUrl
  const braintrust = await load('braintrust')
  braintrust.initLogger({
    projectName: 'program',
    projectId: 'program',
    apiKey: 'key',
    appUrl: sinkUrl,
    orgName: 'program',
  })
  return {
    request: (name, work) => braintrust.traced(work, { name }),
    callbacks: () => [new braintrust.BraintrustLangChainCallbackHandler()],
    wrap: (ai) => braintrust.wrapAISDK(ai),
    read: async () => {
      await braintrust.flush()
    },
  }
}
