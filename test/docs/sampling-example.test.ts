import { TruLayer, type SamplingInput } from '@trulayer/core'
import { expect, test } from 'vitest'

// In your program this comes from where the client is made.
const sampleRate = (trace: SamplingInput): boolean | number =>
  trace.tags['tier'] === 'gold' ? true : 0

test('gold and failures are kept, and nothing else', async () => {
  const kept: string[] = []
  const trulayer = new TruLayer({
    sampleRate,
    exporters: [{ export: (traces) => void kept.push(...traces.map(({ name }) => name)) }],
  })
  await trulayer.trace('gold', () => 'fine', { tags: { tier: 'gold' } })
  await trulayer.trace('plain', () => 'fine')
  await trulayer.trace('recovered', (trace) =>
    trace.span('search', 'retrieval', () => Promise.reject(new Error('down'))).catch(() => 'fine'),
  )
  await trulayer.trace('failed', () => Promise.reject(new Error('x'))).catch(() => undefined)
  await trulayer.shutdown()

  expect(kept).toEqual(['gold', 'recovered', 'failed'])
  expect(trulayer.stats().traces.sampledOut).toBe(1)
})
