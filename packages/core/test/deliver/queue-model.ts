import * as fc from 'fast-check'
import { halve, type Batch } from '../../src/deliver/batch.ts'
import type { EncodedTrace } from '../../src/deliver/encoded-trace.ts'
import { TraceQueue, type BatchEnd } from '../../src/deliver/trace-queue.ts'
import { makeEncoded } from './support.ts'

const NONE: BatchEnd = { sent: [], dropped: [], again: [], aside: [] }

/** Something that can happen to a queue. Numbers choose among what is there. */
export type Step =
  | { readonly kind: 'add'; readonly bytes: number; readonly hasError: boolean }
  | { readonly kind: 'cut' | 'again' | 'aside'; readonly count: number }
  | { readonly kind: 'settle'; readonly which: number; readonly how: keyof BatchEnd | 'halved' }
  | { readonly kind: 'recall' | 'clear' }

/** Any of them. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      bytes: fc.integer({ min: 1, max: 60 }),
      hasError: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('cut' as const, 'again' as const, 'aside' as const),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      which: fc.nat(),
      how: fc.constantFrom(
        'sent' as const,
        'dropped' as const,
        'again' as const,
        'aside' as const,
        'halved' as const,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('recall' as const, 'clear' as const) }),
  },
)

/** A queue beside what should be in it. */
export class QueueModel {
  readonly #faults: string[] = []
  readonly limits = { maxTraces: 12, maxBytes: 300 }
  readonly queue = new TraceQueue(this.limits)
  readonly underWay: Batch[] = []
  /* What counts, and the part of it that is not under way. */
  readonly counted = new Map<number, EncodedTrace>()
  readonly waiting = new Map<number, EncodedTrace>()
  /* The part of what waits that was in no batch yet. */
  readonly unbatched = new Map<number, EncodedTrace>()
  sequence = 0

  /** Lets it happen, and returns what is wrong then. */
  run(step: Step): string[] {
    switch (step.kind) {
      case 'add':
        this.#add(step)
        break
      case 'cut':
        this.#start(this.queue.cut({ maxTraces: step.count, maxBytes: 100 }))
        break
      case 'again':
        this.#start(this.queue.takeAgain())
        break
      case 'aside':
        this.#start(this.queue.takeAside())
        break
      case 'settle':
        this.#settle(step)
        break
      case 'recall':
        this.queue.recall()
        break
      case 'clear':
        this.#lose(this.queue.clear())
        this.#expect(this.waiting.size === 0, 'something is left after clear')
        break
    }
    this.#check()
    return this.#faults
  }

  #expect(isRight: boolean, fault: string): void {
    if (!isRight) {
      this.#faults.push(fault)
    }
  }

  #check(): void {
    const bytes = [...this.counted.values()].reduce((sum, trace) => sum + trace.bytes, 0)
    this.#expect(this.queue.size === this.counted.size, 'the traces are counted wrongly')
    this.#expect(this.queue.bytes === bytes, 'the bytes are counted wrongly')
    const newBytes = [...this.unbatched.values()].reduce((sum, trace) => sum + trace.bytes, 0)
    this.#expect(this.queue.newTraces === this.unbatched.size, 'new traces are counted wrongly')
    this.#expect(this.queue.newBytes === newBytes, 'new bytes are counted wrongly')
    const isWithin = this.queue.size <= this.limits.maxTraces && bytes <= this.limits.maxBytes
    this.#expect(isWithin || this.waiting.size === 0, 'a bound is passed')
  }

  #add(details: Pick<EncodedTrace, 'bytes' | 'hasError'>): void {
    this.sequence += 1
    const trace = makeEncoded(this.sequence, details)
    this.waiting.set(trace.sequence, trace)
    this.counted.set(trace.sequence, trace)
    this.unbatched.set(trace.sequence, trace)
    for (const victim of this.queue.add(trace)) {
      const better = [...this.waiting.values()].filter(
        (other) =>
          Number(other.hasError) < Number(victim.hasError) ||
          (other.hasError === victim.hasError && other.sequence < victim.sequence),
      )
      this.#expect(better.length === 0, 'another trace should have been dropped')
      this.#lose([victim])
    }
  }

  #start(batch: Batch | undefined): void {
    if (batch !== undefined) {
      this.underWay.push(batch)
      for (const trace of batch.traces) {
        this.unbatched.delete(trace.sequence)
        this.#expect(this.waiting.delete(trace.sequence), 'a batch holds a trace that is not here')
      }
    }
  }

  #settle(step: Step & { readonly kind: 'settle' }): void {
    const [batch] = this.underWay.splice(step.which % Math.max(1, this.underWay.length), 1)
    if (batch === undefined) {
      return
    }
    if (step.how === 'sent' || step.how === 'dropped') {
      this.queue.settle(batch, { ...NONE, [step.how]: batch.traces })
      this.#lose(batch.traces)
      return
    }
    const isHalved = step.how === 'halved' && batch.traces.length > 1
    const list = step.how === 'aside' ? 'aside' : 'again'
    this.queue.settle(batch, { ...NONE, [list]: isHalved ? halve(batch) : [batch] })
    for (const trace of batch.traces) {
      this.waiting.set(trace.sequence, trace)
    }
  }

  #lose(traces: readonly EncodedTrace[]): void {
    for (const trace of traces) {
      this.#expect(this.counted.delete(trace.sequence), 'a trace left twice')
      this.waiting.delete(trace.sequence)
      this.unbatched.delete(trace.sequence)
    }
  }
}
