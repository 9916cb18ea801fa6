import { startTimer, type Timer } from '../runtime/timers.ts'
import type { Circuit } from './circuit.ts'
import type { ExporterSettings } from './exporter-options.ts'
import type { DeliveryTiming } from './retry-delay.ts'
import { sendRequest, type SendOutcome } from './send-request.ts'

/** A request that may be made now. */
export interface Job {
  readonly path: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  /** Called once, before the next request is looked for. `startedAt` is by the monotonic clock. */
  readonly settle: (outcome: SendOutcome, startedAt: number) => void
}

/** What a dispatcher works for. */
export interface DispatcherOptions {
  readonly settings: ExporterSettings
  readonly timing: DeliveryTiming
  readonly circuit: Circuit
  /** The next request, if one should be made by now. */
  readonly next: (now: number) => Job | undefined
  /** When to ask again, by the monotonic clock; `undefined` when nothing waits. Asked when `next` had nothing. */
  readonly nextAt: () => number | undefined
  /** Told that nothing is open and nothing will be sent before that moment. */
  readonly onWait: (until: number) => void
  /** Told of a mistake in the code that settles; thrown on, it would end the host's process. */
  readonly onFault: (cause: unknown) => void
}

/** Makes requests: as many at once and as soon as the circuit allows. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #open = new Set<Promise<void>>()
  #abort: AbortController | undefined
  #timer: Timer | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #answered = 0
  #isStopped = false

  constructor(options: DispatcherOptions) {
    this.#options = options
  }

  /** Requests made, those that are still open included. */
  get requests(): number {
    return this.#answered + this.#open.size
  }

  /** Sends what may be sent now and sees to it that the rest is looked at in time. */
  pump(): void {
    const { circuit, timing, onWait, nextAt, onFault } = this.#options
    if (this.#isStopped) {
      return
    }
    try {
      const now = timing.now()
      const wait = circuit.wait(now)
      if (wait <= 0) {
        this.#fillLanes(now)
        // With every lane taken the next answer comes first.
        this.#wakeAt(this.#open.size < circuit.lanes ? nextAt() : undefined)
      } else {
        this.#wakeAt(now + wait)
        if (this.#open.size === 0) {
          onWait(now + wait)
        }
      }
    } catch (cause) {
      onFault(cause)
    }
  }

  /** Makes no more requests. */
  stop(): void {
    this.#isStopped = true
    this.#timer?.stop()
  }

  /** Makes no more requests and ends those that are open; resolves when they are settled. */
  async abort(): Promise<void> {
    this.stop()
    this.#abort?.abort()
    await Promise.all(this.#open)
  }

  #fillLanes(now: number): void {
    while (this.#open.size < this.#options.circuit.lanes) {
      const job = this.#options.next(now)
      if (job === undefined) {
        return
      }
      this.#send(job)
    }
  }

  #send(job: Job): void {
    const ended: Promise<void> = this.#attempt(job, () => this.#open.delete(ended)).catch(
      this.#options.onFault,
    )
    this.#open.add(ended)
  }

  async #attempt(job: Job, close: () => void): Promise<void> {
    const { settings, timing } = this.#options
    const startedAt = timing.now()
    // Made here and not with the exporter, which may be made where a runtime allows no such thing.
    this.#abort ??= new AbortController()
    const outcome = await sendRequest({
      url: settings.endpoint + job.path,
      body: job.body,
      headers: { ...settings.headers, ...job.headers },
      apiKey: settings.apiKey,
      fetch: settings.fetch,
      timeout: settings.timeout,
      signal: this.#abort.signal,
    })
    close()
    this.#answered += outcome.kind === 'unsendable' ? 0 : 1
    job.settle(outcome, startedAt)
    this.pump()
  }

  #wakeAt(at: number | undefined): void {
    if (at === undefined || at >= this.#timerAt) {
      return
    }
    this.#timer?.stop()
    this.#timerAt = at
    const wait = Math.max(0, Math.ceil(at - this.#options.timing.now()))
    this.#timer = startTimer(() => {
      this.#timerAt = Number.POSITIVE_INFINITY
      this.pump()
    }, wait)
  }
}
