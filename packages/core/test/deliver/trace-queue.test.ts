import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBatch, halve, type Batch } from '../../src/deliver/batch.ts'
import type { EncodedTrace } from '../../src/deliver/encoded-trace.ts'
import { TraceQueue, type BatchEnd } from '../../src/deliver/trace-queue.ts'
import { anyStep, QueueModel } from './queue-model.ts'
import { makeEncoded } from './support.ts'

const ALL = { maxTraces: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }
const NONE: BatchEnd = { sent: [], dropped: [], again: [], aside: [] }

function fill(queue: TraceQueue, traces: readonly EncodedTrace[]): number[] {
  return traces.flatMap((trace) => queue.add(trace)).map((trace) => trace.sequence)
}

function sequences(batch: Batch | undefined): number[] {
  return batch?.traces.map((trace) => trace.sequence) ?? []
}

describe('a queue', () => {
  test('gives traces back in the order in which they came, those with an error among them', () => {
    const queue = new TraceQueue(ALL)
    fill(
      queue,
      [1, 2, 3, 4, 5].map((sequence) => makeEncoded(sequence, { hasError: sequence % 2 === 0 })),
    )
    expect(sequences(queue.cut({ maxTraces: 3, maxBytes: 1000 }))).toEqual([1, 2, 3])
    expect(sequences(queue.cut({ maxTraces: 3, maxBytes: 1000 }))).toEqual([4, 5])
    expect(queue.cut({ maxTraces: 3, maxBytes: 1000 })).toBeUndefined()
  })

  test('cuts a batch by bytes, and lets a trace that is larger go alone', () => {
    const queue = new TraceQueue(ALL)
    fill(queue, [
      makeEncoded(1, { bytes: 40 }),
      makeEncoded(2, { bytes: 60 }),
      makeEncoded(3, { bytes: 500 }),
      makeEncoded(4, { bytes: 1 }),
    ])
    const limits = { maxTraces: 50, maxBytes: 100 }
    expect(sequences(queue.cut(limits))).toEqual([1, 2])
    expect(sequences(queue.cut(limits))).toEqual([3])
    expect(sequences(queue.cut(limits))).toEqual([4])
  })

  test('drops the oldest first and those with an error last', () => {
    const queue = new TraceQueue({ maxTraces: 3, maxBytes: Number.POSITIVE_INFINITY })
    const dropped = fill(
      queue,
      [1, 2, 3, 4, 5, 6, 7].map((sequence) =>
        makeEncoded(sequence, { hasError: [1, 3, 6, 7].includes(sequence) }),
      ),
    )
    expect(dropped).toEqual([2, 4, 5, 1])
    expect(sequences(queue.cut(ALL))).toEqual([3, 6, 7])
  })

  test('drops from batches that are to be sent again before it drops what is newer', () => {
    const queue = new TraceQueue({ maxTraces: 4, maxBytes: Number.POSITIVE_INFINITY })
    fill(queue, [makeEncoded(1), makeEncoded(2, { hasError: true }), makeEncoded(3)])
    const batch = queue.cut(ALL)
    if (batch === undefined) throw new Error('nothing was cut')
    batch.attempts = 1
    queue.settle(batch, { ...NONE, again: [batch] })
    expect(fill(queue, [makeEncoded(4), makeEncoded(5), makeEncoded(6)])).toEqual([1, 3])
    const again = queue.takeAgain()
    expect(sequences(again)).toEqual([2])
    // Other bytes are another request, which may all the same meet what the first one left.
    expect(again).toMatchObject({ attempts: 0, repeated: true })
    expect(again?.id).not.toBe(batch.id)
  })

  test('does not drop what is under way, and gives up the new trace where nothing else is left', () => {
    const queue = new TraceQueue({ maxTraces: 2, maxBytes: Number.POSITIVE_INFINITY })
    fill(queue, [makeEncoded(1), makeEncoded(2)])
    const batch = queue.cut(ALL)
    expect(fill(queue, [makeEncoded(3)])).toEqual([3])
    expect(sequences(batch)).toEqual([1, 2])
    expect(queue.size).toBe(2)
  })

  test('sends what was set aside after everything else, or first when it is recalled', () => {
    const queue = new TraceQueue(ALL)
    fill(queue, [makeEncoded(1), makeEncoded(2), makeEncoded(3)])
    const one = { maxTraces: 1, maxBytes: 1000 }
    const batches = [queue.cut(one), queue.cut(one), queue.cut(one)]
    const [first, second, third] = batches
    if (!first || !second || !third) throw new Error('nothing was cut')
    queue.settle(first, { ...NONE, aside: [first] })
    queue.settle(second, { ...NONE, aside: [second] })
    queue.settle(third, { ...NONE, again: [third] })
    expect(queue.takeAside()).toBe(first)
    queue.recall()
    expect(queue.takeAgain()).toBe(second)
    expect(queue.takeAgain()).toBe(third)
  })

  test('sends the parts of a batch before batches that waited already', () => {
    const queue = new TraceQueue(ALL)
    fill(
      queue,
      [1, 2, 3, 4].map((sequence) => makeEncoded(sequence)),
    )
    const two = { maxTraces: 2, maxBytes: 1000 }
    const [first, second] = [queue.cut(two), queue.cut(two)]
    if (!first || !second) throw new Error('nothing was cut')
    queue.settle(second, { ...NONE, again: [second] })
    queue.settle(first, { ...NONE, again: halve(first) })
    const order = [queue.takeAgain(), queue.takeAgain(), queue.takeAgain()]
    expect(order.map((batch) => sequences(batch))).toEqual([[1], [2], [3, 4]])
  })

  test('knows the ids of everything that it answers for', () => {
    const queue = new TraceQueue(ALL)
    fill(queue, [makeEncoded(1), makeEncoded(2), makeEncoded(3, { hasError: true })])
    const one = { maxTraces: 1, maxBytes: 1000 }
    const first = queue.cut(one)
    queue.cut(one)
    if (first === undefined) throw new Error('nothing was cut')
    queue.settle(first, { ...NONE, again: [first] })
    const ids = [1, 2, 3, 4].map((sequence) => queue.holds(makeEncoded(sequence).id))
    expect(ids).toEqual([true, true, true, false])
  })
})

test('whatever happens, each trace is in one place, within the bounds, and dropped in the right order', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 120, size: 'max' }), (steps) => {
      const model = new QueueModel()
      expect(steps.flatMap((step) => model.run(step))).toEqual([])
    }),
    { numRuns: 200 },
  )
})

test('a long queue is emptied in order and its front is not kept', () => {
  const queue = new TraceQueue(ALL)
  fill(
    queue,
    Array.from({ length: 5000 }, (_, index) => makeEncoded(index)),
  )
  const seen: number[] = []
  for (let batch = queue.cut({ maxTraces: 50, maxBytes: 1e9 }); batch !== undefined;) {
    seen.push(...sequences(batch))
    queue.settle(batch, { ...NONE, sent: batch.traces })
    batch = queue.cut({ maxTraces: 50, maxBytes: 1e9 })
  }
  expect(seen).toEqual(Array.from({ length: 5000 }, (_, index) => index))
  expect([queue.size, queue.bytes, queue.newBytes, queue.newSince]).toEqual([0, 0, 0, undefined])
})

test('a batch tells how long its request will be', () => {
  const traces = [1, 2, 3].map((sequence) => makeEncoded(sequence, { json: '{}', bytes: 2 }))
  expect(createBatch(traces).bytes).toBe('{"traces":[{},{},{}]}'.length)
})
