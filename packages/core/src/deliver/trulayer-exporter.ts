import { sleep } from '../runtime/timers.ts'
import { errorText } from '../shape/error-text.ts'
import type { FinishedTrace } from '../shape/trace.ts'
import { BatchTarget } from './batch-target.ts'
import { batchBody, createBatch, type Batch } from './batch.ts'
import { Circuit } from './circuit.ts'
import { DeliveryReport, type DropReason } from './delivery-report.ts'
import { Dispatcher, type Job, type Owner } from './dispatcher.ts'
import {
  encodeTrace,
  readEncodedTrace,
  type EncodedTrace,
  type SpoolOrigin,
} from './encoded-trace.ts'
import {
  explainDrop,
  explainLimited,
  explainQuota,
  explainRefused,
  explainSpool,
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
import { openSpool, type Segment, type Spool, type SpoolLoss } from './spool.ts'
import { TraceQueue } from './trace-queue.ts'
import { readVerdict, type StopReason, type Verdict } from './verdict.ts'

/** What is left to be sent when a process ends. */
export interface FinalRequests {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly batches: readonly { readonly body: string; readonly traces: number }[]
  /** To be sent after the traces. */
  readonly feedback: { readonly url: string; readonly bodies: readonly string[] }
}

/* Milliseconds between two looks of somebody who waits. */
const POLL = 20
const MOST_QUEUED = 50_000
/* An outage is told of when it is more than a hiccup. */
const FAILURES_BEFORE_TOLD = 3
/* Then the outage is a long one, and what waits is safer on disk. */
const FAILURES_BEFORE_SPOOLED = 5
/* What is written to disk at once: much, for a file each, but no more than takes a few milliseconds. */
const SPOOLED_AT_ONCE = 1024 * 1024
/* A file's last batch must not keep the other lanes waiting. */
const SEGMENTS_AT_ONCE = 4
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
  readonly #spool: Spool | undefined
  #segments = 0
  #recovered = 0
  #sequence = 0
  #sent = 0
  #retries = 0
  #hopeless = false
  #isFeedbackOpen = false
  #isQuotaReported = false
  #lastTrouble = ''
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
    this.#spool = this.#openSpool(options)
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
   * happen in time: at once while delivery pauses for longer than that. Never rejects. The process stays alive meanwhile.
   */
  flush(deadline: ExportDeadline): Promise<void> {
    const now = this.#timing.now()
    if (deadline.isLast === true) {
      this.#circuit.hurry()
    }
    if (this.#isPausedFor(deadline, now)) {
      return Promise.resolve()
    }
    const flushed = this.#waiters.wait({
      sequence: this.#sequence,
      remaining: this.#queue.size + this.#feedback.size,
      timeout: deadline.timeout,
      now,
    })
    this.#dispatcher.pump()
    return deadline.polls === true || this.#settings.isRequestBound
      ? this.#drive(flushed, deadline.timeout)
      : flushed
  }

  /**
   * Lets go of everything that is neither sent nor given up, since the process ends now and not a moment later: to disk
   * where there is a spool, else to `send`. What neither takes is dropped as `exit`.
   *
   * @param send - makes requests before it returns, and answers how many traces were taken; `undefined` where none can be
   */
  abandon(send: ((requests: FinalRequests) => number) | undefined): void {
    const traces = this.#queue.takeAll()
    this.#closing ??= Promise.resolve()
    this.#dispatcher.stop()
    const left = this.#write(traces) ? [] : traces
    const sent = send === undefined ? 0 : send(this.#toFinalRequests(left))
    this.#sent += sent
    this.#drop('exit', left.length - sent, { detail: this.#trouble })
    if (send === undefined) {
      this.#feedback.clear(refuseFeedback('exit', 'the process ended first'))
    }
  }

  #toFinalRequests(traces: readonly EncodedTrace[]): FinalRequests {
    const { endpoint, apiKey, headers } = this.#settings
    return {
      url: `${endpoint}/v1/ingest/batch`,
      headers: {
        ...headers,
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
        'content-type': 'application/json',
      },
      batches: this.#toBatches(traces).map((batch) => ({
        body: batchBody(batch).join(''),
        traces: batch.traces.length,
      })),
      feedback: { url: `${endpoint}/v1/feedback`, bodies: this.#feedback.unsent },
    }
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
    return this.#settings.isRequestBound
      ? this.#drive(result, this.#timing.feedbackTimeout).then(() => result)
      : result
  }

  /** What was done so far. Everything exported is either sent, dropped or queued, at every moment. */
  stats(): ExporterStats {
    return {
      sent: this.#sent,
      queued: this.#queue.size - this.#queue.inFlight,
      inFlight: this.#queue.inFlight,
      spooled: this.#spool?.size ?? 0,
      recovered: this.#recovered,
      dropped: this.#report.dropped,
      requests: this.#dispatcher.requests,
      retries: this.#retries,
      state: this.#stopped !== undefined ? 'stopped' : this.#circuit.failing ? 'waiting' : 'active',
    }
  }

  /*
   * Whether a flush can achieve nothing. A call of a serverless function does not wait for an outage to end either, although
   * the next attempt may come in its time.
   */
  #isPausedFor({ timeout, polls }: ExportDeadline, now: number): boolean {
    const wait = this.#circuit.wait(now)
    const isOutage = polls === true && this.#circuit.failures >= FAILURES_BEFORE_TOLD
    return this.#dispatcher.isIdle && wait > 0 && (isOutage || wait > timeout)
  }

  /*
   * Sees to delivery until `done` has come, with timers of the caller's own and never waiting for a promise of which another
   * request of the host may be in charge.
   */
  async #drive(done: Promise<unknown>, timeout: number): Promise<void> {
    const owner: Owner = { isWaiting: true }
    const markDone = (): void => {
      owner.isWaiting = false
    }
    done.then(markDone, markDone)
    const end = this.#timing.now() + timeout
    do {
      this.#dispatcher.pump(owner)
      // oxlint-disable-next-line no-await-in-loop -- that is what polling is
      await sleep(Math.min(POLL, Math.max(0, end - this.#timing.now())), { keepAlive: true })
    } while ((owner.isWaiting || this.#dispatcher.isOpenFor(owner)) && this.#timing.now() < end)
    owner.isWaiting = false
    if (this.#settings.isRequestBound) {
      this.#dispatcher.forsake(owner)
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
    if (this.#spool !== undefined && !this.#queue.hasRoom(encoded)) {
      this.#spill(this.#queue.evict(Math.min(SPOOLED_AT_ONCE, this.#settings.maxQueueBytes / 4)))
    }
    return this.#queue.add(encoded)
  }

  #openSpool(options: TruLayerExporterOptions): Spool | undefined {
    if (options.spool === undefined) {
      return undefined
    }
    const spool = openSpool(options.spool, (reason, segment) => this.#loseSegment(reason, segment))
    if (spool === undefined) {
      options.logger.warn('`spool` is ignored, since this runtime has no files.', 'spool')
    }
    return spool
  }

  /* What other processes wrote was not counted here until now. */
  #loseSegment(reason: SpoolLoss, segment: Segment): void {
    this.#recovered += segment.isOwn ? 0 : segment.traces
    this.#drop(reason, segment.traces, { detail: 'in the spool' })
  }

  /* Puts traces on disk that memory has no room for. */
  #spill(traces: readonly EncodedTrace[]): void {
    if (!this.#write(traces)) {
      this.#giveUp('spool_full', traces, 'it cannot be written')
    }
  }

  /* Whether they are on disk now. */
  #write(traces: readonly EncodedTrace[]): boolean {
    if (this.#spool === undefined) {
      return false
    }
    try {
      if (traces.length > 0) {
        this.#spool.write(traces)
        this.#leave(traces, { isDelivered: false })
      }
      return true
    } catch (cause) {
      this.#report.trouble('spool', explainSpool(errorText(cause)), cause)
      return false
    }
  }

  /* The next traces from disk, so many files that every lane has something, and only while memory has room for them. */
  #replay(): Batch | undefined {
    const isRoomy = this.#queue.bytes * 2 <= this.#settings.maxQueueBytes
    const isBusy = this.#segments >= SEGMENTS_AT_ONCE
    if (this.#spool === undefined || isBusy || !isRoomy || this.#isOver) {
      return undefined
    }
    for (let taken = this.#spool.take(); taken !== undefined; taken = this.#spool.take()) {
      const traces = this.#readSegment(taken.segment, taken.lines)
      if (traces.length > 0) {
        this.#queue.addBatches(this.#toBatches(traces))
        return this.#queue.takeAgain()
      }
      this.#spool.remove(taken.segment)
    }
    return undefined
  }

  #readSegment(segment: Segment, lines: readonly string[]): EncodedTrace[] {
    const origin: SpoolOrigin = { segment, left: 0 }
    const exportedAt = this.#timing.now() - Math.max(0, this.#timing.wallNow() - segment.writtenAt)
    const traces = lines.flatMap((line) => {
      this.#sequence += 1
      const trace = readEncodedTrace(line, { sequence: this.#sequence, exportedAt, origin })
      return trace === undefined ? [] : [trace]
    })
    // Another process wrote as many as its file name says, but the name is not proof of more than there are lines.
    const present = lines.filter((line) => line !== '').length
    const written = segment.isOwn ? segment.traces : Math.min(segment.traces, present)
    const lost = Math.max(0, written - traces.length)
    this.#recovered += segment.isOwn ? 0 : traces.length + lost
    if (lost > 0) {
      this.#drop('spool_damaged', lost, { detail: 'a file has damaged lines' })
    }
    origin.left = traces.length
    this.#segments += traces.length > 0 ? 1 : 0
    return traces
  }

  #toBatches(traces: readonly EncodedTrace[]): Batch[] {
    const batches: Batch[] = []
    let start = 0
    let bytes = 0
    for (const [index, trace] of traces.entries()) {
      const isFull = index - start >= this.#settings.batchSize
      if (index > start && (isFull || bytes + trace.bytes > this.#target.bytes)) {
        batches.push(createBatch(traces.slice(start, index), { repeated: true, mixed: true }))
        start = index
        bytes = 0
      }
      bytes += trace.bytes
    }
    return start === traces.length
      ? batches
      : [...batches, createBatch(traces.slice(start), { repeated: true, mixed: true })]
  }

  async #close(deadline: ExportDeadline): Promise<void> {
    await this.flush({ ...deadline, isLast: true })
    this.#isOver = true
    await this.#dispatcher.abort()
    const left = this.#queue.clear()
    if (!this.#write(left)) {
      this.#giveUp('shutdown', left, this.#trouble)
    }
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
    const batch =
      this.#queue.takeAgain() ?? this.#cutBatch(now) ?? this.#replay() ?? this.#queue.takeAside()
    if (batch === undefined) {
      return undefined
    }
    batch.attempts += 1
    this.#retries += batch.attempts > 1 ? 1 : 0
    const { unreported } = this.#report
    return {
      path: '/v1/ingest/batch',
      body: batchBody(batch),
      headers: {
        'x-trulayer-batch': batch.id,
        'x-trulayer-attempt': String(batch.attempts),
        ...(unreported.size > 0 && { 'x-trulayer-dropped': reportText(unreported) }),
      },
      settle: (outcome, startedAt) => {
        if (outcome.kind === 'answer' && outcome.isRepeated === true) {
          batch.repeated = true
        }
        const status = outcome.kind === 'answer' ? outcome.answer.status : 0
        if (status >= 200 && status < 300) {
          this.#report.reported(unreported)
        }
        this.#report.debug(
          `POST /v1/ingest/batch ${status === 0 ? outcome.kind : status} ${batch.traces.length} traces ` +
            `${Math.ceil(batch.bytes / 1024)} KB ${Math.round(this.#timing.now() - startedAt)} ms`,
        )
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
      body: [item.body],
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
    const hasAnswer = verdict.kind !== 'fault' || verdict.cause === undefined
    if (!hasAnswer && now - startedAt > 2 * this.#settings.timeout) {
      // Not even its timeout came in time: the machine slept (Lambda, a laptop), which says nothing about the service.
      this.#queue.settle(batch, { sent: [], dropped: [], again: [batch], aside: [] })
      return
    }
    const settlement = settleBatch(batch, verdict, {
      now,
      maxAge: this.#spool?.maxAge ?? this.#timing.maxAge,
      hasAnswer,
      heldUntil: this.#circuit.heldUntil,
      taken: this.#circuit.taken,
      refusals: this.#circuit.refusals,
      hopeless: this.#hopeless,
    })
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
      this.#isQuotaReported = false
      this.#target.grow(batch.bytes)
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
    this.#lastTrouble = 'detail' in verdict ? verdict.detail : ''
    switch (verdict.kind) {
      case 'fault':
        circuit.backOff(startedAt)
        if (circuit.failures >= FAILURES_BEFORE_TOLD) {
          const message = explainUnreachable(verdict.detail, this.#settings)
          this.#report.trouble('unreachable', message, verdict.cause)
        }
        if (this.#spool !== undefined && circuit.failures >= FAILURES_BEFORE_SPOOLED) {
          this.#spillAll()
        }
        break
      case 'limited':
        circuit.pause(startedAt, verdict.wait, verdict.isQuota)
        if (verdict.isQuota === true) {
          this.#noteQuota(verdict.detail)
        } else {
          this.#report.trouble('limited', explainLimited(verdict.detail, this.#wait()))
        }
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

  /* That may last for days: it is reported once, and what waits is safer on disk. */
  #noteQuota(detail: string): void {
    if (!this.#isQuotaReported) {
      this.#isQuotaReported = true
      this.#report.trouble('quota', explainQuota(detail, this.#wait(), this.#settings))
    }
    if (this.#spool !== undefined) {
      this.#spillAll()
    }
  }

  /* What came from disk stays in memory: it is what the next attempts are made with. */
  #spillAll(): void {
    const traces = this.#segments === 0 ? this.#queue.clear() : this.#queue.clearNew()
    if (!this.#write(traces)) {
      this.#queue.addBatches(this.#toBatches(traces))
    }
  }

  /* What keeps delivery from succeeding, in the words of the last answer; empty while nothing is known to. */
  get #trouble(): string {
    return this.#circuit.failing ? this.#lastTrouble : ''
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

  /* Tells those who wait for these traces that they are sent or given up, or on disk. */
  #leave(
    traces: readonly EncodedTrace[],
    { isDelivered }: { readonly isDelivered: boolean } = { isDelivered: true },
  ): void {
    for (const trace of traces) {
      this.#waiters.settle(trace.sequence)
      if (isDelivered) {
        this.#feedback.release(trace.id)
      }
      this.#leaveSegment(trace.origin)
    }
  }

  #leaveSegment(origin: SpoolOrigin | undefined): void {
    if (origin === undefined) {
      return
    }
    origin.left -= 1
    if (origin.left === 0) {
      this.#spool?.remove(origin.segment)
      this.#segments -= 1
    }
  }
}

function reportText(dropped: ReadonlyMap<string, number>): string {
  return [...dropped].map(([reason, count]) => `${reason}=${count}`).join(',')
}
