import { tool } from '@langchain/core/tools'
// The prebuilt agents alone: nothing in this file sets up LangChain's async context.
import { createReactAgent } from '@langchain/langgraph/prebuilt'
import { expect, test } from 'vitest'
import { z } from 'zod'

import { ScriptedChatModel } from '../../../test/support/langchain-scripted-model.ts'
import { play } from './play.ts'

test('what a tool calls without a config is found where nobody has set up a context', async () => {
  const { tree } = await play(({ callbacks }) => {
    const inner = new ScriptedChatModel({ model: 'gpt-4o', script: [{ text: 'Short.' }] })
    const summarize = tool(async ({ text }) => (await inner.invoke(text)).text, {
      name: 'summarize',
      description: 'Summarizes',
      schema: z.object({ text: z.string() }),
    })
    const llm = new ScriptedChatModel({
      script: [
        { toolCalls: [{ id: 'call_1', name: 'summarize', args: { text: 'Long.' } }] },
        { text: 'Done.' },
      ],
    })
    const question = { messages: [{ role: 'user', content: 'Summarize.' }] }
    return createReactAgent({ name: 'support', llm, tools: [summarize] }).invoke(question, {
      callbacks,
    })
  })
  expect(tree).toBe(`\
support · ok · 60 in, 15 out
├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
├─ tool summarize · ok
│  └─ llm chat gpt-4o · ok · 20 in, 5 out
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`)
})
