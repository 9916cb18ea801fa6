import { expect, test } from 'vitest'

import { loadSet, setName } from './frameworks.ts'
import type { ScriptedAnswer } from '../support/mastra-scripted-model.ts'
import { play, type Scenario } from './play.ts'

const set = await loadSet(setName)
const { Memory } = (await import(`./${setName}/memory.js`)) as MemoryModule

/** `@mastra/memory`, as far as it is used. */
interface MemoryModule {
  readonly Memory: new (options: object) => object
}

/* The question alone is enough to be observed before the agent answers it. */
const talk = (observer: ScriptedAnswer): Scenario => ({
  number: 31,
  title: 'observational memory',
  turn: async ({ agent, mastra, model }) => {
    const memory = new Memory({
      storage: new set.InMemoryStore({ id: 'memory' }),
      options: {
        observationalMemory: {
          model: model([observer], 'observer-model'),
          observation: { messageTokens: 30, bufferTokens: false },
          reflection: { observationTokens: 100_000 },
        },
      },
    })
    const support = agent('support', [{ text: 'Cats and dogs get along well.' }], { memory })
    mastra({ agents: { support } })
    const question = 'I like cats very much, and my house has many rooms for them to play in.'
    return (await support.generate(question, { memory: { thread: 'T', resource: 'R' } })).text
  },
  trees: [],
})

const OBSERVATIONS = '<observations>\n* likes cats\n</observations>'

test('an agent whose observer fails ends with its error', async () => {
  const error = Object.assign(new Error('bad observer'), { isRetryable: false })
  const { value, trees } = await play(set, talk({ error }))
  // Mastra 1.71 returns an answer without a text.
  expect(value).toBe('')
  expect(trees).toEqual([
    `\
support · error (Error: Encountered error during memory observation: bad observer)
└─ other memory: recall · error (Error: Encountered error during memory observation: bad observer)
   └─ other Observer · error (Error: bad observer)
      └─ llm chat observer-model · error (Error: bad observer)`,
  ])
})

test('an agent that is observed goes on', async () => {
  const { value, trees } = await play(set, talk({ text: OBSERVATIONS }))
  expect(value).toBe('Cats and dogs get along well.')
  expect(trees).toEqual([
    `\
support · ok · 20 in, 10 out
├─ other Observer · ok
│  └─ llm chat observer-model · ok · 10 in, 5 out
└─ llm chat gpt-4o-mini · ok · 10 in, 5 out`,
  ])
})
