import type { StructuredToolInterface } from '@langchain/core/tools'
import { instrumentLangChain } from '@trulayer/langchain'
import { expect, test } from 'vitest'

import { play, type Stage } from '../../packages/langchain/test/play.ts'
import {
  callbackManager,
  contextSlot,
  loadPrebuilt,
  Model,
  tool,
  z,
} from './core-alone-frameworks.ts'
import { LLM, question } from './scenarios/scenario.ts'

/* The prebuilt agents of LangGraph set up no async context. Its main entry does, and nothing here loads that. */
const { createReactAgent } = loadPrebuilt()

const noParameters = z.object({})
const find = tool(() => 'found', { name: 'find', description: 'Finds', schema: noParameters })

const agentOf = (...tools: StructuredToolInterface[]): ReturnType<typeof createReactAgent> => {
  const toolCalls = tools.map(({ name }, index) => ({ id: `c${index}`, name, args: {} }))
  const llm = new Model({ script: [{ toolCalls }, { text: 'Done.' }] })
  return createReactAgent({ name: 'support', llm, tools })
}

const outer = tool(
  async () => {
    await new Model({ script: [{ text: 'Hm.' }] }).invoke('hello')
    return await find.invoke({})
  },
  { name: 'outer', description: 'Calls others', schema: noParameters },
)

const turn = ({ callbacks }: Stage): Promise<unknown> =>
  agentOf(outer).invoke(question, { callbacks })

test('10: what a tool calls without a config, instrumented', async () => {
  const { trees } = await play(turn, {
    attach: (client) => instrumentLangChain(callbackManager, { client }),
  })
  expect(trees).toEqual([
    `\
support · ok · 60 in, 15 out
├─ ${LLM}
├─ tool outer · ok
│  ├─ ${LLM}
│  └─ tool find · ok
└─ ${LLM}`,
  ])
  expect(contextSlot()).toBeUndefined()
})

test('10: what a tool calls without a config is not reported to a handler of the call', async () => {
  const { trees } = await play(turn)
  expect(trees).toEqual([
    `\
support · ok · 40 in, 10 out
├─ ${LLM}
├─ tool outer · ok
└─ ${LLM}`,
  ])
  expect(contextSlot()).toBeUndefined()
})

test('spans of tools at the same time are each in their own tool', async () => {
  const { trees } = await play(({ callbacks, client }) => {
    const search = ['one', 'two'].map((name) =>
      tool(() => client.span(`in ${name}`, 'retrieval', () => 'found'), {
        name,
        description: 'Searches',
        schema: noParameters,
      }),
    )
    return agentOf(...search).invoke(question, { callbacks })
  })
  expect(trees).toEqual([
    `\
support · ok · 40 in, 10 out
├─ ${LLM}
├─ tool one · ok
│  └─ retrieval in one · ok
├─ tool two · ok
│  └─ retrieval in two · ok
└─ ${LLM}`,
  ])
})
