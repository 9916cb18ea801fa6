import { getClient, type TruLayer } from '@trulayer/core'
import {
  checkAdapterOptions,
  clientKind,
  guard,
  kinds,
  oneOf,
  type Recorder,
  resolveRecorder,
  type Run,
} from '@trulayer/core/internal'

import { type CurrentSpan, followMastra } from './ambient.ts'
import { EventFeed } from './event-feed.ts'
import { mapFeedback, mapScore, type Verdict } from './map-feedback.ts'
import { runKey } from './run-key.ts'
import { isTold, noteScore } from './told-scores.ts'
import { trulayerTraceId } from './trace-id.ts'
import { knownTrace } from './trace-names.ts'
import type {
  MastraFeedbackEvent,
  MastraLogEvent,
  MastraScoreEvent,
  MastraTraceScore,
  MastraTracingEvent,
} from './types.ts'

/** Which spans are shown: `auto` what you named and what it called, `all` every span of Mastra's, plumbing included. */
export type ShownSpans = 'auto' | 'all'

/** How an exporter records. */
export interface TruLayerExporterOptions {
  /** The client that records. @defaultValue the global one, asked for whenever something happens */
  readonly client?: TruLayer | undefined
  /** Which spans are shown. @defaultValue `auto` */
  readonly nodes?: ShownSpans | undefined
  /** True sends the scores of scorers as feedback of the trace that they judge. @defaultValue `false` */
  readonly scores?: boolean | undefined
  /** True sends what `observability.addFeedback` is told. @defaultValue `false` */
  readonly feedback?: boolean | undefined
  /** How long `flush` and `shutdown` may take, in milliseconds. @defaultValue 10000 */
  readonly flushTimeout?: number | undefined
  /**
   * `getCurrentSpan` of `@mastra/core/observability/context-storage`, for programs whose bundler hides that module: with it
   * an agent that a tool holds on to, and calls of other frameworks in a tool, hang under the tool. Since Mastra 1.30.
   *
   * @defaultValue looked for when the exporter is made
   */
  readonly getCurrentSpan?: CurrentSpan | undefined
}

/** What each option may be. */
const EXPORTER_OPTIONS = {
  client: [clientKind],
  nodes: [oneOf('auto', 'all')],
  scores: [kinds.boolean],
  feedback: [kinds.boolean],
  flushTimeout: [kinds.number],
  getCurrentSpan: [kinds.function],
} as const satisfies Record<keyof TruLayerExporterOptions, unknown>

/** True for the name of an option of the exporter. */
export function isExporterOption(name: string): boolean {
  return Object.hasOwn(EXPORTER_OPTIONS, name)
}

const LEVELS = new Map<string, 'warn' | 'error'>([
  ['warn', 'warn'],
  ['error', 'error'],
  ['fatal', 'error'],
])

/**
 * Records what runs in Mastra: each turn of an agent or workflow is one trace, with a span for every call of a model and of
 * a tool and for every step and agent inside.
 *
 * One exporter may serve the whole process. Its methods are Mastra's to call; all are synchronous at heart, so that Mastra
 * never waits for the network but in `flush` and `shutdown`. `onTracingEvent` is called by the versions that know it,
 * `exportTracingEvent` by the others of version 1, `exportEvent` by version 0.
 *
 * @example
 * ```ts
 * new Mastra({
 *   agents,
 *   observability: new Observability({
 *     configs: { default: { serviceName: 'support', exporters: [new TruLayerExporter()] } },
 *   }),
 * })
 * ```
 */
export class TruLayerExporter {
  /** Under this name Mastra tells exporters apart. */
  readonly name = 'trulayer'
  readonly #options: TruLayerExporterOptions
  readonly #feed: EventFeed

  /** @throws TruLayerError `invalid-option` for an option of the wrong type and a value of `nodes` that does not exist */
  constructor(options: TruLayerExporterOptions = {}) {
    checkAdapterOptions('TruLayerExporter', options, EXPORTER_OPTIONS)
    this.#options = options
    this.#feed = new EventFeed(() => this.#recorder(), options.nodes === 'all')
    guard('the current span of Mastra', () => followMastra(options.getCurrentSpan))
  }

  /** Without a promise, which Mastra would have to keep for every event. */
  onTracingEvent(event: MastraTracingEvent): void {
    guard('a span of Mastra', () => this.#feed.take(event))
  }

  exportTracingEvent(event: MastraTracingEvent): Promise<void> {
    this.onTracingEvent(event)
    return DONE
  }

  exportEvent(event: MastraTracingEvent): Promise<void> {
    return this.exportTracingEvent(event)
  }

  /**
   * A warning or an error in the log inside an open trace becomes an event of it. Its message alone: up to 1.30 Mastra logs
   * every step, with whole prompts and its own objects as data.
   */
  onLogEvent({ log }: MastraLogEvent): void {
    guard('a log line of Mastra', () => {
      const level = LEVELS.get(log.level)
      if (level !== undefined) {
        const recorder = this.#recorder()
        recorder.event(spanOf(recorder, log), log.message, { level })
      }
    })
  }

  onScoreEvent(event: MastraScoreEvent): void {
    if (this.#options.scores === true) {
      guard('a score of Mastra', () => noteScore(event))
      this.#submitScore(event)
    }
  }

  /** How versions before 1.10 tell a score; later ones call it where they have no better way, or besides. */
  addScoreToTrace(score: MastraTraceScore): Promise<void> {
    if (this.#options.scores === true && guard('a score of Mastra', () => isTold(score)) !== true) {
      this.#submitScore({ score })
    }
    return DONE
  }

  onFeedbackEvent(event: MastraFeedbackEvent): void {
    if (this.#options.feedback === true) {
      this.#submit(event.feedback, () => mapFeedback(event))
    }
  }

  /** Ships what has finished, in bounded time. A turn that is still running is not cut. */
  async flush(): Promise<void> {
    await this.#client().flush({ timeout: this.#options.flushTimeout })
  }

  /** Like `flush`: two instances of Mastra may share an exporter, and the client is not the exporter's to end. */
  async shutdown(): Promise<void> {
    await this.flush()
  }

  #client(): TruLayer {
    return this.#options.client ?? getClient()
  }

  #recorder(): Recorder {
    return resolveRecorder(this.#options.client)
  }

  #submitScore(event: MastraScoreEvent): void {
    this.#submit(event.score, () => mapScore(event))
  }

  #submit(
    subject: { readonly traceId?: string | undefined; readonly spanId?: string | undefined },
    verdict: () => Verdict,
  ): void {
    guard('feedback of Mastra', () => {
      const traceId = trulayerTraceId(subject, { client: this.#options.client })
      if (traceId !== undefined) {
        this.#client()
          .submitFeedback({ ...verdict(), traceId })
          .catch(ignore)
      }
    })
  }
}

const DONE = Promise.resolve()

function ignore(): void {
  // What a host hands over as feedback may be anything; what is wrong with it is not the turn's fault.
}

function spanOf(
  recorder: Recorder,
  log: { readonly traceId?: string | undefined; readonly spanId?: string | undefined },
): Run | undefined {
  recorder.settle()
  const bySpan = log.spanId === undefined ? undefined : recorder.find(runKey(log.spanId))
  const root = log.traceId === undefined ? undefined : knownTrace(log.traceId)
  return bySpan ?? (root === undefined ? undefined : recorder.find(runKey(root.spanId)))
}
