import { runtimeName } from '../runtime/environment.ts'
import { startTimer, type Timer } from '../runtime/timers.ts'
import { untraced } from '../runtime/untraced.ts'
import { VERSION } from '../version.ts'
import type { Circuit } from './circuit.ts'
import { Compression } from './compression.ts'
import type { ExporterSettings } from './exporter-options.ts'
import type { DeliveryTiming } from './retry-delay.ts'
import { sendRequest, type SendOutcome } from './send-request.ts'

/** A request that may be made now. */
export interface Job {
  readonly path: string
  /** Pieces of the body, one after the other. */
  readonly body: readonly string[]
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

/**
 * Somebody who waits for delivery and sees to it. On runtimes that end our requests with the host's request that they were
 * made in, nothing is sent but for an owner, who stays until all that was sent for it is answered.
 */
export interface Owner {
  /** Whether it still waits for something, so that more may be sent for it. */
  isWaiting: boolean
}

interface Attempt {
  readonly owner: Owner | undefined
  readonly job: Job
  readonly startedAt: number
  promise: Promise<void>
}

/* Beyond its own timeout, before a request counts as lost together with its timer. */
const LOST_AFTER = 5000
/* A timer that is so late belonged to something that has ended. */
const LATE_TIMER = 1000

/** Makes requests: as many at once and as soon as the circuit allows. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #open = new Set<Attempt>()
  readonly #compression: Compression
  #abort: AbortController | undefined
  #timer: Timer | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #answered = 0
  #isWarm = false
  #isStopped = false

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#compression = new Compression(options.settings.compression)
  }

  /** Requests made, those that are still open included. */
  get requests(): number {
    return this.#answered + this.#open.size
  }

  /** Whether no request is open. */
  get isIdle(): boolean {
    return this.#open.size === 0
  }

  /** Sends what may be sent now and sees to it that the rest is looked at in time. */
  pump(owner?: Owner): void {
    const { circuit, timing, onWait, nextAt, onFault, settings } = this.#options
    if (this.#isStopped || (settings.isRequestBound && owner?.isWaiting !== true)) {
      return
    }
    try {
      const now = timing.now()
      this.#reap(now)
      const wait = circuit.wait(now)
      if (wait <= 0) {
        this.#fillLanes(now, owner)
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

  /** Whether something that was sent for this owner is not answered yet. */
  isOpenFor(owner: Owner): boolean {
    return [...this.#open].some((attempt) => attempt.owner === owner)
  }

  /** Tells that an owner cannot stay: what was sent for it may never be answered. */
  forsake(owner: Owner): void {
    for (const attempt of this.#open) {
      if (attempt.owner === owner) {
        this.#end(attempt, { kind: 'no-answer', error: new Error('no time left') })
      }
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
    await Promise.all([...this.#open].map((attempt) => attempt.promise))
  }

  #fillLanes(now: number, owner: Owner | undefined): void {
    while (this.#open.size < this.#options.circuit.lanes) {
      const job = this.#options.next(now)
      if (job === undefined) {
        return
      }
      this.#send(job, owner)
    }
  }

  #send(job: Job, owner: Owner | undefined): void {
    const attempt: Attempt = {
      owner,
      job,
      startedAt: this.#options.timing.now(),
      promise: Promise.resolve(),
    }
    this.#open.add(attempt)
    attempt.promise = this.#answer(job).then(
      (outcome) => this.#end(attempt, outcome),
      this.#options.onFault,
    )
  }

  /* Once for each attempt. */
  #end(attempt: Attempt, outcome: SendOutcome): void {
    if (!this.#open.delete(attempt)) {
      return
    }
    this.#answered += outcome.kind === 'unsendable' ? 0 : 1
    this.#isWarm = outcome.kind === 'answer'
    try {
      attempt.job.settle(outcome, attempt.startedAt)
    } catch (cause) {
      this.#options.onFault(cause)
    }
    this.pump(attempt.owner)
  }

  /* What is never answered, not even by its own timeout, would occupy its lane for good. */
  #reap(now: number): void {
    for (const attempt of this.#open) {
      if (now - attempt.startedAt > this.#options.settings.timeout + LOST_AFTER) {
        this.#end(attempt, { kind: 'no-answer', error: new Error('the request was lost') })
      }
    }
  }

  async #answer(job: Job): Promise<SendOutcome> {
    const compressed = await this.#compression.compress(job.body)
    if (compressed === undefined) {
      return await this.#request(job, job.body)
    }
    const outcome = await this.#request(job, compressed, { 'content-encoding': 'gzip' })
    return this.#compression.isRefused(outcome) ? await this.#request(job, job.body) : outcome
  }

  #request(
    job: Job,
    body: Job['body'] | Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<SendOutcome> {
    const { settings } = this.#options
    // Made here and not with the exporter, which may be made where a runtime allows no such thing.
    this.#abort ??= new AbortController()
    const sdk = `@trulayer/core/${VERSION} (${runtimeName() ?? 'unknown'})`
    const request = {
      url: settings.endpoint + job.path,
      body,
      headers: {
        'user-agent': sdk,
        'x-trulayer-sdk': sdk,
        ...settings.headers,
        ...job.headers,
        ...headers,
      },
      apiKey: settings.apiKey,
      fetch: settings.fetch,
      timeout: settings.timeout,
      isWarm: this.#isWarm,
      signal: this.#abort.signal,
    }
    return untraced(() => sendRequest(request))
  }

  #wakeAt(at: number | undefined): void {
    if (this.#options.settings.isRequestBound) {
      // Owners look by themselves.
      return
    }
    const now = this.#options.timing.now()
    // A timer that should have come long ago never will: the request of the host that started it is over (Workers).
    const isArmed = this.#timerAt > now - LATE_TIMER
    if (at === undefined || (isArmed && at >= this.#timerAt)) {
      return
    }
    this.#timer?.stop()
    this.#timerAt = at
    const wait = Math.max(0, Math.ceil(at - now))
    const wake = (): void => {
      this.#timerAt = Number.POSITIVE_INFINITY
      this.pump()
    }
    this.#timer = startTimer(wake, wait, { detached: true })
  }
}
