/* What the examples of the documents take for granted of Mastra. */
import type { Agent } from '@mastra/core/agent'
import type { Mastra } from '@mastra/core/mastra'
import type { InMemoryStore } from '@mastra/core/storage'
import type { Workflow } from '@mastra/core/workflows'

export declare const support: Agent
export declare const agent: Agent
export declare const refund: Workflow
export declare const mastra: Mastra
export declare const storage: InMemoryStore

export const question = 'Where is my order?'
export const conversationId = 'conversation-1'
export const sessionId = 'chat-42'
export const userId = 'user-1'
export const tenant = 'acme'
export const runId = 'run-1'

/** Runs something once the response is on its way, as frameworks for the web have it. */
export declare function after(task: () => Promise<unknown>): void
