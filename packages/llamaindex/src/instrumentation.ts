import type { TruLayer } from '@trulayer/core'
import { guard, type Recorder, resolveRecorder } from '@trulayer/core/internal'

/** What is common to everything that one call of `instrumentLlamaIndex` does. */
export class Instrumentation {
  isOn = true
  readonly client: TruLayer | undefined

  constructor(client: TruLayer | undefined) {
    this.client = client
  }

  /** Asked whenever something happens, since the global client may be replaced. */
  get recorder(): Recorder {
    return resolveRecorder(this.client)
  }

  /** Does something for the record, unless this is off. What goes wrong in it stays in it. */
  record<Result>(what: string, work: (recorder: Recorder) => Result): Result | undefined {
    return this.isOn ? guard(what, () => work(this.recorder)) : undefined
  }
}
