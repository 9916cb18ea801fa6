import { createRequire } from 'node:module'

import { spanTree } from '@trulayer/core/testing'
import { instrumentLangChain, TruLayerCallbackHandler } from '@trulayer/langchain'
import { expect, test } from 'vitest'

import { captureOf, testClient } from '../../packages/langchain/test/play.ts'
import { callbackManager, contextSlot, Model, RunnableLambda } from './core-alone-frameworks.ts'
import { setName } from './frameworks.ts'
import { LLM } from './scenarios/scenario.ts'

test('an async context that the program sets up afterwards is followed, and stays', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const model = new Model({ script: [{ text: 'Hm.' }] })
  const ask = RunnableLambda.from(async () => (await model.invoke('b')).text)
  const turn = (runName: string): Promise<string> => ask.invoke('a', { callbacks, runName })
  instrumentLangChain(callbackManager, { client })()
  await turn('before')
  expect(contextSlot()).toBeUndefined()

  createRequire(new URL(`./${setName}/frameworks.js`, import.meta.url))('@langchain/core/context')
  const slot = contextSlot()
  expect(slot).toBeDefined()
  instrumentLangChain(callbackManager, { client })()
  await turn('after')
  expect(contextSlot()).toBe(slot)

  await capture.last()
  expect(capture.traces.map(spanTree)).toEqual([
    'before · ok',
    `after · ok · 20 in, 5 out\n└─ ${LLM}`,
  ])
})
