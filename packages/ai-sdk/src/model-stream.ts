import { forwardStream, type StreamListener } from './forward-stream.ts'
import type { ModelCall } from './model-call.ts'
import { StreamedAnswer } from './streamed-answer.ts'
import type { HostStream } from './types.ts'

/* What the SDK makes of a stream that ends without anything. Some versions show it to the program alone. */
const NO_OUTPUT = {
  name: 'AI_NoOutputGeneratedError',
  message: 'No output generated. The model stream ended without a finish chunk.',
}

/** The stream of a model's answer, heard as the SDK reads it. */
export function tapModelStream(stream: HostStream, call: ModelCall): HostStream {
  const answer = new StreamedAnswer()
  const tapped = forwardStream(stream, new ModelStreamListener(call, answer))
  call.answer = answer
  call.closeOnAbort()
  return tapped
}

class ModelStreamListener implements StreamListener {
  readonly what = 'the stream of a model'
  readonly #call: ModelCall
  readonly #answer: StreamedAnswer
  #hasWritten = false

  constructor(call: ModelCall, answer: StreamedAnswer) {
    this.#call = call
    this.#answer = answer
  }

  part(value: unknown): void {
    this.#call.touch()
    if (!this.#call.run.isOpen) {
      return
    }
    const isWritten = this.#answer.add(value)
    if (isWritten && !this.#hasWritten) {
      this.#hasWritten = true
      this.#call.noteFirstOutput()
    }
    if (this.#answer.isFinished) {
      // Not at the end of the stream: the SDK runs the tools before it asks for that.
      this.#close()
    }
  }

  done(): void {
    const { answer } = this.#call
    this.#close()
    if (
      !this.#answer.isFinished &&
      this.#answer.error === undefined &&
      answer.content.length === 0
    ) {
      this.#call.onBroken?.(NO_OUTPUT)
    }
  }

  failed(error: unknown): void {
    this.#call.fail(error)
    this.#call.onBroken?.(error)
  }

  /* The SDK gives up an attempt that failed, or its own reader went away. */
  cancelled(reason: unknown): void {
    if (this.#answer.error === undefined) {
      this.#call.leave(reason)
    } else {
      this.#close()
    }
  }

  #close(): void {
    const { error } = this.#answer
    if (error === undefined) {
      this.#call.close()
    } else {
      this.#call.fail(error.value)
    }
  }
}
