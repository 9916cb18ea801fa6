import { openai } from '@ai-sdk/openai'
import { instrumentAISDK } from '@trulayer/ai-sdk'
import { getClient } from '@trulayer/core'
import * as ai from 'ai'
import { z } from 'zod'

const { convertToModelMessages, isStepCount, streamText, tool } = instrumentAISDK(ai)

const weather = tool({
  description: 'The weather of a city',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `It is sunny in ${city}.`,
})

/** What `useChat` sends: the id of the conversation and everything that was said in it. */
interface ChatRequest {
  readonly id: string
  readonly messages: ai.UIMessage[]
}

/** Answers a message of a chat, as a stream. Each answer is one trace, and those of a conversation are one session. */
export async function POST(request: Request): Promise<Response> {
  const { id, messages }: ChatRequest = await request.json()
  return getClient().withSession({ sessionId: id }, async () => {
    const result = streamText({
      model: openai.chat('gpt-4o-mini'),
      messages: await convertToModelMessages(messages),
      tools: { weather },
      stopWhen: isStepCount(5),
    })
    return result.toUIMessageStreamResponse()
  })
}
