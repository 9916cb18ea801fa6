import { AsyncLocalStorage } from 'node:async_hooks'

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import type { FinishedTrace } from '../../src/index.ts'

/* What a runtime has is looked up once, and kept where every copy of the library finds it. */
beforeEach(() => {
  Reflect.deleteProperty(globalThis, Symbol.for('trulayer.v1'))
  vi.resetModules()
  vi.stubGlobal('process', { ...process, getBuiltinModule: undefined })
})
afterEach(() => {
  vi.unstubAllGlobals()
})

async function play(
  asyncLocalStorage?: new () => AsyncLocalStorage<unknown>,
): Promise<FinishedTrace[]> {
  const { TruLayer } = await import('../../src/index.ts')
  const traces: FinishedTrace[] = []
  const client = new TruLayer({
    asyncLocalStorage,
    exitHooks: false,
    exporters: [{ export: (finished) => void traces.push(...finished) }],
  })
  await client.trace('answer', async (trace) => {
    await trace.span('explicit', 'tool', () => client.span('ambient', 'llm', () => 1))
  })
  await client.flush()
  return traces
}

test('without an async context explicit parents nest, and nothing is ambient', async () => {
  const traces = await play()
  expect(traces.map(({ name, spans }) => [name, spans.map((span) => span.name)])).toEqual([
    ['ambient', ['ambient']],
    ['answer', ['explicit']],
  ])
})

test('the class that is handed in is used where the runtime has none to be found', async () => {
  let made = 0
  class Handed extends AsyncLocalStorage<unknown> {
    constructor() {
      super()
      made += 1
    }
  }
  const traces = await play(Handed)
  expect(traces.map(({ name, spans }) => [name, spans.map((span) => span.name)])).toEqual([
    ['answer', ['explicit', 'ambient']],
  ])
  expect(made).toBeGreaterThan(0)
})

test('the one that the runtime keeps on its global object is found', async () => {
  vi.stubGlobal('AsyncLocalStorage', AsyncLocalStorage)
  expect((await play()).map(({ name }) => name)).toEqual(['answer'])
})
