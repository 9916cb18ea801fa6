/*
 * Leaves streams of the AI SDK as careless programs do, and prints the heap after 1,000 and after 10,000 of them, and how
 * their traces ended, as JSON. It runs in a process of its own, with --expose-gc: what nobody holds is collected, and what
 * is not collected in time is closed as idle.
 */
import { instrumentAISDK } from '@trulayer/ai-sdk'
import { type FinishedTrace, TruLayer } from '@trulayer/core'
import * as ai from 'ai'

import { scriptedModel } from '../support/ai-sdk-scripted-model.ts'

const statuses: Record<string, number> = {}
const client = new TruLayer({
  exporters: [
    {
      export: (traces: readonly FinishedTrace[]) => {
        for (const { status } of traces) {
          statuses[status] = (statuses[status] ?? 0) + 1
        }
      },
    },
  ],
  exitHooks: false,
  limits: { streamIdle: 1500, openTurns: 20_000 },
})
const { streamText } = instrumentAISDK(ai, { client })
const text = Array.from({ length: 16 }, (_, index) => `word${index} `)
const model = scriptedModel([{ text }])

const waysToLeave: readonly (() => Promise<void>)[] = [
  async () => {
    streamText({ model, prompt: 'never read' })
  },
  async () => {
    const { textStream } = streamText({ model, prompt: 'broken off' })
    const parts = textStream[Symbol.asyncIterator]()
    await parts.next()
    await parts.return?.()
  },
  async () => {
    const { body } = streamText({ model, prompt: 'disconnected' }).toUIMessageStreamResponse()
    const reader = body?.getReader()
    await reader?.read()
    await reader?.cancel()
  },
  async () => {
    // Neither read to its end nor cancelled.
    await streamText({ model, prompt: 'forgotten' }).textStream.getReader().read()
  },
]

async function heapAfter(streams: number): Promise<number> {
  for (let index = 0; index < streams; index += 1) {
    await waysToLeave[index % waysToLeave.length]?.()
  }
  const deadline = performance.now() + 20_000
  while (client.stats().traces.open > 0 && performance.now() < deadline) {
    globalThis.gc?.()
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  }
  await client.flush()
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const afterThousand = await heapAfter(1000)
const afterTenThousand = await heapAfter(9000)
const { recorded, open } = client.stats().traces
console.log(JSON.stringify({ afterThousand, afterTenThousand, recorded, open, statuses }))
