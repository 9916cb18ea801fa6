import { spanTree } from '@trulayer/core/testing'
import { trulayerObservability } from '@trulayer/mastra'
import { expect, onTestFinished, test } from 'vitest'

import { collectingClient } from '../support/collecting-client.ts'
import { ScriptedModel } from '../support/mastra-scripted-model.ts'
import { loadSet, setName } from './frameworks.ts'

const set = await loadSet(setName)
const { MastraStorageExporter } = (await import(`./${setName}/storage.js`)) as {
  readonly MastraStorageExporter: new () => object
}

/** The part of a storage that Studio reads. */
interface Storage {
  getStore(name: 'observability'): Promise<{
    listTraces(options: object): Promise<{ readonly spans: readonly { readonly name: string }[] }>
  }>
}

/* Plays a turn, and reads what Studio would show of it. */
async function tracesOfStudio(exporters: readonly object[]) {
  const { Agent, InMemoryStore, Mastra, Observability } = set
  const { client, traces, settled } = collectingClient()
  const model = new ScriptedModel([{ text: 'Hello.' }])
  const storage = new InMemoryStore({ id: 'store' })
  const config = trulayerObservability({ exporters, trulayer: { client } })
  const mastra = new Mastra({
    logger: false,
    storage,
    agents: { support: new Agent({ id: 'support', name: 'support', instructions: '', model }) },
    ...(Observability && { observability: new Observability({ configs: { default: config } }) }),
  })
  onTestFinished(async () => {
    await mastra.shutdown?.()
  })
  await mastra.getAgent('support').generate('Hi')
  await mastra.observability?.flush?.()
  await settled()
  const store = await (storage as Storage).getStore('observability')
  const { spans } = await store.listTraces({})
  return { ours: traces.map(spanTree), studio: spans.map(({ name }) => name) }
}

const TREE = 'support · ok · 10 in, 5 out\n└─ llm chat gpt-4o-mini · ok · 10 in, 5 out'

test('the traces of Mastra Studio stay where its exporter is passed along with ours', async () => {
  expect(await tracesOfStudio([new MastraStorageExporter()])).toEqual({
    ours: [TREE],
    studio: ["agent run: 'support'"],
  })
})

test('Mastra Studio has none where ours is the only exporter', async () => {
  expect(await tracesOfStudio([])).toEqual({ ours: [TREE], studio: [] })
})
