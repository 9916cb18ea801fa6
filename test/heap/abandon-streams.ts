/*
 * Begins streams of a LangChain model and leaves each after its first words, as readers do whose page is closed, and prints
 * the heap after 1,000 and after 10,000 of them, as JSON. Nothing tells the end of such a stream; at most 500 turns may be
 * open. It runs in a process of its own, with --expose-gc.
 */
import { TruLayer, type TraceExporter } from '@trulayer/core'
import { TruLayerCallbackHandler } from '@trulayer/langchain'

import { ScriptedChatModel } from '../support/langchain-scripted-model.ts'
import { settledHeap } from './settled-heap.ts'

let left = 0
let withText = 0
const counting: TraceExporter = {
  export: (traces) => {
    left += traces.length
    withText += traces.filter(({ output }) => typeof output === 'string').length
  },
}
const client = new TruLayer({
  exporters: [counting],
  exitHooks: false,
  limits: { openTurns: 500 },
})
const callbacks = [new TruLayerCallbackHandler({ client })]
const model = new ScriptedChatModel({ script: () => ({ text: 'A long answer, never read.' }) })

async function abandon(): Promise<void> {
  const stream = await model.stream(`Hello ${'x'.repeat(1000)}`, { callbacks })
  const reader = stream[Symbol.asyncIterator]()
  await reader.next()
  await reader.next()
  await reader.return?.()
}

async function heapAfter(streams: number): Promise<number> {
  for (let index = 0; index < streams; index += 1) {
    await abandon()
  }
  await client.flush()
  return settledHeap()
}

const afterThousand = await heapAfter(1000)
const afterTenThousand = await heapAfter(9000)
const { open } = client.stats().traces
await client.flush({ open: 'close' })
console.log(JSON.stringify({ afterThousand, afterTenThousand, open, left, withText }))
