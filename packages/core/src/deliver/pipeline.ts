import type { OnceLogger } from '../client/logger.ts'
import { suppressed } from '../record/context.ts'
import { monotonicClock } from '../runtime/clock.ts'
import { outsideContext } from '../runtime/root-context.ts'
import { sleep, startTimer, type Timer } from '../runtime/timers.ts'
import { untraced } from '../runtime/untraced.ts'
import { errorText } from '../shape/error-text.ts'
import type { FinishedTrace, TraceSource } from '../shape/trace.ts'
import type { PipelineReason } from './delivery-report.ts'
import type { DeliveryProblem, ExportDeadline, TraceExporter } from './exporter.ts'
import { type Feedback, type FeedbackResult, refuseFeedback } from './feedback.ts'
import { Fifo } from './fifo.ts'

/** What a pipeline is made with. */
export interface PipelineOptions {
  readonly logger: OnceLogger
  /** The policy: the trace as it may leave, or `undefined` when it is not sampled. */
  readonly prepare: (trace: FinishedTrace) => FinishedTrace | undefined
  readonly onProblem: (problem: DeliveryProblem) => void
}

/** What has gone through a pipeline. */
export interface PipelineStats {
  readonly sampledOut: number
  /** Traces that an exporter without counts of its own took. */
  readonly exported: number
  /** Traces lost before any exporter saw them, by reason. */
  readonly dropped: Readonly<Record<string, number>>
  /** Traces that wait for the policy. */
  readonly waiting: number
}

/* Milliseconds for which the event loop is held at a time, unless one trace takes longer. */
const SLICE = 3
/* Milliseconds for an exporter to end after its time is over. */
const GRACE = 50
/* As many as the queue of the exporter holds. */
const MOST_WAITING = 50_000
/* A timer that is so late will never come. */
const LATE_TIMER = 1000

/**
 * Takes finished traces through the policy to the exporters, away from the stack of the host's call that ended them.
 * What listeners and exporters throw never reaches the host.
 */
export class Pipeline {
  readonly #options: PipelineOptions
  readonly #exporters: TraceExporter[] = []
  readonly #listeners = new Set<(trace: FinishedTrace) => void>()
  readonly #sending = new Set<Promise<void>>()
  readonly #waiting = new Fifo<TraceSource>()
  #accepted = 0
  #taken = 0
  #timer: Timer | undefined
  #wokenAt = Number.NEGATIVE_INFINITY
  #sampledOut = 0
  #exported = 0
  readonly #dropped: Record<string, number> = {}

  constructor(options: PipelineOptions) {
    this.#options = options
  }

  get exporters(): readonly TraceExporter[] {
    return this.#exporters
  }

  addExporter(exporter: TraceExporter): void {
    this.#exporters.push(exporter)
  }

  /** Calls `listener` with each trace as it leaves. Returns a function that ends that. */
  addListener(listener: (trace: FinishedTrace) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes a finished trace; nothing but keeping it is done before the call returns. */
  accept(source: TraceSource): void {
    this.#waiting.push(source)
    this.#accepted += 1
    if (this.#waiting.length > MOST_WAITING) {
      this.#waiting.shift()
      this.#taken += 1
      this.#drop('overflow', 'Traces were dropped: they end faster than they are read.', 1)
    }
    this.#wake()
  }

  /** Takes everything that waits through the policy to the exporters, now, however long that takes. */
  drain(): void {
    while (this.#waiting.length > 0) {
      this.#drainFor(Number.POSITIVE_INFINITY)
    }
  }

  /** Hands feedback to every exporter that takes some. Never rejects; the first refusal is the answer. */
  async submitFeedback(feedback: Feedback): Promise<FeedbackResult> {
    const results = await unobserved(() =>
      Promise.all(
        this.#exporters.map(async (exporter) => {
          try {
            return await exporter.submitFeedback?.(feedback)
          } catch (cause) {
            return refuseFeedback('export_failed', `an exporter failed: ${String(cause)}`)
          }
        }),
      ),
    )
    const answers = results.filter((result) => result !== undefined)
    return (
      answers.find((result) => !result.accepted) ??
      answers[0] ??
      refuseFeedback('no_receiver', 'no exporter of this client takes feedback')
    )
  }

  /** Resolves when everything accepted before the call is answered or given up, or the time is over. */
  flush(deadline: ExportDeadline): Promise<void> {
    return this.#finish(deadline, 'flush_failed', (exporter) => exporter.flush?.(deadline))
  }

  /** Like `flush`, and the exporters take nothing afterwards. */
  shutdown(deadline: ExportDeadline): Promise<void> {
    return this.#finish(deadline, 'shutdown_failed', (exporter) =>
      exporter.shutdown === undefined ? exporter.flush?.(deadline) : exporter.shutdown(deadline),
    )
  }

  stats(): PipelineStats {
    return {
      sampledOut: this.#sampledOut,
      exported: this.#exported,
      dropped: { ...this.#dropped },
      waiting: this.#waiting.length,
    }
  }

  async #finish(
    { timeout, polls }: ExportDeadline,
    reason: PipelineReason,
    finish: (exporter: TraceExporter) => Promise<void> | undefined,
  ): Promise<void> {
    const last = this.#accepted
    while (this.#taken < last) {
      this.#drainFor(SLICE)
      if (this.#taken < last) {
        // oxlint-disable-next-line no-await-in-loop -- lets others run in between
        await sleep(0, { keepAlive: true })
      }
    }
    const finishing = this.#exporters.map(async (exporter) => {
      try {
        await unobserved(() => finish(exporter))
      } catch (cause) {
        this.#report(reason, 'An exporter failed.', 0, cause)
      }
    })
    // An exporter that does not keep to the time must not keep the host waiting; one that does has the last word.
    const sending = polls === true ? [] : this.#sending
    await within(Promise.all([...sending, ...finishing]), timeout + GRACE)
  }

  #wake(): void {
    const now = monotonicClock()
    // One that is so late belonged to a request of the host that is over (Workers).
    if (this.#timer === undefined || now - this.#wokenAt > LATE_TIMER) {
      this.#wokenAt = now
      const work = (): void => {
        this.#timer = undefined
        this.#drainFor(SLICE)
        if (this.#waiting.length > 0) {
          this.#wake()
        }
      }
      this.#timer = startTimer(work, 0, { detached: true })
    }
  }

  /* One trace after the other, since one alone may take as long as a thousand others. */
  #drainFor(milliseconds: number): void {
    const end = monotonicClock() + milliseconds
    const work = (): void => {
      do {
        const source = this.#waiting.shift()
        if (source === undefined) {
          return
        }
        this.#taken += 1
        const prepared = this.#prepare(source)
        if (prepared !== undefined) {
          this.#tell(prepared)
          unobserved(() => this.#exportToAll([prepared]))
        }
      } while (monotonicClock() < end)
    }
    // The traces are those of many requests, and a listener's own calls of a model are no turn.
    outsideContext(() => suppressed(work))
  }

  #exportToAll(traces: readonly FinishedTrace[]): void {
    for (const exporter of this.#exporters) {
      this.#export(exporter, traces)
    }
  }

  #prepare(source: TraceSource): FinishedTrace | undefined {
    try {
      const prepared = this.#options.prepare(source.read())
      if (prepared === undefined) {
        this.#sampledOut += 1
      }
      return prepared
    } catch (cause) {
      // A trace that the policy could not read must not leave unread by it.
      this.#drop('policy_failed', 'A trace was dropped because the policy failed on it.', 1, cause)
      return undefined
    }
  }

  #tell(trace: FinishedTrace): void {
    for (const listener of this.#listeners) {
      try {
        listener(trace)
      } catch (cause) {
        this.#report('listener_failed', 'A listener of onTrace threw.', 0, cause)
      }
    }
  }

  #export(exporter: TraceExporter, traces: readonly FinishedTrace[]): void {
    // The account is that of the first, as each trace counts once; what the others lose is told.
    const isCounted = exporter === this.#exporters[0]
    const failed = (cause: unknown): void => {
      const message = 'An exporter failed.'
      if (isCounted) {
        this.#drop('export_failed', message, traces.length, cause)
      } else {
        this.#report('export_failed', message, traces.length, cause)
      }
    }
    const counts = (): void => {
      if (exporter.stats === undefined && isCounted) {
        this.#exported += traces.length
      }
    }
    try {
      const result = exporter.export(traces)
      if (result === undefined) {
        counts()
        return
      }
      const sending = Promise.resolve(result)
        .then(counts, failed)
        .finally(() => this.#sending.delete(sending))
      this.#sending.add(sending)
    } catch (cause) {
      failed(cause)
    }
  }

  #drop(reason: PipelineReason, message: string, count: number, cause?: unknown): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + count
    this.#report(reason, message, count, cause)
  }

  #report(reason: PipelineReason, message: string, dropped: number, cause?: unknown): void {
    const why = cause === undefined ? '' : ` ${errorText(cause)}`
    this.#options.logger.warn(message + why, reason)
    this.#options.onProblem({ reason, message, dropped, cause })
  }
}

/* The requests of exporters are no work of the host: neither we nor another tracer records them. */
function unobserved<Result>(work: () => Result): Result {
  return untraced(() => suppressed(work))
}

/* Resolves with the work or when the time is over, and leaves no timer behind. */
function within(work: Promise<unknown>, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = startTimer(resolve, milliseconds, { keepAlive: true, detached: true })
    const end = (): void => {
      timer.stop()
      resolve()
    }
    work.then(end, end)
  })
}
