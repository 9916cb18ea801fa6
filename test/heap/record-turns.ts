/*
 * Records turns as an agent would and prints the heap after 1,000 and after 10,000 of them, as JSON. It runs in a process
 * of its own, with --expose-gc, since a test runner's own garbage would drown the difference.
 */
import { TruLayer, type TraceExporter } from '@trulayer/core'

import { settledHeap } from './settled-heap.ts'

const discarding: TraceExporter = { export: () => {} }
const client = new TruLayer({ exporters: [discarding], exitHooks: false })

async function turn(index: number): Promise<void> {
  await client.withSession({ sessionId: `chat-${index}`, userId: `user-${index}` }, () =>
    client.trace('answer', async (trace) => {
      trace.setInput(`question ${index}`)
      await trace.span('chat m', 'llm', (span) => {
        span.setInput([{ role: 'user', parts: [{ type: 'text', content: 'x'.repeat(2000) }] }])
        span.setTokens({ promptTokens: 100, completionTokens: 20 })
        span.setTag('index', String(index))
      })
      await Promise.all([
        client.span('weather', 'tool', async () => ({ index })),
        client
          .span('failing', 'tool', () => Promise.reject(new Error(`boom ${index}`)))
          .catch(() => {}),
      ])
      return `answer ${index}`
    }),
  )
}

async function heapAfter(turns: number): Promise<number> {
  for (let index = 0; index < turns; index += 1) {
    await turn(index)
  }
  await client.flush()
  return settledHeap()
}

const afterThousand = await heapAfter(1000)
const afterTenThousand = await heapAfter(9000)
const { traces } = client.stats()
console.log(
  JSON.stringify({ afterThousand, afterTenThousand, recorded: traces.recorded, open: traces.open }),
)
