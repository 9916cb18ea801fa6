/* One turn of an agent that holds another one in a tool, with what the program has imported in its own way. */
exports.playTurn = async (imported) => {
  const { Agent, createTool, Mastra, z, loadObservability } = imported
  const { init, spanTree, trulayerObservability, trulayerTraceId, withTruLayer } = imported
  const trulayer = init({ mode: 'local' })
  let id
  trulayer.onTrace((trace) => {
    id = trace.id
    console.log(spanTree(trace))
  })
  const sub = new Agent({ id: 'sub', name: 'sub', instructions: '', model: model('18 degrees') })
  const ask = createTool({
    id: 'ask',
    description: 'Asks somebody who knows',
    inputSchema: z.object({}),
    execute: async () => (await sub.generate('What is the weather?')).text,
  })
  const support = new Agent({
    id: 'support',
    name: 'support',
    instructions: '',
    model: model('It has 18 degrees.', 'ask'),
    tools: { ask },
  })
  // Before version 1 there is no such package, and the plain object is taken.
  const { Observability } = await loadObservability().catch(() => ({}))
  const configs = { default: trulayerObservability() }
  const mastra = new Mastra({
    logger: false,
    agents: { support, sub },
    observability: Observability === undefined ? { configs } : new Observability({ configs }),
  })
  const answer = await mastra.getAgent('support').generate('What is the weather?', {
    tracingOptions: withTruLayer({ sessionId: 'chat-42' }),
  })
  console.log(answer.text)
  await trulayer.flush()
  console.log(trulayerTraceId(answer) === id)
}

/* Calls the tool, if any, and says the text when it has heard from it. */
function model(text, toolName) {
  const answer = (prompt) =>
    toolName === undefined || prompt.some(({ role }) => role === 'tool')
      ? { finishReason: 'stop', content: [{ type: 'text', text }] }
      : {
          finishReason: 'tool-calls',
          content: [{ type: 'tool-call', toolCallId: 'call_1', toolName, input: '{}' }],
        }
  const usage = { inputTokens: 11, outputTokens: 3, totalTokens: 14 }
  return {
    specificationVersion: 'v2',
    provider: 'mock',
    modelId: 'mock-model',
    supportedUrls: {},
    doGenerate: async ({ prompt }) => ({ ...answer(prompt), usage, warnings: [] }),
    doStream: async () => {
      throw new Error('nothing is streamed here')
    },
  }
}
