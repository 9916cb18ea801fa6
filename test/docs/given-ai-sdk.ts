/* What the examples of the documents take for granted of the AI SDK. */
import { ToolLoopAgent } from 'ai'

import { canonicalModel, canonicalTools } from '../support/ai-sdk-agents.ts'

export const model = canonicalModel()

export const agent = new ToolLoopAgent({ model, tools: canonicalTools })

export const prompt = 'Where is my order?'

export const sessionId = 'chat-42'
