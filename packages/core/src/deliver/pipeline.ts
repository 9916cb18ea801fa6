import type { OnceLogger } from '../client/logger.ts'
import { suppressed } from '../record/context.ts'
import { startTimer, type Timer } from '../runtime/timers.ts'
import type { FinishedTrace } from '../shape/trace.ts'
import type { DeliveryProblem, ExportDeadline, TraceExporter } from './exporter.ts'
import { type Feedback, type FeedbackResult, refuseFeedback } from './feedback.ts'

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

/**
 * Takes finished traces through the policy to the exporters, away from the stack of the host's call that ended them.
 * What listeners and exporters throw never reaches the host.
 */
export class Pipeline {
  readonly #options: PipelineOptions
  readonly #exporters: TraceExporter[] = []
  readonly #listeners = new Set<(trace: FinishedTrace) => void>()
  readonly #sending = new Set<Promise<void>>()
  #waiting: FinishedTrace[] = []
  #timer: Timer | undefined
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

  removeExporter(exporter: TraceExporter): void {
    const index = this.#exporters.indexOf(exporter)
    if (index >= 0) {
      this.#exporters.splice(index, 1)
    }
  }

  /** Calls `listener` with each trace as it leaves. Returns a function that ends that. */
  addListener(listener: (trace: FinishedTrace) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes a finished trace; nothing but keeping it is done before the call returns. */
  accept(trace: FinishedTrace): void {
    this.#waiting.push(trace)
    this.#timer ??= startTimer(() => this.drain(), 0)
  }

  /** Takes what waits through the policy to the exporters, now. */
  drain(): void {
    this.#timer?.stop()
    this.#timer = undefined
    const waiting = this.#waiting
    this.#waiting = []
    const leaving = waiting.flatMap((trace) => {
      const prepared = this.#prepare(trace)
      return prepared === undefined ? [] : [prepared]
    })
    if (leaving.length === 0) {
      return
    }
    // The exporters' own requests are no work of the host's and must not be traced by its instrumentation of ours.
    suppressed(() => {
      for (const trace of leaving) {
        this.#tell(trace)
      }
      for (const exporter of this.#exporters) {
        this.#export(exporter, leaving)
      }
    })
  }

  /** Hands feedback to every exporter that takes some. Never rejects; the first refusal is the answer. */
  async submitFeedback(feedback: Feedback): Promise<FeedbackResult> {
    const results = await suppressed(() =>
      Promise.all(
        this.#exporters.map(async (exporter) => {
          try {
            return await exporter.submitFeedback?.(feedback)
          } catch (cause) {
            return refuseFeedback('export-failed', `an exporter failed: ${String(cause)}`)
          }
        }),
      ),
    )
    const answers = results.filter((result) => result !== undefined)
    return (
      answers.find((result) => !result.accepted) ??
      answers[0] ??
      refuseFeedback('no-receiver', 'no exporter of this client takes feedback')
    )
  }

  /** Resolves when everything accepted before the call is answered or given up, or the time is over. */
  async flush(deadline: ExportDeadline): Promise<void> {
    this.drain()
    await suppressed(() =>
      Promise.all([
        ...this.#sending,
        ...this.#exporters.map(async (exporter) => {
          try {
            await exporter.flush?.(deadline)
          } catch (cause) {
            this.#report('flush-failed', 'An exporter failed to flush.', 0, cause)
          }
        }),
      ]),
    )
  }

  async shutdown(deadline: ExportDeadline): Promise<void> {
    await this.flush(deadline)
    await Promise.all(
      this.#exporters.map(async (exporter) => {
        try {
          await exporter.shutdown?.(deadline)
        } catch (cause) {
          this.#report('shutdown-failed', 'An exporter failed to shut down.', 0, cause)
        }
      }),
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

  #prepare(trace: FinishedTrace): FinishedTrace | undefined {
    try {
      const prepared = this.#options.prepare(trace)
      if (prepared === undefined) {
        this.#sampledOut += 1
      }
      return prepared
    } catch (cause) {
      // A trace that the policy could not read must not leave unread by it.
      this.#drop('policy-failed', 'A trace was dropped because the policy failed on it.', 1, cause)
      return undefined
    }
  }

  #tell(trace: FinishedTrace): void {
    for (const listener of this.#listeners) {
      try {
        listener(trace)
      } catch (cause) {
        this.#report('listener-failed', 'A listener of onTrace threw.', 0, cause)
      }
    }
  }

  #export(exporter: TraceExporter, traces: readonly FinishedTrace[]): void {
    const failed = (cause: unknown): void =>
      this.#drop('export-failed', 'An exporter failed.', traces.length, cause)
    const counts = (): void => {
      if (exporter.stats === undefined && exporter === this.#exporters[0]) {
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

  #drop(reason: string, message: string, count: number, cause: unknown): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + count
    this.#report(reason, message, count, cause)
  }

  #report(reason: string, message: string, dropped: number, cause: unknown): void {
    this.#options.logger.warn(`${message} ${String(cause)}`, reason)
    this.#options.onProblem({ reason, message, dropped, cause })
  }
}
