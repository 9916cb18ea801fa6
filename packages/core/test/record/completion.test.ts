import { afterEach, describe, expect, test, vi } from 'vitest'

import type { TruLayerOptions } from '../../src/client/options.ts'
import { spanTree } from '../../src/shape/span-tree.ts'

// Clocks and timers are taken once at load.
vi.useFakeTimers()
const { recording } = await import('../support.ts')

afterEach(() => {
  vi.clearAllTimers()
})

const SECOND = 1000
const MINUTE = 60 * SECOND
/* A turn leaves when its time is over, or shortly after, for one timer serves all of them. */
const SHORTLY = 60

/* A turn whose root has ended while a call in it is open. */
function turnWithOpenCall(options: TruLayerOptions = {}, held = false) {
  const { recorder, capture, client } = recording(options)
  const root = recorder.start({ name: 'agent', type: 'other' })
  const call = recorder.start({ name: 'chat m', type: 'llm', parent: root, held })
  recorder.end(root)
  const trees = (): string[] => capture.traces.map(spanTree)
  return { recorder, call, trees, client }
}

describe('a turn whose root has ended', () => {
  test('waits one second for what is open, then closes it as incomplete', () => {
    const { trees } = turnWithOpenCall()
    vi.advanceTimersByTime(SECOND - 1)
    expect(trees()).toEqual([])
    vi.advanceTimersByTime(SHORTLY)
    expect(trees()).toEqual(['agent · ok\n└─ llm chat m · incomplete'])
  })

  test('waits as long as it was told', () => {
    const { trees } = turnWithOpenCall({ limits: { grace: 5 * SECOND } })
    vi.advanceTimersByTime(5 * SECOND - 1)
    expect(trees()).toEqual([])
    vi.advanceTimersByTime(SHORTLY)
    expect(trees()).toHaveLength(1)
  })

  test('leaves with the end of what was open', () => {
    const { recorder, call, trees } = turnWithOpenCall()
    vi.advanceTimersByTime(SECOND / 2)
    recorder.end(call)
    expect(trees()).toEqual(['agent · ok\n└─ llm chat m · ok'])
    vi.advanceTimersByTime(MINUTE)
    expect(trees()).toHaveLength(1)
  })

  test('waits anew after each event', () => {
    const { recorder, call, trees } = turnWithOpenCall()
    for (const step of [1, 2, 3]) {
      vi.advanceTimersByTime(SECOND - 1)
      recorder.update(call, { metadata: { step } })
    }
    vi.advanceTimersByTime(SECOND - 1)
    expect(trees()).toEqual([])
    vi.advanceTimersByTime(SHORTLY)
    expect(trees()).toHaveLength(1)
  })

  test('closes what is open as cancelled where it was cancelled itself', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'agent', type: 'other' })
    recorder.start({ name: 'lost', type: 'tool', parent: root })
    recorder.end(root, { status: 'cancelled', reason: 'aborted' })
    vi.advanceTimersByTime(SECOND + SHORTLY)
    expect(capture.traces.map(spanTree)).toEqual(['agent · cancelled\n└─ tool lost · cancelled'])
    expect(capture.traces[0]?.metadata).toMatchObject({ 'trulayer.reason': 'aborted' })
  })
})

describe('a stream that the host holds', () => {
  test('is waited for ten minutes without an event', () => {
    const { trees } = turnWithOpenCall({}, true)
    vi.advanceTimersByTime(10 * MINUTE - 1)
    expect(trees()).toEqual([])
    vi.advanceTimersByTime(SHORTLY)
    expect(trees()).toEqual(['agent · ok\n└─ llm chat m · incomplete'])
  })

  test('is waited for however long it goes on', () => {
    const { recorder, call, trees } = turnWithOpenCall({}, true)
    for (let part = 0; part < 60; part += 1) {
      vi.advanceTimersByTime(9 * MINUTE)
      recorder.touch(call)
    }
    expect(trees()).toEqual([])
    recorder.end(call, { output: 'done' })
    expect(trees()).toEqual(['agent · ok\n└─ llm chat m · ok'])
  })

  test('that has ended makes nothing else wait longer', () => {
    const { recorder, call, trees } = turnWithOpenCall({}, true)
    recorder.start({ name: 'lost', type: 'tool', parent: call })
    recorder.end(call)
    vi.advanceTimersByTime(SECOND + SHORTLY)
    expect(trees()).toHaveLength(1)
  })

  test('that is let go of is waited for like anything else', () => {
    const { recorder, call, trees } = turnWithOpenCall({}, true)
    vi.advanceTimersByTime(MINUTE)
    recorder.update(call, { held: false })
    vi.advanceTimersByTime(SECOND + SHORTLY)
    expect(trees()).toHaveLength(1)
  })
})

describe('a turn whose root is open', () => {
  test('leaves after an hour without an event', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'agent', type: 'other' })
    vi.advanceTimersByTime(59 * MINUTE)
    recorder.update(root, { metadata: { still: 'here' } })
    vi.advanceTimersByTime(60 * MINUTE - 1)
    expect(capture.traces).toEqual([])
    vi.advanceTimersByTime(SHORTLY)
    expect(capture.traces.map(spanTree)).toEqual(['agent · incomplete'])
  })
})

test('each of many turns leaves when its own time is over', () => {
  const { recorder, capture } = recording()
  for (const name of ['first', 'second', 'third']) {
    const root = recorder.start({ name, type: 'other' })
    recorder.start({ name: 'lost', type: 'tool', parent: root })
    recorder.end(root)
    vi.advanceTimersByTime(400)
  }
  expect(capture.traces.map(({ name }) => name)).toEqual(['first'])
  vi.advanceTimersByTime(400)
  expect(capture.traces.map(({ name }) => name)).toEqual(['first', 'second'])
  vi.advanceTimersByTime(400)
  expect(capture.traces.map(({ name }) => name)).toEqual(['first', 'second', 'third'])
})

test('a trace ends when its last event was, not when it was given up', () => {
  const { recorder, capture } = recording()
  const root = recorder.start({ name: 'agent', type: 'other' })
  recorder.start({ name: 'lost', type: 'tool', parent: root })
  vi.advanceTimersByTime(300)
  recorder.end(root)
  vi.advanceTimersByTime(SECOND + SHORTLY)
  const [trace] = capture.traces
  const [span] = trace?.spans ?? []
  expect((trace?.endedAt ?? 0) - (trace?.startedAt ?? 0)).toBeCloseTo(300)
  expect((span?.endedAt ?? 0) - (span?.startedAt ?? 0)).toBeCloseTo(300)
})
