import { Document } from '@langchain/core/documents'
import { HumanMessage } from '@langchain/core/messages'
import { BaseRetriever } from '@langchain/core/retrievers'
import { MemorySaver, MessagesAnnotation, StateGraph } from '@langchain/langgraph'
import { ChatOpenAI } from '@langchain/openai'
import { TruLayerCallbackHandler } from '@trulayer/langchain'
import { createAgent, tool } from 'langchain'
import { z } from 'zod'
import { MODEL, type Provider } from './provider.ts'
import { questions } from './script.ts'
import { calculate, temperatureIn } from './tools.ts'

/* One handler serves every agent and every turn. */
const callbacks = [new TruLayerCallbackHandler()]

function createModel(provider: Provider): ChatOpenAI {
  return new ChatOpenAI({
    model: MODEL,
    apiKey: provider.apiKey,
    temperature: 0,
    ...(provider.baseUrl === undefined ? {} : { configuration: { baseURL: provider.baseUrl } }),
  })
}

/** A LangChain agent with three tool calls in one turn, and a second turn of the same conversation. */
export async function supportTurns(provider: Provider): Promise<void> {
  const weather = tool(({ city }) => temperatureIn(city), {
    name: 'weather',
    description: 'The temperature in a city, in degrees',
    schema: z.object({ city: z.string() }),
  })
  const calculator = tool(({ expression }) => calculate(expression), {
    name: 'calculator',
    description: 'The difference of two numbers, such as 24 - 7',
    schema: z.object({ expression: z.string() }),
  })
  const agent = createAgent({
    name: 'support',
    model: createModel(provider),
    tools: [weather, calculator],
    checkpointer: new MemorySaver(),
  })
  const conversation = { callbacks, configurable: { thread_id: 'chat-1' } }
  await agent.invoke({ messages: [new HumanMessage(questions.weather)] }, conversation)
  await agent.invoke({ messages: [new HumanMessage(questions.followUp)] }, conversation)
}

class PolicyRetriever extends BaseRetriever {
  readonly lc_namespace = ['demo']

  override async _getRelevantDocuments(): Promise<Document[]> {
    return [
      new Document({ id: 'returns', pageContent: 'Goods may be returned within 30 days.' }),
      new Document({ id: 'shipping', pageContent: 'Shipping takes two to four days.' }),
    ]
  }
}

/** A LangGraph graph of two nodes: one retrieves, one answers. */
export async function retrievalTurn(provider: Provider): Promise<void> {
  const model = createModel(provider)
  const retriever = new PolicyRetriever()
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('retrieve', async ({ messages }) => {
      const documents = await retriever.invoke(messages.at(-1)?.text ?? '', {
        runName: 'policies',
      })
      const context = documents.map((document) => document.pageContent).join('\n')
      return { messages: [{ role: 'system', content: `Answer from this:\n${context}` }] }
    })
    .addNode('answer', async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
    .addEdge('__start__', 'retrieve')
    .addEdge('retrieve', 'answer')
    .compile({ name: 'policy-answers' })
  await graph.invoke({ messages: [new HumanMessage(questions.returns)] }, { callbacks })
}

/** A tool that fails; the model sees the failure and takes another one. */
export async function recoveringTurn(provider: Provider): Promise<void> {
  const schema = z.object({ order: z.string() })
  const status = tool(
    () => {
      throw new RangeError('the order system is down')
    },
    { name: 'order_status', description: 'The status of an order', schema },
  )
  const archive = tool(({ order }) => `order ${order}: delivered on Monday`, {
    name: 'order_archive',
    description: 'The status of an older order, when order_status fails',
    schema,
  })
  const agent = createAgent({
    name: 'orders',
    model: createModel(provider),
    tools: [status, archive],
  })
  await agent.invoke({ messages: [new HumanMessage(questions.order)] }, { callbacks })
}
