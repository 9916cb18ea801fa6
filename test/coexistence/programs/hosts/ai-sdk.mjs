import { watchOwnKeys } from '../own-keys.mjs'
import { schemasOf, toolsOf } from '../tools.mjs'

/** The AI SDK on a real client of a provider, recorded by `instrumentAISDK`. */
export function createHost(setting) {
  return createAISDKHost(setting, async (ai) => {
    const { instrumentAISDK } = await import('@trulayer/ai-sdk')
    return instrumentAISDK(ai)
  })
}

/** The same, with other ways of recording. `record` returns the functions to call. */
export async function createAISDKHost(setting, record) {
  const {
    load,
    order,
    hasOurs,
    hasPlainTools,
    usesAgents,
    early,
    setUpPeer,
    providerUrl,
    toolUrl,
  } = setting
  const ai = await load('ai')
  const ours = hasOurs ? record : (functions) => functions
  let functions = ai
  let tracer = early
  if (order === 'ours-first') {
    functions = await ours(functions)
    tracer = await setUpPeer()
  }
  await tracer.register?.(ai)
  functions = tracer.wrap?.(functions) ?? functions
  if (order === 'peer-first') functions = await ours(functions)

  const { createOpenAI } = await load('@ai-sdk/openai')
  const { z } = await load('zod')
  const schemas = schemasOf(z)
  const model = createOpenAI({ apiKey: 'key', baseURL: providerUrl }).chat('gpt-4o-mini')
  const { weather, lookup } = toolsOf(toolUrl)
  const tools = {
    weather: ai.tool({ description: 'weather', inputSchema: schemas.weather, execute: weather }),
    lookup: hasPlainTools
      ? ai.tool({ description: 'lookup', inputSchema: schemas.lookup, execute: lookup })
      : new LookupTool(schemas.lookup, lookup),
  }
  const leftovers = watchOwnKeys({ model, ...tools })
  const withSession = await sessionsOf(hasOurs)
  const turn = async (user) => {
    const options = {
      model,
      tools,
      prompt: `I am ${user}`,
      stopWhen: ai.stepCountIs(4),
      ...tracer.telemetry?.(),
    }
    const answered = await tracer.request(`answer ${user}`, () =>
      withSession(user, () => functions.generateText(options)),
    )
    const streamed = await tracer.request(`stream ${user}`, () =>
      withSession(user, async () => {
        const parts = []
        const stream = await functions.streamText(options)
        for await (const part of stream.textStream) parts.push(part)
        return { parts, tokens: (await stream.totalUsage).totalTokens }
      }),
    )
    return {
      text: answered.text,
      tokens: answered.totalUsage.totalTokens,
      tools: answered.steps.flatMap((step) => step.toolResults).map(({ output }) => output),
      streamed,
    }
  }
  /* One stream of an agent is read to its end, the other is left after its first part. */
  const agentTurn = async (user) => {
    const agent = new functions.ToolLoopAgent({
      id: 'support',
      model,
      tools,
      stopWhen: ai.stepCountIs(4),
      ...tracer.telemetry?.(),
    })
    const stream = (name) =>
      tracer.request(`${name} ${user}`, () =>
        withSession(user, () => agent.stream({ prompt: `I am ${user}` })),
      )
    const parts = []
    for await (const part of (await stream('read')).textStream) parts.push(part)
    const reader = (await stream('leave')).textStream.getReader()
    const { done } = await reader.read()
    await reader.cancel()
    // What fails after the reader has left fails by now.
    await new Promise((resolve) => setTimeout(resolve, 100))
    return { parts, done }
  }
  return { turn: usesAgents ? agentTurn : turn, tracer, leftovers }
}

/* A tool as an instance of a class, whose `execute` is no property of its own. */
class LookupTool {
  constructor(inputSchema, lookUp) {
    this.description = 'lookup'
    this.inputSchema = inputSchema
    this.lookUp = lookUp
  }

  execute(input) {
    return this.lookUp(input)
  }
}

async function sessionsOf(hasOurs) {
  if (!hasOurs) return (_, work) => work()
  const { getClient } = await import('@trulayer/core')
  return (sessionId, work) => getClient().withSession({ sessionId }, work)
}
