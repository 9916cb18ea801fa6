import { createBatch, withTraces, type Batch, type Search } from './batch.ts'
import type { EncodedTrace } from './encoded-trace.ts'
import { Fifo } from './fifo.ts'

/** How much a queue holds at most. */
export interface QueueLimits {
  readonly maxTraces: number
  readonly maxBytes: number
}

/** What became of a batch that was under way. Each of its traces is in exactly one of the four. */
export interface BatchEnd {
  readonly sent: readonly EncodedTrace[]
  readonly dropped: readonly EncodedTrace[]
  /** To be sent again ahead of everything else, in this order. */
  readonly again: readonly Batch[]
  /** To be sent again when nothing else is left, or when they are recalled. */
  readonly aside: readonly Batch[]
}

/**
 * Everything that was exported and is neither sent nor given up: traces in no batch yet, batches to be sent again, batches
 * under way. The bounds hold for all of it; what is under way is not dropped.
 */
export class TraceQueue {
  readonly #limits: QueueLimits
  /* Apart, so that finding the oldest trace without an error needs no search. */
  readonly #ordinary = new Fifo<EncodedTrace>()
  readonly #failed = new Fifo<EncodedTrace>()
  #again: Batch[] = []
  #aside: Batch[] = []
  readonly #underWay = new Set<Batch>()
  #traces = 0
  #inFlight = 0
  #bytes = 0
  #newBytes = 0

  constructor(limits: QueueLimits) {
    this.#limits = limits
  }

  /** Traces that are neither sent nor given up. */
  get size(): number {
    return this.#traces
  }

  /** Traces of them that are under way. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** Bytes of those traces. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether a trace with this id is among them. */
  holds(traceId: string): boolean {
    const batched = [...this.#again, ...this.#aside, ...this.#underWay]
    return [...batched.map((batch) => batch.traces), this.#ordinary, this.#failed].some((traces) =>
      hasId(traces, traceId),
    )
  }

  /** Traces that were in no batch yet. */
  get newTraces(): number {
    return this.#ordinary.length + this.#failed.length
  }

  /** Bytes of the traces that were in no batch yet. */
  get newBytes(): number {
    return this.#newBytes
  }

  /** When the oldest trace that was in no batch yet came, by the monotonic clock. */
  get newSince(): number | undefined {
    return this.#olderList()?.peek()?.exportedAt
  }

  /** Whether one trace alone is more than the queue may hold. */
  isTooLarge(trace: EncodedTrace): boolean {
    return trace.bytes > this.#limits.maxBytes
  }

  /** Takes a trace, and gives up as many as the bounds demand: the oldest first, those with an error last. */
  add(trace: EncodedTrace): EncodedTrace[] {
    const list = trace.hasError ? this.#failed : this.#ordinary
    list.push(trace)
    this.#traces += 1
    this.#bytes += trace.bytes
    this.#newBytes += trace.bytes
    const dropped: EncodedTrace[] = []
    while (this.#traces > this.#limits.maxTraces || this.#bytes > this.#limits.maxBytes) {
      const victim = this.#takeVictim()
      if (victim === undefined) {
        // All the rest is under way.
        break
      }
      dropped.push(victim)
      this.#forget([victim])
    }
    return dropped
  }

  /** Whether there is room for a trace without giving one up. */
  hasRoom(trace: EncodedTrace): boolean {
    return (
      this.#traces < this.#limits.maxTraces && this.#bytes + trace.bytes <= this.#limits.maxBytes
    )
  }

  /** Takes out about so many bytes of what is not under way: the oldest first, those with an error last. */
  evict(bytes: number): EncodedTrace[] {
    const evicted: EncodedTrace[] = []
    for (let taken = 0; taken < bytes;) {
      const victim = this.#takeVictim()
      if (victim === undefined) {
        break
      }
      evicted.push(victim)
      taken += victim.bytes
    }
    this.#forget(evicted)
    return evicted
  }

  /** Takes batches that are to be sent next. */
  addBatches(batches: readonly Batch[]): void {
    this.#again.push(...batches)
    for (const trace of batches.flatMap((batch) => batch.traces)) {
      this.#traces += 1
      this.#bytes += trace.bytes
    }
  }

  /** Puts the next traces that were in no batch yet into one. A trace beyond the limits goes alone. */
  cut(limits: QueueLimits): Batch | undefined {
    const traces = this.#shift(limits)
    return traces.length === 0 ? undefined : this.#start(createBatch(traces))
  }

  /** The next batch that is to be sent again. */
  takeAgain(): Batch | undefined {
    return this.#start(this.#again.shift())
  }

  /** The next batch that was set aside. */
  takeAside(): Batch | undefined {
    return this.#start(this.#aside.shift())
  }

  /** Makes what was set aside the next to be sent. */
  recall(): void {
    if (this.#aside.length > 0) {
      this.#again = [...this.#aside, ...this.#again]
      this.#aside = []
    }
  }

  /** Takes note of what became of a batch that was under way. */
  settle(batch: Batch, end: BatchEnd): void {
    if (!this.#underWay.delete(batch)) {
      return
    }
    this.#inFlight -= batch.traces.length
    // A trace may come back smaller than it went.
    const back = [...end.again, ...end.aside].flatMap(({ traces }) => traces)
    this.#bytes += bytesOf([...end.sent, ...end.dropped, ...back]) - bytesOf(batch.traces)
    this.#again = [...end.again, ...this.#again]
    this.#aside = [...this.#aside, ...end.aside]
    this.#forget(end.sent)
    this.#forget(end.dropped)
  }

  /** Gives up what waits to be sent again as a part of this search. */
  clearSearch(search: Search): EncodedTrace[] {
    const parts = this.#again.filter((batch) => batch.search === search)
    const dropped = parts.flatMap((batch) => batch.traces)
    this.#again = this.#again.filter((batch) => batch.search !== search)
    this.#forget(dropped)
    return dropped
  }

  /** Gives up everything that is not under way. */
  clear(): EncodedTrace[] {
    const batched = [...this.#again, ...this.#aside].flatMap((batch) => batch.traces)
    const dropped = [...batched, ...this.#shift({ maxTraces: Infinity, maxBytes: Infinity })]
    this.#again = []
    this.#aside = []
    this.#forget(dropped)
    return dropped
  }

  /** Takes everything out, what is under way included, when nobody will be there to hear of it. */
  takeAll(): EncodedTrace[] {
    const underWay = [...this.#underWay].flatMap((batch) => batch.traces)
    this.#underWay.clear()
    this.#inFlight = 0
    this.#forget(underWay)
    return [...underWay, ...this.clear()].toSorted((one, other) => one.sequence - other.sequence)
  }

  /** Takes out what was in no batch yet. */
  clearNew(): EncodedTrace[] {
    const traces = this.#shift({ maxTraces: Infinity, maxBytes: Infinity })
    this.#forget(traces)
    return traces
  }

  #start(batch: Batch | undefined): Batch | undefined {
    if (batch !== undefined) {
      this.#underWay.add(batch)
      this.#inFlight += batch.traces.length
    }
    return batch
  }

  #forget(traces: readonly EncodedTrace[]): void {
    for (const trace of traces) {
      this.#traces -= 1
      this.#bytes -= trace.bytes
    }
  }

  #shift(limits: QueueLimits): EncodedTrace[] {
    const traces: EncodedTrace[] = []
    let bytes = 0
    for (let list = this.#olderList(); list !== undefined; list = this.#olderList()) {
      const next = list.peek()?.bytes ?? 0
      if (
        traces.length >= limits.maxTraces ||
        (traces.length > 0 && bytes + next > limits.maxBytes)
      ) {
        break
      }
      bytes += next
      const trace = list.shift()
      traces.push(...(trace === undefined ? [] : [trace]))
    }
    this.#newBytes -= bytes
    return traces
  }

  /* The list whose next trace is the older one. */
  #olderList(): Fifo<EncodedTrace> | undefined {
    const ordinary = this.#ordinary.peek()
    const failed = this.#failed.peek()
    if (ordinary === undefined) {
      return failed === undefined ? undefined : this.#failed
    }
    return failed !== undefined && failed.sequence < ordinary.sequence
      ? this.#failed
      : this.#ordinary
  }

  #takeVictim(): EncodedTrace | undefined {
    return this.#takeOldest({ hasError: false }) ?? this.#takeOldest({ hasError: true })
  }

  #takeOldest(kind: { readonly hasError: boolean }): EncodedTrace | undefined {
    const list = kind.hasError ? this.#failed : this.#ordinary
    const next = list.peek()
    const batched = this.#oldestInBatches(kind.hasError)
    if (batched !== undefined && (next === undefined || batched.sequence < next.sequence)) {
      this.#again = without(this.#again, batched)
      this.#aside = without(this.#aside, batched)
      return batched
    }
    list.shift()
    this.#newBytes -= next?.bytes ?? 0
    return next
  }

  /* A search, but a short one: no more batches wait than were under way at once, and their parts. */
  #oldestInBatches(hasError: boolean): EncodedTrace | undefined {
    let oldest: EncodedTrace | undefined
    for (const batch of [...this.#again, ...this.#aside]) {
      for (const trace of batch.traces) {
        if (trace.hasError === hasError && trace.sequence < (oldest?.sequence ?? Infinity)) {
          oldest = trace
        }
      }
    }
    return oldest
  }
}

function without(batches: readonly Batch[], trace: EncodedTrace): Batch[] {
  return batches.flatMap((batch) => {
    if (!batch.traces.includes(trace)) {
      return [batch]
    }
    const rest = batch.traces.filter((other) => other !== trace)
    return rest.length === 0 ? [] : [withTraces(batch, rest)]
  })
}

function bytesOf(traces: readonly EncodedTrace[]): number {
  return traces.reduce((sum, trace) => sum + trace.bytes, 0)
}

function hasId(traces: Iterable<EncodedTrace>, id: string): boolean {
  for (const trace of traces) {
    if (trace.id === id) {
      return true
    }
  }
  return false
}
