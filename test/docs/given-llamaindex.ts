/* What the examples of the documents take for granted of LlamaIndex. */
import { getClient } from '@trulayer/core'
import { instrumentLlamaIndex } from '@trulayer/llamaindex'

export const query = 'What is the capital?'
export const message = 'And its river?'
export const sessionId = 'chat-42'
export const userId = 'user-7'
export const tools: readonly object[] = []

export const trulayer = getClient()

export const tl = instrumentLlamaIndex({ callbackManager: {} })

export const chatEngine = {
  chat: (asked: { readonly message: string }): Promise<object> => Promise.resolve(asked),
}

export const index = {
  asQueryEngine: () => ({
    query: (asked: { readonly query: string }): Promise<object> => Promise.resolve(asked),
  }),
}
