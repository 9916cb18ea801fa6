import { captureTraces, spanTree } from '@trulayer/core/testing'
import { instrumentLangChain } from '@trulayer/langchain'
import { expect, onTestFinished, test } from 'vitest'

import { testClient } from '../../packages/langchain/test/play.ts'
import { expectScenario } from './expect-scenario.ts'
import { loadSet, requireCoreModule, setName } from './frameworks.ts'
import { scenariosOf } from './scenarios/index.ts'

const set = await loadSet(setName)

/* Played without callbacks these two are others: the model is no longer the outermost run that is heard. */
const ABOUT_CALLBACKS = new Set([27])

const withoutCallbacks = scenariosOf(setName).filter(({ number }) => !ABOUT_CALLBACKS.has(number))

test.each(withoutCallbacks)('$number: $title, with no callbacks anywhere', async (scenario) => {
  await expectScenario(scenario, set, {
    attach: (client) => instrumentLangChain(set.callbacks, { client }),
  })
})

test('session and user are known from configurable, and nothing else of it', async () => {
  const client = testClient()
  const capture = captureTraces({ client })
  onTestFinished(() => capture.stop())
  onTestFinished(instrumentLangChain(set.callbacks, { client }))
  const configurable = { thread_id: 'T', user_id: 'U', api_key: 'sk-secret' }
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
  const copy = requireCoreModule(setName, 'callbacks/manager')
  const { RunnableLambda } = requireCoreModule(setName, 'runnables') as typeof set.runnables
  expect(RunnableLambda).not.toBe(set.runnables.RunnableLambda)
  onTestFinished(instrumentLangChain([set.callbacks, copy], { client }))
  await RunnableLambda.from((text: string) => text).invoke('a', { runName: 'required' })
  await set.runnables.RunnableLambda.from((text: string) => text).invoke('b', {
    runName: 'imported',
  })
  await capture.last()
  expect(capture.traces.map(spanTree)).toEqual(['required · ok', 'imported · ok'])
})
