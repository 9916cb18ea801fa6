/*
 * Asks an engine and an agent again and again, as it is told, and prints the heap after 1,000 and after 10,000 turns, as
 * JSON. It runs in a process of its own, with --expose-gc.
 */
import { TruLayer } from '@trulayer/core'
import { instrumentLlamaIndex } from '@trulayer/llamaindex'

import {
  createScriptedEmbedding,
  createScriptedModel,
} from '../support/llamaindex-scripted-model.ts'

const [, , setName, kind] = process.argv
const set = await import(`./${setName}/frameworks.js`)
const { Settings, VectorStoreIndex, Document } = set
const statuses = {}
const client = new TruLayer({
  exporters: [
    {
      export: (traces) => {
        for (const { metadata } of traces) {
          const status = metadata['trulayer.status']
          statuses[status] = (statuses[status] ?? 0) + 1
        }
      },
    },
  ],
  exitHooks: false,
  limits: { openTurns: 100_000 },
})

const tl = instrumentLlamaIndex(Settings, { client })
Settings.llm = tl.llm(createScriptedModel(set, { script: [{ text: 'It is Paris' }] }))
Settings.embedModel = tl.embedding(createScriptedEmbedding(set.BaseEmbedding))
const index = await client.suppress(() =>
  VectorStoreIndex.fromDocuments([new Document({ text: 'Paris is the capital.' })]),
)
const engine = index.asQueryEngine()

async function leave(stream, parts) {
  const read = []
  for await (const part of stream) {
    read.push(part)
    if (read.length === parts) {
      break
    }
  }
}

const TURNS = {
  ask: () => engine.query({ query: 'Paris?' }),
  leave: async () => leave(await engine.query({ query: 'Paris?', stream: true }), 1),
  abandon: async () => {
    await engine.query({ query: 'Paris?', stream: true })
  },
}

async function heapAfter(turns) {
  for (let turn = 0; turn < turns; turn += 1) {
    await TURNS[kind]()
    if (turn % 500 === 0) {
      globalThis.gc()
      await client.flush()
    }
  }
  // What nobody holds any more is told to be gone some rounds after it was collected.
  for (let round = 0; round < 500 && client.stats().traces.open > 0; round += 1) {
    globalThis.gc()
    await new Promise((resolve) => {
      setTimeout(resolve, 10)
    })
  }
  await client.flush()
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

const afterThousand = await heapAfter(1000)
const afterTenThousand = await heapAfter(9000)
const { recorded, open, late } = client.stats().traces
console.log(JSON.stringify({ afterThousand, afterTenThousand, recorded, open, late, statuses }))
