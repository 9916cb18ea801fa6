import { FakeListChatModel } from '@langchain/core/utils/testing'
import { instrumentAISDK } from '@trulayer/ai-sdk'
import { init } from '@trulayer/core'
import { TruLayerCallbackHandler } from '@trulayer/langchain'
import * as ai from 'ai'

const client = init({ mode: 'local' })

// LangChain takes the handler where it takes its own.
const chat = new FakeListChatModel({ responses: ['18 degrees'] })
void chat.invoke('What is the weather?', { callbacks: [new TruLayerCallbackHandler({ client })] })

// The wrapped functions have the types of the real ones, results included.
const wrapped = instrumentAISDK(ai, { client })
export const generateText: typeof ai.generateText = wrapped.generateText
export const streamText: typeof ai.streamText = wrapped.streamText
