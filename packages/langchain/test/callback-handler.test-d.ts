import type { CallbackHandlerMethods } from '@langchain/core/callbacks/base'
import type { Callbacks } from '@langchain/core/callbacks/manager'
import type { DocumentInterface } from '@langchain/core/documents'
import type { Serialized } from '@langchain/core/load/serializable'
import type { AIMessage, BaseMessage, ToolMessage, UsageMetadata } from '@langchain/core/messages'
import type { ToolCall } from '@langchain/core/messages/tool'
import type { ChatGeneration, LLMResult } from '@langchain/core/outputs'
import type { RunnableConfig } from '@langchain/core/runnables'
import type { Command, GraphInterrupt } from '@langchain/langgraph'
import { createReactAgent } from '@langchain/langgraph/prebuilt'
import { createAgent } from 'langchain'
import { expectTypeOf, test } from 'vitest'

import { ScriptedChatModel } from '../../../test/support/langchain-scripted-model.ts'
import { TruLayerCallbackHandler, type TruLayerCallbackHandlerOptions } from '../src/index.ts'
import type {
  BubbleUpLike,
  CommandLike,
  DocumentLike,
  GenerationLike,
  MessageLike,
  ModelResultLike,
  SerializedLike,
  ToolCallLike,
  UsageMetadataLike,
} from '../src/types.ts'

test('a handler fits every place for callbacks', () => {
  const callbacks = [new TruLayerCallbackHandler()]
  const model = new ScriptedChatModel({ script: [], callbacks })
  const config = { callbacks } satisfies RunnableConfig
  expectTypeOf(callbacks).toExtend<Callbacks>()
  expectTypeOf<TruLayerCallbackHandler>().toExtend<CallbackHandlerMethods>()
  expectTypeOf(model.invoke('x', config)).resolves.toHaveProperty('content')
  expectTypeOf(model.withConfig(config)).toHaveProperty('invoke')
  const agent = createAgent({ model, tools: [] })
  expectTypeOf(agent.invoke({ messages: [] }, config)).resolves.toHaveProperty('messages')
  const prebuilt = createReactAgent({ llm: model, tools: [] })
  expectTypeOf(prebuilt.invoke({ messages: [] }, config)).resolves.toHaveProperty('messages')
})

test('options', () => {
  expectTypeOf<{ nodes: 'auto' }>().toExtend<TruLayerCallbackHandlerOptions>()
  expectTypeOf<{ nodes: 'some' }>().not.toExtend<TruLayerCallbackHandlerOptions>()
})

test('what is read is what LangChain has', () => {
  expectTypeOf<keyof MessageLike>().toExtend<
    keyof AIMessage | keyof ToolMessage | 'role' | '_getType'
  >()
  expectTypeOf<BaseMessage>().toExtend<MessageLike>()
  expectTypeOf<keyof ToolCallLike>().toExtend<keyof ToolCall>()
  expectTypeOf<keyof UsageMetadataLike>().toExtend<keyof UsageMetadata>()
  expectTypeOf<keyof ModelResultLike>().toExtend<keyof LLMResult>()
  expectTypeOf<keyof GenerationLike>().toExtend<keyof ChatGeneration>()
  expectTypeOf<keyof DocumentLike>().toExtend<keyof DocumentInterface>()
  expectTypeOf<keyof CommandLike>().toExtend<keyof Command>()
  expectTypeOf<keyof BubbleUpLike>().toExtend<keyof GraphInterrupt | 'command'>()
  expectTypeOf<keyof SerializedLike>().toExtend<keyof Serialized>()
})
