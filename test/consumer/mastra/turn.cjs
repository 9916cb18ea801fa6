/* One turn of an agent that holds another one in a tool, with what the program has imported in its own way. */
exports.playTurn = async ({ Agent, createTool, Mastra, z, observability, options }) => {
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
  const mastra = new Mastra({ logger: false, agents: { support, sub }, observability })
  const answer = await mastra.getAgent('support').generate('What is the weather?', options)
  console.log(answer.text)
  return answer
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
