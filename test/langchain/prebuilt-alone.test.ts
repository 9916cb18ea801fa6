import { createRequire } from 'node:module'

import type * as models from '@langchain/core/language_models/chat_models'
import type * as messages from '@langchain/core/messages'
import type * as outputs from '@langchain/core/outputs'
import type * as tools from '@langchain/core/tools'
import type * as prebuilt from '@langchain/langgraph/prebuilt'
import { expect, test } from 'vitest'
import type { z as zod } from 'zod'

import { play } from '../../packages/langchain/test/play.ts'
import { scriptedChatModel } from '../support/langchain-scripted-model.ts'
import { setName } from './frameworks.ts'
import { LLM, question } from './scenarios/scenario.ts'

/* LangGraph's main entry sets up the async context that calls without a config are found by. Nothing here loads it. */
const require = createRequire(new URL(`./${setName}/frameworks.js`, import.meta.url))
const { createReactAgent } = require('@langchain/langgraph/prebuilt') as typeof prebuilt
const { tool } = require('@langchain/core/tools') as typeof tools
const { z } = require('zod') as { z: typeof zod }
const Model = scriptedChatModel({
  ...(require('@langchain/core/language_models/chat_models') as typeof models),
  ...(require('@langchain/core/messages') as typeof messages),
  ...(require('@langchain/core/outputs') as typeof outputs),
})

test('10: what a tool calls without a config, where only the prebuilt agents are loaded', async () => {
  const { tree } = await play(({ callbacks }) => {
    const find = tool(() => 'found', { name: 'find', description: 'Finds', schema: z.object({}) })
    const outer = tool(
      async () => {
        await new Model({ script: [{ text: 'Hm.' }] }).invoke('hello')
        return await find.invoke({})
      },
      { name: 'outer', description: 'Calls others', schema: z.object({}) },
    )
    const llm = new Model({
      script: [{ toolCalls: [{ id: 'c1', name: 'outer', args: {} }] }, { text: 'Done.' }],
    })
    return createReactAgent({ name: 'support', llm, tools: [outer] }).invoke(question, {
      callbacks,
    })
  })
  expect(tree).toBe(`\
support · ok · 60 in, 15 out
├─ ${LLM}
├─ tool outer · ok
│  ├─ ${LLM}
│  └─ tool find · ok
└─ ${LLM}`)
})
