/*
 * Leaves streams of the AI SDK as careless programs do, and prints the heap after 1,000 and after 10,000 of them, and how
 * their traces ended, as JSON. It runs in a process of its own, with --expose-gc: what nobody holds is collected, and what
 * the program keeps without reading is closed when it has been idle for long, by a clock of ours.
 */
// First, for core takes its clock when it loads.
import { putAhead } from './injected-clock.ts'

import { instrumentAISDK } from '@trulayer/ai-sdk'
import { type FinishedTrace, TruLayer } from '@trulayer/core'
import * as ai from 'ai'

import { scriptedModel } from '../support/ai-sdk-scripted-model.ts'
import { settledHeap } from './settled-heap.ts'

const TEN_MINUTES = 600_000
const PAUSE = 20
/* Beyond this something holds what nobody should. */
const MOST_PAUSES = 2000

const ends: Record<string, number> = {}
const client = new TruLayer({
  exporters: [
    {
      export: (traces: readonly FinishedTrace[]) => {
        for (const { status, metadata } of traces) {
          const reason = metadata['trulayer.reason']
          const end = `${status}, ${typeof reason === 'string' ? reason : 'idle'}`
          ends[end] = (ends[end] ?? 0) + 1
        }
      },
    },
  ],
  exitHooks: false,
  limits: { openTurns: 20_000 },
})
const { streamText } = instrumentAISDK(ai, { client })
const text = Array.from({ length: 16 }, (_, index) => `word${index} `)
const kept: unknown[] = []

const waysToLeave: readonly ((model: ai.LanguageModel) => Promise<void>)[] = [
  async (model) => {
    streamText({ model, prompt: 'never read' })
  },
  async (model) => {
    const { textStream } = streamText({ model, prompt: 'broken off' })
    const parts = textStream[Symbol.asyncIterator]()
    await parts.next()
    await parts.return?.()
  },
  async (model) => {
    const { body } = streamText({ model, prompt: 'disconnected' }).toUIMessageStreamResponse()
    const reader = body?.getReader()
    await reader?.read()
    await reader?.cancel()
  },
  async (model) => {
    // Neither read to its end nor cancelled.
    await streamText({ model, prompt: 'forgotten' }).textStream.getReader().read()
  },
  async (model) => {
    kept.push(streamText({ model, prompt: 'kept' }))
  },
]

async function heapAfter(streams: number): Promise<number> {
  for (let index = 0; index < streams; index += 1) {
    // A new model each time: the mock keeps every call that it heard.
    await waysToLeave[index % waysToLeave.length]?.(scriptedModel([{ text }]))
  }
  await untilOpen(kept.length, () => globalThis.gc?.())
  putAhead(TEN_MINUTES)
  await untilOpen(0)
  kept.length = 0
  await client.flush()
  return settledHeap()
}

/* In pauses and not in time, of which a busy machine needs more. */
async function untilOpen(turns: number, beforePause?: () => void): Promise<void> {
  for (let pauses = 0; client.stats().traces.open > turns && pauses < MOST_PAUSES; pauses += 1) {
    beforePause?.()
    await new Promise((resolve) => {
      setTimeout(resolve, PAUSE)
    })
  }
}

const afterThousand = await heapAfter(1000)
const afterTenThousand = await heapAfter(9000)
const { recorded, open } = client.stats().traces
console.log(JSON.stringify({ afterThousand, afterTenThousand, recorded, open, ends }))
