import { describe, expect, test } from 'vitest'

import type { ScriptedAnswer } from '../support/mastra-scripted-model.ts'
import { loadSet, setName } from './frameworks.ts'
import { drain, play } from './play.ts'

const set = await loadSet(setName)

/* What models of version 2 of the AI SDK's interface report, which leaves the parts of the counts to the provider. */
const providers = [
  {
    provider: 'google.generative-ai',
    form: 'thoughts that are in the total alone',
    answer: {
      tokens: [41, 5],
      cachedTokens: 30,
      reasoningTokens: 343,
      totalTokens: 389,
    },
    usage: { promptTokens: 41, completionTokens: 348, cachedTokens: 30, reasoningTokens: 343 },
  },
  {
    provider: 'anthropic.messages',
    form: 'a cache apart from the input',
    answer: {
      tokens: [30, 12],
      cachedTokens: 200,
      providerMetadata: { anthropic: { cacheReadInputTokens: 200 } },
    },
    usage: { promptTokens: 230, completionTokens: 12, cachedTokens: 200 },
  },
] satisfies readonly { answer: ScriptedAnswer; [field: string]: unknown }[]

describe.each(providers)('$provider: $form', ({ provider, answer, usage }) => {
  test.each(['generate', 'stream'] as const)('%s', async (how) => {
    const { trace } = await play(set, {
      number: 0,
      title: 'tokens',
      trees: [],
      isBilled: false,
      turn: async ({ agent, model, mastra }) => {
        const scripted = model([{ ...answer, text: 'Hi.' }], 'm', { provider })
        const support = agent('support', [], { model: scripted })
        const observed = mastra({ agents: { support } }).getAgent('support')
        if (how === 'generate') {
          await observed.generate('Hello')
        } else {
          await drain(await observed.stream('Hello'))
        }
      },
    })
    const [span] = trace.spans
    expect(span?.usage).toEqual(usage)
  })
})
