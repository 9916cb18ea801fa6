import { watchOwnKeys } from '../own-keys.mjs'
import { schemasOf, toolsOf } from '../tools.mjs'

/** An agent of LangChain on a real client of a provider, recorded by `instrumentLangChain`. */
export async function createHost({ load, hasOurs, early, setUpPeer, providerUrl, toolUrl }) {
  const callbacks = await load('@langchain/core/callbacks/manager')
  if (hasOurs) {
    const { instrumentLangChain } = await import('@trulayer/langchain')
    instrumentLangChain(callbacks)
  }
  const tracer = early ?? (await setUpPeer())
  const { createAgent, tool } = await load('langchain')
  const { ChatOpenAI } = await load('@langchain/openai')
  const { z } = await load('zod')
  const schemas = schemasOf(z)
  const tools = Object.entries(toolsOf(toolUrl)).map(([name, execute]) =>
    tool(execute, { name, description: name, schema: schemas[name] }),
  )
  const model = new ChatOpenAI({
    model: 'gpt-4o-mini',
    apiKey: 'key',
    maxRetries: 0,
    configuration: { baseURL: providerUrl },
  })
  const agent = createAgent({ name: 'support', model, tools })
  const leftovers = watchOwnKeys({ agent, model, weather: tools[0], lookup: tools[1] })
  const turn = async (user) => {
    const config = () => ({
      ...(tracer.callbacks !== undefined && { callbacks: tracer.callbacks() }),
      configurable: { thread_id: user },
    })
    const input = { messages: [{ role: 'user', content: `I am ${user}` }] }
    const answered = await tracer.request(`answer ${user}`, () => agent.invoke(input, config()))
    const streamed = await tracer.request(`stream ${user}`, async () => {
      const parts = []
      const stream = await agent.stream(input, { ...config(), streamMode: 'messages' })
      for await (const [message] of stream) {
        if (message.getType() === 'ai') parts.push(message.text)
      }
      return parts
    })
    return {
      kinds: answered.messages.map((message) => message.getType()),
      text: answered.messages.at(-1).text,
      tokens: answered.messages.map((message) => message.usage_metadata?.total_tokens),
      streamed,
    }
  }
  return { turn, tracer, leftovers }
}
