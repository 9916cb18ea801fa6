import { createRequire } from 'node:module'

import type * as callbacks from '@langchain/core/callbacks/manager'
import type * as models from '@langchain/core/language_models/chat_models'
import type * as messages from '@langchain/core/messages'
import type * as outputs from '@langchain/core/outputs'
import type * as retrievers from '@langchain/core/retrievers'
import type * as runnables from '@langchain/core/runnables'
import type * as tools from '@langchain/core/tools'
import type * as prebuilt from '@langchain/langgraph/prebuilt'
import type { z as zod } from 'zod'

import { scriptedChatModel } from '../support/langchain-scripted-model.ts'
import { setName } from './frameworks.ts'

/*
 * The parts of `@langchain/core` that set up no async context. LangGraph's main entry, `langchain` 1 and
 * `@langchain/core/context` set it up for the whole process, so that nothing beside may be loaded.
 */
const require = createRequire(new URL(`./${setName}/frameworks.js`, import.meta.url))

export const callbackManager = require('@langchain/core/callbacks/manager') as typeof callbacks
export const { BaseRetriever } = require('@langchain/core/retrievers') as typeof retrievers
export const { Runnable, RunnableLambda, RunnableMap, RunnableSequence } =
  require('@langchain/core/runnables') as typeof runnables
export const { tool, StructuredTool } = require('@langchain/core/tools') as typeof tools
export const { z } = require('zod') as { z: typeof zod }
export const Model = scriptedChatModel({
  ...(require('@langchain/core/language_models/chat_models') as typeof models),
  ...(require('@langchain/core/messages') as typeof messages),
  ...(require('@langchain/core/outputs') as typeof outputs),
})

/** Loads the prebuilt agents of LangGraph, which set up no async context either. */
export function loadPrebuilt(): typeof prebuilt {
  return require('@langchain/langgraph/prebuilt') as typeof prebuilt
}

/** The slot of LangChain's async context. */
export function contextSlot(): unknown {
  return Reflect.get(globalThis, Symbol.for('ls:tracing_async_local_storage'))
}
