import { captureTraces, spanTree } from '@trulayer/core/testing'
import * as copy from '@trulayer/langchain'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { testClient } from '../../packages/langchain/test/play.ts'
import { expectScenario } from './expect-scenario.ts'
import { loadSet, requireCoreModule, setName } from './frameworks.ts'
import { scenariosOf } from './scenarios/index.ts'

const { instrumentLangChain } = copy
const set = await loadSet(setName)

/* Played without callbacks these two are others: the model is no longer the outermost run that is heard. */
const ABOUT_CALLBACKS = new Set([27])

const withoutCallbacks = scenariosOf(setName).filter(({ number }) => !ABOUT_CALLBACKS.has(number))

test.each(withoutCallbacks)('$number: $title, with no callbacks anywhere', async (scenario) => {
  await expectScenario(scenario, set, {
    attach: (client) => instrumentLangChain(set.callbacks, { client }),
  })
})

test.each([
  { thread_id: 'T', user_id: 'U' },
  { session_id: 'T', user_id: 'U' },
  { sessionId: 'T', userId: 'U', thread_id: 'other' },
  { conversationId: 'T', userId: 'U' },
])('session and user are known from configurable, and nothing else of it: %o', async (ids) => {
  const client = testClient()
  const capture = captureTraces({ client })
  onTestFinished(() => capture.stop())
  onTestFinished(instrumentLangChain(set.callbacks, { client }))
  const configurable = { ...ids, api_key: 'sk-secret' }
  const echo = set.runnables.RunnableLambda.from((text: string) => text)
  await echo.pipe(echo).invoke('hello', { configurable })
  const trace = await capture.last()
  expect(trace).toMatchObject({ sessionId: 'T', userId: 'U' })
  expect(JSON.stringify(trace)).not.toContain('sk-secret')
})

test('both copies are recorded where a program loads both, each run once', async () => {
  const client = testClient()
  const capture = captureTraces({ client })
  onTestFinished(() => capture.stop())
  const manager = requireCoreModule(setName, 'callbacks/manager')
  const { RunnableLambda } = requireCoreModule(setName, 'runnables') as typeof set.runnables
  expect(RunnableLambda).not.toBe(set.runnables.RunnableLambda)
  onTestFinished(instrumentLangChain([set.callbacks, manager], { client }))
  await RunnableLambda.from((text: string) => text).invoke('a', { runName: 'required' })
  await set.runnables.RunnableLambda.from((text: string) => text).invoke('b', {
    runName: 'imported',
  })
  await capture.last()
  expect(capture.traces.map(spanTree)).toEqual(['required · ok', 'imported · ok'])
})

/* The package once more, as the CommonJS build or a second installed version would be; core likewise. */
async function otherCopy(): Promise<typeof copy> {
  vi.resetModules()
  const other = await import('@trulayer/langchain')
  expect(other.instrumentLangChain).not.toBe(copy.instrumentLangChain)
  return other
}

describe('two copies of the package', () => {
  const turn = async (config: object = {}): Promise<unknown> => {
    const { HumanMessage } = set.messages
    const { RunnableLambda } = set.runnables
    const model = new set.Model({ script: [{ text: 'It is sunny.' }] })
    const ask = RunnableLambda.from(async (text: string) => model.invoke([new HumanMessage(text)]))
    const configurable = { thread_id: 'T', user_id: 'U' }
    const answer = await ask.invoke('hello', { runName: 'ask', configurable, ...config })
    return answer.content
  }
  const TURN = 'ask · ok · 20 in, 5 out\n└─ llm chat gpt-4o-mini · ok · 20 in, 5 out'

  test.each(['one', 'other'] as const)(
    'record a turn once where %s copy is installed first, then the other, with a handler besides',
    async (first) => {
      const client = testClient()
      const capture = captureTraces({ client })
      onTestFinished(() => capture.stop())
      const other = await otherCopy()
      const copies = first === 'one' ? [copy, other] : [other, copy]
      for (const each of copies) {
        onTestFinished(each.instrumentLangChain(set.callbacks, { client }))
      }
      for (const each of copies) {
        capture.clear()
        const handler = new each.TruLayerCallbackHandler({ client })
        expect(await turn({ callbacks: [handler] })).toBe('It is sunny.')
        const trace = await capture.last()
        expect(capture.traces.map(spanTree)).toEqual([TURN])
        expect(trace).toMatchObject({ sessionId: 'T', userId: 'U' })
      }
    },
  )

  test.each([
    { order: 'the first one first', undone: [0, 1] },
    { order: 'the last one first', undone: [1, 0] },
  ])('leave nothing behind when they are undone, $order', async ({ undone }) => {
    const client = testClient()
    const capture = captureTraces({ client })
    onTestFinished(() => capture.stop())
    const manager = set.callbacks.CallbackManager
    const before = [Reflect.ownKeys(manager), Reflect.get(manager, '_configureSync')]
    const other = await otherCopy()
    const undos = [copy, other].map((each) => each.instrumentLangChain(set.callbacks, { client }))
    undos.forEach((undo) => onTestFinished(undo))
    undos[undone[0] ?? 0]?.()
    await turn()
    await capture.last()
    expect(capture.traces.map(spanTree)).toEqual([TURN])
    undos[undone[1] ?? 0]?.()
    expect([Reflect.ownKeys(manager), Reflect.get(manager, '_configureSync')]).toEqual(before)
    await turn()
    expect(capture.traces).toHaveLength(1)
  })
})
