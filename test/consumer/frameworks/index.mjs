import { FakeListChatModel } from '@langchain/core/utils/testing'
import { instrumentAISDK } from '@trulayer/ai-sdk'
import { init } from '@trulayer/core'
import { lastTrace, spanTree } from '@trulayer/core/testing'
import { TruLayerCallbackHandler } from '@trulayer/langchain'
import * as ai from 'ai'
import { MockLanguageModelV4 } from 'ai/test'

init({ mode: 'local' })

const chat = new FakeListChatModel({ responses: ['18 degrees'] })
await chat.invoke('What is the weather?', { callbacks: [new TruLayerCallbackHandler()] })
console.log(spanTree(await lastTrace()))

const { generateText } = instrumentAISDK(ai)
const model = new MockLanguageModelV4({
  doGenerate: async () => ({
    content: [{ type: 'text', text: '18 degrees' }],
    finishReason: { unified: 'stop', raw: 'stop' },
    usage: { inputTokens: { total: 11 }, outputTokens: { total: 3 } },
    warnings: [],
  }),
})
const { text } = await generateText({ model, prompt: 'What is the weather?' })
console.log(spanTree(await lastTrace()))
console.log(text)
