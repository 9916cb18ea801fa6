import { createRequire } from 'node:module'

import type * as caches from '@langchain/core/caches'
import type * as dispatch from '@langchain/core/callbacks/dispatch'
import type * as callbacks from '@langchain/core/callbacks/manager'
import type * as histories from '@langchain/core/chat_history'
import type * as documents from '@langchain/core/documents'
import type * as models from '@langchain/core/language_models/chat_models'
import type * as messages from '@langchain/core/messages'
import type * as parsers from '@langchain/core/output_parsers'
import type * as outputs from '@langchain/core/outputs'
import type * as prompts from '@langchain/core/prompts'
import type * as retrievers from '@langchain/core/retrievers'
import type * as runnables from '@langchain/core/runnables'
import type * as tools from '@langchain/core/tools'
import type * as testing from '@langchain/core/utils/testing'
import type * as graph from '@langchain/langgraph'
import type * as prebuilt from '@langchain/langgraph/prebuilt'
import type * as langchain from 'langchain'
import type { z } from 'zod'

import { scriptedChatModel } from '../support/langchain-scripted-model.ts'

/**
 * The modules of one set of versions, typed as the newest ones: what a scenario uses of them is there in every set, or the
 * scenario is told to be absent.
 */
export interface Frameworks {
  readonly caches: typeof caches
  readonly dispatch: typeof dispatch
  readonly callbacks: typeof callbacks
  readonly histories: typeof histories
  readonly documents: typeof documents
  readonly models: typeof models
  readonly messages: typeof messages
  readonly parsers: typeof parsers
  readonly outputs: typeof outputs
  readonly prompts: typeof prompts
  readonly retrievers: typeof retrievers
  readonly runnables: typeof runnables
  readonly tools: typeof tools
  readonly testing: typeof testing
  readonly graph: typeof graph
  readonly prebuilt: typeof prebuilt
  readonly z: typeof z
  /** Since version 1. */
  readonly langchain: typeof langchain
  readonly supervisor: { createSupervisor(options: object): Compilable }
  /** The agents of before version 1. */
  readonly agents: {
    createToolCallingAgent(options: object): object
    readonly AgentExecutor: new (options: object) => Invocable
  }
  /** The chains of before version 1. */
  readonly chains: {
    createHistoryAwareRetriever(this: void, options: object): Promise<Invocable>
    createRetrievalChain(this: void, options: object): Promise<Invocable>
    createStuffDocumentsChain(this: void, options: object): Promise<Invocable>
  }
  /** In the newest set. */
  readonly deepagents: { createDeepAgent(options: object): Invocable }
  /** In the oldest and the newest set. */
  readonly openai: { readonly ChatOpenAI: new (options: object) => models.BaseChatModel }
  readonly anthropic: { readonly ChatAnthropic: new (options: object) => models.BaseChatModel }
  readonly google: {
    readonly ChatGoogleGenerativeAI: new (options: object) => models.BaseChatModel
  }
  readonly ollama: { readonly ChatOllama: new (options: object) => models.BaseChatModel }
  readonly aws: { readonly ChatBedrockConverse: new (options: object) => models.BaseChatModel }
  readonly BedrockRuntimeClient: new (options: object) => object
  readonly NodeHttpHandler: new () => object
}

/** What runs, of a package that is not installed where types are checked. */
export interface Invocable {
  invoke(input: unknown, config?: object): Promise<unknown>
}

/** What becomes a graph, likewise. */
export interface Compilable {
  compile(options?: object): Invocable
}

/** A set as scenarios use it. */
export interface VersionSet extends Frameworks {
  readonly name: string
  /** A scripted chat model of this set. */
  readonly Model: ReturnType<typeof scriptedChatModel>
}

/** Loads the set of that name, which must be installed. */
export async function loadSet(name: string): Promise<VersionSet> {
  const frameworks = (await import(`./${name}/frameworks.js`)) as Frameworks
  const { models: chat, messages: kinds, outputs: results } = frameworks
  const Model = scriptedChatModel({
    BaseChatModel: chat.BaseChatModel,
    AIMessage: kinds.AIMessage,
    AIMessageChunk: kinds.AIMessageChunk,
    ChatGenerationChunk: results.ChatGenerationChunk,
  })
  return { ...frameworks, name, Model }
}

/** The CommonJS copy of a module of `@langchain/core`. */
export function requireCoreModule(name: string, module: string): object {
  const require = createRequire(new URL(`./${name}/frameworks.js`, import.meta.url))
  return require(`@langchain/core/${module}`) as object
}

/** The set that this run of the tests is about. */
export const setName = process.env['LANGCHAIN_SET'] ?? 'newest'
