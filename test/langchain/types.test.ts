import { join } from 'node:path'

import { expect, test } from 'vitest'

import { typeCheck } from '../support/type-check.ts'
import { setName } from './frameworks.ts'

const program = `
import type { CallbackHandlerMethods } from '@langchain/core/callbacks/base'
import * as manager from '@langchain/core/callbacks/manager'
import { BaseChatModel, type BaseChatModelParams } from '@langchain/core/language_models/chat_models'
import { BaseRetriever } from '@langchain/core/retrievers'
import { type Runnable, type RunnableConfig, RunnableLambda } from '@langchain/core/runnables'
import { tool } from '@langchain/core/tools'
import { MessagesAnnotation, StateGraph } from '@langchain/langgraph'
import { createReactAgent } from '@langchain/langgraph/prebuilt'
import { instrumentLangChain, TruLayerCallbackHandler } from '@trulayer/langchain'
import { z } from 'zod'

const handler = new TruLayerCallbackHandler()
const callbacks = [handler]
export const methods: CallbackHandlerMethods = handler
export const slots: manager.Callbacks = callbacks
export const config: RunnableConfig = { callbacks }
export const ofModel: BaseChatModelParams = { callbacks }
export const echo = RunnableLambda.from((text: string) => text).withConfig({ callbacks })
declare const model: BaseChatModel
declare const retriever: BaseRetriever
declare const chain: Runnable
export const find = tool(() => 'found', { name: 'find', description: 'Finds', schema: z.object({}), callbacks })
export async function calls(): Promise<void> {
  await model.invoke('x', { callbacks })
  await model.stream('x', { callbacks })
  await model.batch(['x'], { callbacks })
  await retriever.invoke('x', { callbacks })
  await chain.invoke('x', { callbacks })
  await find.invoke({}, { callbacks })
  for await (const event of chain.streamEvents('x', { callbacks, version: 'v2' })) void event
  const graph = new StateGraph(MessagesAnnotation).addNode('a', () => ({})).addEdge('__start__', 'a').compile()
  await graph.invoke({ messages: [] }, { callbacks })
  await graph.stream({ messages: [] }, { callbacks, streamMode: 'messages' })
  await createReactAgent({ llm: model, tools: [find] }).invoke({ messages: [] }, { callbacks })
}
export const undo: () => void = instrumentLangChain(manager)
`

test('the handler fits every place for callbacks, by the types of this set', async () => {
  const report = await typeCheck({
    folder: join(import.meta.dirname, setName),
    files: { 'program.ts': program },
    compilerOptions: { exactOptionalPropertyTypes: false },
  })
  expect(report).toBe('')
}, 60_000)
