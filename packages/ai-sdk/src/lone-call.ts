import { resolveRecorder, type Recorder, type Run } from '@trulayer/core/internal'
import type { TruLayer } from '@trulayer/core'

import type { CallOwner, ModelCallFields } from './operation.ts'

/** The owner of a model call that no operation of the SDK is known of: it stands for itself, below whatever is active. */
export class LoneCallOwner implements CallOwner {
  readonly hidesSignal = false
  readonly recorder: Recorder
  readonly #isStream: boolean
  #run: Run | undefined

  constructor(client: TruLayer | undefined, isStream: boolean) {
    this.recorder = resolveRecorder(client)
    this.#isStream = isStream
  }

  startModelCall(fields: ModelCallFields): Run | undefined {
    this.#run = this.recorder.start({ ...fields, type: 'llm', held: this.#isStream })
    return this.#run
  }

  addOpenCall(): void {}

  endModelCall(): void {}

  touch(): void {
    this.recorder.touch(this.#run)
  }
}
