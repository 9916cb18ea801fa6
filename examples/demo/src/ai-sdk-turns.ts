import { createOpenAI } from '@ai-sdk/openai'
import { getClient } from '@trulayer/core'
import { instrumentAISDK } from '@trulayer/ai-sdk'
import * as ai from 'ai'
import { z } from 'zod'
import { MODEL, type Provider } from './provider.ts'
import { questions } from './script.ts'
import { temperatureIn } from './tools.ts'

const { streamText, tool, isStepCount, ToolLoopAgent } = instrumentAISDK(ai)

function createModel(provider: Provider): ai.LanguageModel {
  const openai = createOpenAI({
    apiKey: provider.apiKey,
    ...(provider.baseUrl === undefined ? {} : { baseURL: provider.baseUrl }),
  })
  return openai.chat(MODEL)
}

/** A tool loop whose answer is streamed, as a chat route does it. */
export async function streamedTurn(provider: Provider): Promise<void> {
  const city = z.object({ city: z.string() })
  await getClient().withSession({ sessionId: 'chat-2', traceName: 'trip' }, async () => {
    const result = streamText({
      model: createModel(provider),
      prompt: questions.trip,
      stopWhen: isStepCount(5),
      tools: {
        weather: tool({
          description: 'The temperature in a city',
          inputSchema: city,
          execute: (input) => temperatureIn(input.city),
        }),
        sights: tool({
          description: 'What to see in a city',
          inputSchema: city,
          execute: () => ['Forum', 'Pantheon', 'Trastevere'],
        }),
      },
    })
    for await (const text of result.textStream) {
      // A route would send this to the browser.
      text.trim()
    }
  })
}

/** An agent with a tool that is an agent itself. */
export async function nestedTurn(provider: Provider): Promise<void> {
  const model = createModel(provider)
  const researcher = new ToolLoopAgent({
    id: 'researcher',
    model,
    tools: {
      encyclopedia: tool({
        description: 'An entry of the encyclopedia',
        inputSchema: z.object({ entry: z.string() }),
        execute: ({ entry }) => `${entry}: from China; in Europe since the seventeenth century`,
      }),
    },
  })
  const writer = new ToolLoopAgent({
    id: 'writer',
    model,
    tools: {
      research: tool({
        description: 'What is known about a topic',
        inputSchema: z.object({ topic: z.string() }),
        execute: async ({ topic }) => (await researcher.generate({ prompt: topic })).text,
      }),
    },
  })
  await getClient().withSession({ sessionId: 'chat-3' }, () =>
    writer.generate({ prompt: questions.article }),
  )
}
