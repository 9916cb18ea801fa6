import { errorText } from '../shape/error-text.ts'
import type { FinishedTrace } from '../shape/trace.ts'
import { BatchTarget } from './batch-target.ts'
import { batchBody, type Batch } from './batch.ts'
import { Circuit } from './circuit.ts'
import { DeliveryReport, type DropReason } from './delivery-report.ts'
import { Dispatcher, type Job } from './dispatcher.ts'
import { encodeTrace, type EncodedTrace } from './encoded-trace.ts'
import {
  explainDrop,
  explainLimited,
  explainRefused,
  explainUnreachable,
} from './explain-delivery.ts'
import {
  resolveExporterOptions,
  type ExporterSettings,
  type TruLayerExporterOptions,
} from './exporter-options.ts'
import type { ExportDeadline, ExporterStats, TraceExporter } from './exporter.ts'
import { FeedbackQueue } from './feedback-queue.ts'
import { encodeFeedback, refuseFeedback, type Feedback, type FeedbackResult } from './feedback.ts'
import { FlushWaiters } from './flush-waiters.ts'
import { DEFAULT_TIMING, type DeliveryTiming } from './retry-delay.ts'
import { settleBatch, type Settlement } from './settle-batch.ts'
import { TraceQueue } from './trace-queue.ts'
import { readVerdict, type StopReason, type Verdict } from './verdict.ts'

const MOST_QUEUED = 50_000
/* An outage is told of when it is more than a hiccup. */
const FAILURES_BEFORE_TOLD = 3
const CLOSED = { reason: 'closed', detail: 'shutdown() was called' } as const

/**
 * Delivers traces to TruLayer, in the background and in batches. Nothing that goes wrong there reaches the caller: traces
 * are kept within `maxQueueBytes` and tried again, and each one that is given up is counted by reason in `stats()` and
 * told to `onProblem`.
 *
 * Making one starts nothing: no timer, no request, no clock.
 */
export class TruLayerExporter implements TraceExporter {
  readonly #settings: ExporterSettings
  readonly #timing: DeliveryTiming
  readonly #report: DeliveryReport
  readonly #queue: TraceQueue
  readonly #target = new BatchTarget()
  readonly #circuit: Circuit
  readonly #dispatcher: Dispatcher
  readonly #waiters = new FlushWaiters()
  readonly #feedback: FeedbackQueue
  #sequence = 0
  #sent = 0
  #retries = 0
  #hopeless = false
  #isFeedbackOpen = false
  #stopped: { readonly reason: StopReason; readonly detail: string } | undefined
  #closing: Promise<void> | undefined
  #isOver = false

  /** @param timing - clocks, randomness and waits, for tests */
  constructor(options: TruLayerExporterOptions, timing: Partial<DeliveryTiming> = {}) {
    this.#settings = resolveExporterOptions(options)
    this.#timing = { ...DEFAULT_TIMING, ...timing }
    this.#report = new DeliveryReport({
      logger: options.logger,
      onProblem: options.onProblem,
      now: this.#timing.now,
    })
    this.#queue = new TraceQueue({
      maxTraces: MOST_QUEUED,
      maxBytes: this.#settings.maxQueueBytes,
    })
    this.#feedback = new FeedbackQueue(this.#timing, (item, result) => {
      this.#waiters.settle(item.sequence)
      if (!result.accepted) {
        this.#report.trouble('feedback', result.message)
      }
    })
    this.#circuit = new Circuit(this.#timing)
    this.#dispatcher = new Dispatcher({
      settings: this.#settings,
      timing: this.#timing,
      circuit: this.#circuit,
      next: (now) => this.#nextFeedback(now) ?? this.#nextBatch(now),
      nextAt: () => this.#nextAt(),
      onWait: (until) => this.#waiters.giveUp(until),
      onFault: (cause) =>
        this.#report.trouble('internal', `Delivery failed: ${errorText(cause)}`, cause),
    })
  }

  /** Takes traces: they are encoded before the call returns and sent later. Never throws. */
  export(traces: readonly FinishedTrace[]): void {
    const refusal = this.#refusal()
    if (refusal !== undefined) {
      this.#drop(refusal.reason, traces.length, refusal)
      return
    }
    const overflow = traces.flatMap((trace) => this.#enqueue(trace))
    this.#giveUp('overflow', overflow)
    this.#dispatcher.pump()
  }

  /**
   * Resolves when everything handed over before the call is answered or given up, the time is over, or nothing more can
   * happen in time. Never rejects. The process stays alive meanwhile.
   */
  flush(deadline: ExportDeadline): Promise<void> {
    this.#circuit.hurry()
    const flushed = this.#waiters.wait({
      sequence: this.#sequence,
      remaining: this.#queue.size + this.#feedback.size,
      timeout: deadline.timeout,
      now: this.#timing.now(),
    })
    this.#dispatcher.pump()
    return flushed
  }

  /**
   * Like `flush`; then open requests are ended and what is left is dropped as `shutdown`. What is exported after the call
   * is dropped as `closed`. A second call gets the promise of the first.
   */
  shutdown(deadline: ExportDeadline): Promise<void> {
    this.#closing ??= this.#close(deadline)
    return this.#closing
  }

  /** Sends feedback once its trace has left. Resolves within 30 seconds with what became of it; never rejects. */
  submitFeedback(feedback: Feedback): Promise<FeedbackResult> {
    const refusal = this.#refusal()
    if (refusal !== undefined) {
      return Promise.resolve(refuseFeedback(refusal.reason, refusal.detail))
    }
    let body
    try {
      body = encodeFeedback(feedback)
    } catch (error) {
      return Promise.resolve(refuseFeedback('unserializable', errorText(error)))
    }
    const { traceId } = feedback
    this.#sequence += 1
    const result = this.#feedback.add(
      { traceId, body, sequence: this.#sequence, attempts: 0, dueAt: this.#timing.now() },
      { hold: this.#queue.holds(traceId) },
    )
    this.#dispatcher.pump()
    return result
  }

  /** What was done so far. Everything exported is either sent, dropped or queued, at every moment. */
  stats(): ExporterStats {
    return {
      sent: this.#sent,
      queued: this.#queue.size,
      dropped: this.#report.dropped,
      requests: this.#dispatcher.requests,
      retries: this.#retries,
      state: this.#stopped !== undefined ? 'stopped' : this.#circuit.failing ? 'waiting' : 'active',
    }
  }

  /* Returns what had to go to make room. */
  #enqueue(trace: FinishedTrace): EncodedTrace[] {
    this.#sequence += 1
    let encoded
    try {
      encoded = encodeTrace(trace, {
        projectName: this.#settings.projectName,
        sequence: this.#sequence,
        now: this.#timing.now(),
      })
    } catch (cause) {
      this.#drop('unserializable', 1, { detail: errorText(cause), cause })
      return []
    }
    if (this.#queue.isTooLarge(encoded)) {
      this.#drop('too_large', 1, { detail: `${encoded.bytes} bytes, more than \`maxQueueBytes\`` })
      return []
    }
    return this.#queue.add(encoded)
  }

  async #close(deadline: ExportDeadline): Promise<void> {
    await this.flush(deadline)
    this.#isOver = true
    await this.#dispatcher.abort()
    this.#giveUp('shutdown', this.#queue.clear())
    this.#feedback.clear(refuseFeedback(CLOSED.reason, CLOSED.detail))
  }

  #nextAt(): number | undefined {
    const { newSince } = this.#queue
    const times = [
      newSince === undefined ? undefined : newSince + this.#settings.flushInterval,
      this.#isFeedbackOpen ? undefined : this.#feedback.nextAt,
    ].filter((time) => time !== undefined)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  #nextBatch(now: number): Job | undefined {
    const batch = this.#queue.takeAgain() ?? this.#cutBatch(now) ?? this.#queue.takeAside()
    if (batch === undefined) {
      return undefined
    }
    batch.attempts += 1
    this.#retries += batch.attempts > 1 ? 1 : 0
    return {
      path: '/v1/ingest/batch',
      body: batchBody(batch),
      headers: { 'x-trulayer-batch': batch.id, 'x-trulayer-attempt': String(batch.attempts) },
      settle: (outcome, startedAt) => {
        const context = { sent: batch.traces.length, wallNow: this.#timing.wallNow() }
        this.#settle(batch, readVerdict(outcome, context), startedAt)
      },
    }
  }

  #cutBatch(now: number): Batch | undefined {
    const { newTraces, newBytes, newSince } = this.#queue
    const { batchSize, flushInterval } = this.#settings
    const isDue =
      newSince !== undefined &&
      (newTraces >= batchSize ||
        newBytes >= this.#target.bytes ||
        now - newSince >= flushInterval ||
        this.#waiters.size > 0 ||
        this.#feedback.isHolding)
    return isDue
      ? this.#queue.cut({ maxTraces: batchSize, maxBytes: this.#target.bytes })
      : undefined
  }

  #nextFeedback(now: number): Job | undefined {
    // One at a time, so that an endpoint for feedback that hangs leaves the other lanes to traces.
    const item = this.#isFeedbackOpen ? undefined : this.#feedback.take(now)
    if (item === undefined) {
      return undefined
    }
    this.#isFeedbackOpen = true
    item.attempts += 1
    this.#retries += item.attempts > 1 ? 1 : 0
    return {
      path: '/v1/feedback',
      body: item.body,
      headers: { 'x-trulayer-attempt': String(item.attempts) },
      settle: (outcome) => {
        this.#isFeedbackOpen = false
        const context = { sent: 1, wallNow: this.#timing.wallNow() }
        this.#feedback.settle(item, readVerdict(outcome, context))
      },
    }
  }

  #settle(batch: Batch, verdict: Verdict, startedAt: number): void {
    const now = this.#timing.now()
    const settlement = settleBatch(batch, verdict, {
      now,
      maxAge: this.#timing.maxAge,
      taken: this.#circuit.taken,
      refusals: this.#circuit.refusals,
      hopeless: this.#hopeless,
    })
    this.#report.debug(
      `POST /v1/ingest/batch: ${verdict.kind}, ${batch.traces.length} traces, ${batch.bytes} bytes, ` +
        `${Math.round(now - startedAt)} ms, attempt ${batch.attempts}`,
    )
    this.#queue.settle(batch, settlement)
    this.#sent += settlement.sent.length
    this.#leave(settlement.sent)
    if (verdict.kind === 'stop') {
      this.#stop(verdict)
    }
    if (this.#stopped !== undefined) {
      const { reason, detail } = this.#stopped
      this.#giveUp(reason, [...settlement.dropped, ...this.#queue.clear()], detail)
      return
    }
    const hopeless =
      settlement.hopeless && batch.search !== undefined ? this.#queue.clearSearch(batch.search) : []
    if (settlement.reason !== undefined) {
      const detail = 'detail' in verdict ? verdict.detail : 'left out of the answer twice'
      this.#giveUp(settlement.reason, [...settlement.dropped, ...hopeless], detail)
    }
    this.#learn(batch, verdict, settlement)
    // That we ended a request ourselves says nothing about the service.
    if (!this.#isOver) {
      this.#hear(verdict, { startedAt, settlement })
    }
  }

  /* What the answer says about the batches to come. */
  #learn(batch: Batch, verdict: Verdict, settlement: Settlement): void {
    if (settlement.sent.length > 0) {
      this.#hopeless = false
      this.#target.grow()
      this.#queue.recall()
    } else if (settlement.hopeless) {
      this.#hopeless = true
    }
    if (verdict.kind === 'too-large' && batch.traces.length > 1) {
      this.#target.shrink(batch.bytes)
    }
  }

  /* What the answer says about the way to the service. */
  #hear(
    verdict: Verdict,
    context: { readonly startedAt: number; readonly settlement: Settlement },
  ): void {
    const { startedAt, settlement } = context
    const circuit = this.#circuit
    switch (verdict.kind) {
      case 'fault':
        circuit.backOff(startedAt)
        if (circuit.failures >= FAILURES_BEFORE_TOLD) {
          const message = explainUnreachable(verdict.detail, this.#settings)
          this.#report.trouble('unreachable', message, verdict.cause)
        }
        break
      case 'limited':
        circuit.pause(startedAt, verdict.wait)
        this.#report.trouble('limited', explainLimited(verdict.detail, this.#wait()))
        break
      case 'refused':
        circuit.refuse(startedAt, settlement)
        if (settlement.coolDown) {
          const message = explainRefused(verdict, this.#wait(), this.#settings)
          this.#report.trouble('refused', message)
        }
        break
      case 'taken':
      case 'duplicate':
      case 'malformed':
      case 'too-large':
        circuit.close(startedAt, { taken: settlement.sent.length > 0 })
        break
      case 'stop':
        break
    }
  }

  #wait(): number {
    return this.#circuit.wait(this.#timing.now())
  }

  /* For good. What is under way may still arrive. */
  #stop({ reason, detail }: { readonly reason: StopReason; readonly detail: string }): void {
    this.#stopped ??= { reason, detail }
    this.#dispatcher.stop()
    this.#feedback.clear(refuseFeedback(reason, detail))
  }

  /* Why nothing is taken any more, if so. */
  #refusal(): { readonly reason: DropReason; readonly detail: string } | undefined {
    return this.#closing === undefined ? this.#stopped : CLOSED
  }

  #giveUp(reason: DropReason, traces: readonly EncodedTrace[], detail = ''): void {
    this.#drop(reason, traces.length, { detail })
    this.#leave(traces)
  }

  #drop(
    reason: DropReason,
    count: number,
    { detail, cause }: { readonly detail: string; readonly cause?: unknown },
  ): void {
    if (count > 0) {
      this.#report.drop(reason, count, {
        why: explainDrop(reason, detail, this.#settings),
        isFinal: reason === this.#stopped?.reason,
        cause,
      })
    }
  }

  /* Tells those who wait for these traces that they are sent or given up. */
  #leave(traces: readonly EncodedTrace[]): void {
    for (const trace of traces) {
      this.#waiters.settle(trace.sequence)
      this.#feedback.release(trace.id)
    }
  }
}
