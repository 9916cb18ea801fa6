import type { FinishedTrace } from '@trulayer/core'
import { instrumentLangChain } from '@trulayer/langchain'
import { describe, expect, test } from 'vitest'

import { play } from '../../packages/langchain/test/play.ts'
import { loadSet, setName } from './frameworks.ts'

const set = await loadSet(setName)

/* Where the metadata that a callback receives contains `configurable` as well: `@langchain/core` before 1.1.40. */
const isMixed = /^core-(?:0\.3|1\.0)/.test(setName)

const given = { plan: 'pro', score: 4, order: { lines: 2 } }
const config = {
  metadata: { ...given, session_id: 'S', userId: 'U' },
  configurable: { thread_id: 'T', tenant: 'sk-secret', api_key: 'sk-secret' },
}

const model = () => new set.Model({ script: () => ({ text: 'Hi.' }) })
const agent = () => set.prebuilt.createReactAgent({ name: 'support', llm: model(), tools: [] })
const question = { messages: [{ role: 'user', content: 'Hello' }] }

interface Turn {
  readonly kind: string
  /** False where nothing shows which metadata the user gave. */
  readonly isKnown: boolean
  turn(this: void, options: object): Promise<unknown>
}

const turns: readonly Turn[] = [
  {
    kind: 'an agent',
    isKnown: true,
    turn: (options: object) => agent().invoke(question, options),
  },
  {
    kind: 'a function that calls a model',
    isKnown: true,
    turn: (options: object) =>
      set.runnables.RunnableLambda.from(async () => (await model().invoke('Hello')).content)
        .withConfig({ runName: 'ask' })
        .invoke('x', options),
  },
  {
    kind: 'a chain',
    isKnown: !isMixed,
    turn: (options: object) =>
      set.prompts.ChatPromptTemplate.fromTemplate('{x}')
        .pipe(model())
        .invoke({ x: 'Hello' }, options),
  },
  {
    kind: 'a model',
    isKnown: !isMixed,
    turn: (options: object) => model().invoke('Hello', options),
  },
]

/* Where the root is the call of a model, its metadata is that of the span. */
function expectMetadata({ name, spans, metadata }: FinishedTrace, isKnown: boolean): void {
  const all = { ...(name === spans[0]?.name ? spans[0].metadata : undefined), ...metadata }
  const kept = Object.entries(all).filter(
    ([key]) => !key.startsWith('trulayer.') && !key.startsWith('gen_ai.') && key !== 'user.id',
  )
  expect(Object.fromEntries(kept)).toEqual(isKnown ? given : {})
}

describe.each(turns)('the metadata that a call was given, of $kind', ({ turn, isKnown }) => {
  test('with a handler', async () => {
    const { trace } = await play(({ callbacks }) => turn({ ...config, callbacks }))
    expectMetadata(trace, isKnown)
    expect(trace).toMatchObject({ sessionId: 'S', userId: 'U' })
    expect(JSON.stringify(trace)).not.toContain('tenant')
  })

  test('with registration', async () => {
    const { trace } = await play(({ callbacks }) => turn({ ...config, callbacks }), {
      attach: (client) => instrumentLangChain(set.callbacks, { client }),
    })
    expectMetadata(trace, isKnown)
    expect(JSON.stringify(trace)).not.toContain('tenant')
  })

  test('in a trace of the host', async () => {
    const { trace } = await play(({ callbacks, client }) =>
      client.trace('turn', async () => turn({ ...config, callbacks })),
    )
    expect(JSON.stringify(trace)).not.toContain('tenant')
  })
})

test('a call that replaces configurable inside another does not reveal that of the outer one', async () => {
  const { trace } = await play(({ callbacks }) =>
    set.runnables.RunnableLambda.from(async () => {
      const { messages } = await agent().invoke(question, { configurable: { thread_id: 'inner' } })
      return messages.at(-1)?.text
    })
      .withConfig({ runName: 'outer' })
      .invoke('x', { ...config, callbacks }),
  )
  expect(JSON.stringify(trace)).not.toContain('tenant')
})
