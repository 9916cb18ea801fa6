import type { TruLayer } from '@trulayer/core'
import { guard, type Recorder, resolveRecorder, type Run } from '@trulayer/core/internal'

/** A run, and the recorder that it is told to until its end, whatever becomes of the client meanwhile. */
export interface OpenRun {
  readonly recorder: Recorder
  readonly run: Run
}

/** Whoever records what a wrapped method does. */
export interface Recording {
  /** Begins a record, unless nothing is recorded. What goes wrong in it stays in it. */
  record<Result>(what: string, work: (recorder: Recorder) => Result): Result | undefined
}

/** What is common to everything that one call of `instrumentLlamaIndex` does. */
export class Instrumentation implements Recording {
  isOn = true
  readonly #client: TruLayer | undefined

  constructor(client: TruLayer | undefined) {
    this.#client = client
  }

  /** Asked whenever something happens, since the global client may be replaced. */
  get recorder(): Recorder {
    return resolveRecorder(this.#client)
  }

  record<Result>(what: string, work: (recorder: Recorder) => Result): Result | undefined {
    return this.isOn ? guard(what, () => work(this.recorder)) : undefined
  }
}

/** Everybody who has wrapped the same method. The first that is on records. */
export class SharedRecording implements Recording {
  #instrumentations: readonly Instrumentation[] = []

  add(instrumentation: Instrumentation): void {
    const others = this.#instrumentations.filter((one) => one.isOn && one !== instrumentation)
    this.#instrumentations = [...others, instrumentation]
  }

  record<Result>(what: string, work: (recorder: Recorder) => Result): Result | undefined {
    return this.#instrumentations.find(({ isOn }) => isOn)?.record(what, work)
  }
}

/** A run with its recorder; `undefined` for one that is not recorded. */
export function openRun(recorder: Recorder, run: Run | undefined): OpenRun | undefined {
  return run === undefined ? undefined : { recorder, run }
}
