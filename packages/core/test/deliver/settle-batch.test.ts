import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Batch } from '../../src/deliver/batch.ts'
import { settleBatch, type Settlement, type Situation } from '../../src/deliver/settle-batch.ts'
import { TraceQueue } from '../../src/deliver/trace-queue.ts'
import type { Verdict } from '../../src/deliver/verdict.ts'
import { idOf, makeBatch } from './support.ts'

const CALM: Situation = {
  now: 0,
  maxAge: 1000,
  heldUntil: Number.NEGATIVE_INFINITY,
  taken: 0,
  refusals: 0,
  hopeless: false,
  hasAnswer: false,
}

function settle(batch: Batch, verdict: Verdict, situation: Partial<Situation> = {}): Settlement {
  batch.attempts += 1
  return settleBatch(batch, verdict, { ...CALM, ...situation })
}

function numbers(traces: Settlement['sent']): number[] {
  return traces.map((trace) => trace.sequence)
}

function sizes(batches: readonly Batch[]): number[] {
  return batches.map((batch) => batch.traces.length)
}

describe('a batch', () => {
  test('that was taken is sent', () => {
    expect(numbers(settle(makeBatch(3), { kind: 'taken' }).sent)).toEqual([1, 2, 3])
  })

  test('that the service stumbles on is tried three times in a row before it lets others pass', () => {
    const batch = makeBatch(2)
    const fault = { kind: 'fault', detail: 'HTTP 500' } as const
    const fates = [1, 2, 3, 4].map(() => {
      const { again, aside } = settle(batch, fault, { hasAnswer: true })
      expect([...again, ...aside]).toEqual([batch])
      return again.length > 0 ? 'again' : 'aside'
    })
    expect(fates).toEqual(['again', 'again', 'aside', 'aside'])
  })

  test('of which some were left out sends those once more, and then drops them', () => {
    const first = settle(makeBatch(3), { kind: 'taken', ids: new Set([idOf(2)]) })
    expect(numbers(first.sent)).toEqual([2])
    const [again] = first.again
    if (again === undefined) throw new Error('nothing is sent again')
    const second = settle(again, { kind: 'taken', ids: new Set([idOf(3)]) })
    expect(numbers(second.sent)).toEqual([3])
    expect(numbers(second.dropped)).toEqual([1])
    expect(second.reason).toBe('rejected')
  })

  test('of which some were left out may have arrived whole all the same', () => {
    const [again] = settle(makeBatch(2), { kind: 'taken', ids: new Set() }).again
    if (again === undefined) throw new Error('nothing is sent again')
    expect(numbers(settle(again, { kind: 'duplicate', detail: '' }).sent)).toEqual([1, 2])
  })

  test('that was sent before and is known is sent; a part of it too', () => {
    const batch = makeBatch(2)
    settle(batch, { kind: 'fault', detail: '' })
    const again = settle(batch, { kind: 'malformed', detail: '' }).again
    expect(
      again.map((half) => settle(half, { kind: 'duplicate', detail: '' }).sent.length),
    ).toEqual([1, 1])
  })

  test('that is known at its first attempt is halved down to the trace whose id is taken', () => {
    const { again } = settle(makeBatch(2), { kind: 'duplicate', detail: '' })
    expect(sizes(again)).toEqual([1, 1])
    const [half] = again
    if (half === undefined) throw new Error('nothing is sent again')
    expect(settle(half, { kind: 'duplicate', detail: '' })).toMatchObject({
      dropped: [{ sequence: 1 }],
      reason: 'duplicate_id',
    })
  })

  test('that met with a fault is sent again as it is, without traces that are too old', () => {
    const batch = makeBatch(2)
    const kept = settle(batch, { kind: 'fault', detail: '' }, { now: 1000 })
    expect(kept.again).toEqual([batch])
    const late = settle(batch, { kind: 'fault', detail: '' }, { now: 1001 })
    expect([numbers(late.dropped), late.again, late.reason]).toEqual([[1, 2], [], 'expired'])
  })

  test('that was asked to wait is sent again however old it is', () => {
    const batch = makeBatch(2)
    const verdict: Verdict = { kind: 'limited', wait: 5, detail: '' }
    expect(settle(batch, verdict, { now: 1e9 }).again).toEqual([batch])
  })

  test('that is too large is halved, and dropped when it is a single trace', () => {
    expect(sizes(settle(makeBatch(5), { kind: 'too-large', detail: '' }).again)).toEqual([3, 2])
    expect(settle(makeBatch(1), { kind: 'too-large', detail: '' }).reason).toBe('too_large')
  })
})

/* Sends a batch and its parts to something that decides about each request, as the exporter does. */
function deliver(
  size: number,
  decide: (ids: readonly number[]) => Verdict,
): { requests: number; sent: number[]; dropped: number[]; coolDowns: number } {
  const all = { maxTraces: size, maxBytes: Number.POSITIVE_INFINITY }
  const queue = new TraceQueue(all)
  for (const trace of makeBatch(size).traces) {
    queue.add(trace)
  }
  const result = { requests: 0, sent: [] as number[], dropped: [] as number[], coolDowns: 0 }
  const situation = { ...CALM }
  const next = (): Batch | undefined => queue.takeAgain() ?? queue.cut(all) ?? queue.takeAside()
  for (let batch = next(); batch !== undefined && result.coolDowns < 4; batch = next()) {
    const verdict = decide(numbers(batch.traces))
    const end = settle(batch, verdict, situation)
    queue.settle(batch, end)
    const hopeless = end.hopeless && batch.search ? queue.clearSearch(batch.search) : []
    result.requests += 1
    result.sent.push(...numbers(end.sent))
    result.dropped.push(...numbers(end.dropped), ...numbers(hopeless))
    result.coolDowns += end.coolDown ? 1 : 0
    const wasTaken = end.sent.length > 0
    situation.hopeless = end.hopeless || (situation.hopeless && !wasTaken)
    situation.taken += wasTaken ? 1 : 0
    situation.refusals = verdict.kind === 'refused' ? situation.refusals + 1 : 0
    if (wasTaken) {
      queue.recall()
    }
  }
  return result
}

describe('the search for bad traces', () => {
  test('drops the bad one of 100 and sends the other 99, in at most 15 requests', () => {
    for (let bad = 1; bad <= 100; bad += 1) {
      const result = deliver(100, (ids) =>
        ids.includes(bad) ? { kind: 'malformed', detail: '' } : { kind: 'taken' },
      )
      expect(result.dropped).toEqual([bad])
      expect(result.sent.length).toBe(99)
      expect(result.requests).toBeLessThanOrEqual(15)
    }
  })

  test('gives a batch up in at most 24 requests when nothing of it is taken', () => {
    for (const size of [1, 2, 3, 24, 25, 50, 99, 100]) {
      const result = deliver(size, () => ({ kind: 'malformed', detail: '' }))
      expect(result.dropped.length).toBe(size)
      expect(result.requests).toBeLessThanOrEqual(24)
    }
  })

  test('gives the next batch up at once after that', () => {
    const end = settle(makeBatch(50), { kind: 'malformed', detail: '' }, { hopeless: true })
    expect([end.dropped.length, end.hopeless]).toEqual([50, true])
  })

  test('finds them wherever they are, as long as some trace is good', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 8, size: 'max' }),
        fc.constantFrom('malformed' as const, 'too-large' as const, 'duplicate' as const),
        (bad, kind) => {
          const result = deliver(60, (ids) =>
            ids.some((id) => bad.includes(id)) ? { kind, detail: '' } : { kind: 'taken' },
          )
          expect(result.dropped.toSorted((left, right) => left - right)).toEqual(
            bad.toSorted((left, right) => left - right),
          )
          expect(result.sent.length).toBe(60 - bad.length)
        },
      ),
    )
  })
})

describe('a refusal that nobody explains', () => {
  test('of one trace among others costs that trace and no cool-down', () => {
    for (let bad = 1; bad <= 50; bad += 1) {
      const result = deliver(50, (ids) =>
        ids.includes(bad) ? { kind: 'refused', detail: '' } : { kind: 'taken' },
      )
      expect(result).toMatchObject({ dropped: [bad], coolDowns: 0 })
      expect(result.sent.length).toBe(49)
    }
  })

  test('of everything leads to a cool-down after the batch and its halves, and drops nothing', () => {
    const requests: number[] = []
    const result = deliver(50, (ids) => {
      requests.push(ids.length)
      return { kind: 'refused', detail: '' }
    })
    expect(requests.slice(0, 3)).toEqual([50, 25, 25])
    expect([result.sent, result.dropped]).toEqual([[], []])
    expect(result.coolDowns).toBe(4)
    expect(requests.length).toBe(6)
  })

  test('of a single trace leads to a cool-down, and drops it when others were taken meanwhile', () => {
    const batch = makeBatch(1)
    const first = settle(batch, { kind: 'refused', detail: '' })
    expect([first.aside, first.coolDown]).toEqual([[batch], true])
    const second = settle(batch, { kind: 'refused', detail: '' }, { taken: 1 })
    expect([numbers(second.dropped), second.reason, second.coolDown]).toEqual([
      [1],
      'rejected',
      false,
    ])
  })
})
