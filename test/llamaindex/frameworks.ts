import type { ModelFoundation } from '../support/llamaindex-scripted-model.ts'
import { NEWEST } from './newest.ts'

/** What an engine or a chat answers. */
export interface Answer {
  readonly response?: string
  readonly message?: { readonly content: unknown }
  readonly delta?: string
}

/** An engine that answers from documents. */
export interface QueryEngine {
  query(parameters: { readonly query: string }): Promise<Answer>
  query(parameters: {
    readonly query: string
    readonly stream: true
  }): Promise<AsyncIterable<Answer>>
}

/** A chat, or an agent of old. */
export interface ChatEngine {
  chat(parameters: { readonly message: string }): Promise<Answer>
  chat(parameters: {
    readonly message: string
    readonly stream: true
  }): Promise<AsyncIterable<Answer>>
}

/** A model, as far as scenarios use it. */
export interface Model {
  chat(parameters: object): Promise<Answer>
  complete(parameters: object): Promise<{ readonly text: string }>
  exec(parameters: object): Promise<{ readonly newMessages: unknown; readonly object?: unknown }>
}

/** An agent. Before workflow 1.1 it has no stream, and what `run` returns is one. */
export interface Agent {
  run(input: string, options?: object): Promise<{ readonly data: { readonly result: unknown } }>
  runStream?(
    input: string,
    options?: object,
  ): AsyncIterable<unknown> & { toArray(): Promise<unknown[]> }
  getAgents(): readonly { readonly name: string }[]
}

/** What an index hands out. */
export interface Index {
  asQueryEngine(options?: object): QueryEngine
  asRetriever(options?: object): { retrieve(query: string): Promise<unknown> }
}

/** `Settings`. */
export interface Settings {
  llm: object
  embedModel: object
  callbackManager: CallbackManager
  withCallbackManager<Result>(manager: object, work: () => Result): Result
}

/** The manager of events. */
export interface CallbackManager {
  on(type: string, handler: (event: { readonly detail: unknown }) => void): unknown
  off(type: string, handler: (event: { readonly detail: unknown }) => void): unknown
}

/** The schemas that scenarios need. */
export interface Zod {
  string(): object
  object(shape: Readonly<Record<string, object>>): object
}

/** The modules of one set of versions. */
export interface VersionSet extends ModelFoundation {
  readonly name: string
  readonly BaseEmbedding: new () => object
  readonly BaseRetriever: new () => { retrieve(query: string): Promise<unknown> }
  readonly CallbackManager: new () => CallbackManager
  readonly CondenseQuestionChatEngine: new (options: object) => ChatEngine
  readonly ContextChatEngine: new (options: object) => ChatEngine
  readonly CoreSettings: Settings
  readonly Document: new (options: object) => object
  readonly LLMAgent: new (options: object) => ChatEngine
  readonly LLMQuestionGenerator: new (options: object) => object
  readonly OpenAI: new (options: object) => Model
  readonly OpenAIEmbedding: new (options: object) => object
  readonly QueryEngineTool: new (options: object) => object
  readonly RetrieverQueryEngine: new (retriever: object, synthesizer?: object) => QueryEngine
  readonly Settings: Settings
  readonly SimpleChatEngine: new (options?: object) => ChatEngine
  readonly SubQuestionQueryEngine: {
    fromDefaults(options: object): QueryEngine
  }
  readonly VectorStoreIndex: {
    fromDocuments(documents: readonly object[]): Promise<Index>
  }
  readonly agent: (options: object) => Agent
  readonly getResponseSynthesizer: (mode: string, options?: object) => object
  readonly multiAgent: (options: object) => Agent
  readonly tool: (options: object) => object
  readonly z: Zod
}

/** Loads the set of that name, which must be installed. */
export async function loadSet(name: string): Promise<VersionSet> {
  const frameworks = (await import(`./${name}/frameworks.js`)) as Omit<VersionSet, 'name'>
  return { ...frameworks, name }
}

/** The set that this run of the tests is about. */
export const setName = process.env['LLAMAINDEX_SET'] ?? NEWEST
