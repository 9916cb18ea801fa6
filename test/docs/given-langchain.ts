/* What the examples of the documents take for granted of LangChain. */
import { HumanMessage } from '@langchain/core/messages'
import { MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { TruLayerCallbackHandler } from '@trulayer/langchain'
import { createAgent } from 'langchain'

import { canonicalModel, weather } from '../support/langchain-agents.ts'

export const agent = createAgent({ model: canonicalModel(), tools: [weather] })

export const graph = new StateGraph(MessagesAnnotation)
  .addNode('answer', ({ messages: seen }) => ({ messages: seen }))
  .addEdge(START, 'answer')
  .compile()

export const messages = [new HumanMessage('Weather?')]

export const input = { messages }

export const callbacks = [new TruLayerCallbackHandler()]
