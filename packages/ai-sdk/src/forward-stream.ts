import { captureContext, guard, type RunInContext } from '@trulayer/core/internal'

import type { HostStream } from './types.ts'

/** What hears of a stream as it goes by. Exactly one of `done`, `failed` and `cancelled` is called, at most. */
export interface StreamListener {
  /** What is recorded, for the line that tells of a fault of ours. */
  readonly what: string
  part(value: unknown): void
  done(): void
  failed(error: unknown): void
  /** The reader went away, for a reason of its own. */
  cancelled(reason: unknown): void
}

/**
 * The same stream with a listener. It reads nothing ahead: a part is asked for when the reader asks, and the reader's
 * cancellation goes through.
 */
export function forwardStream(stream: HostStream, listener: StreamListener): HostStream {
  return new ReadableStream(new ForwardSource(stream, listener), { highWaterMark: 0 })
}

class ForwardSource implements UnderlyingDefaultSource<unknown> {
  readonly #reader: ReadableStreamDefaultReader<unknown>
  readonly #listener: StreamListener
  /*
   * The async context that the stream was returned in. A part that is enqueued runs what the SDK has piped behind it, tools
   * among it, in the context of whoever enqueues it. For a provider's stream that is the context of the model call, where
   * another tracer has its span; here it would be that of the reader, as `pull` is called by it.
   */
  readonly #inside: RunInContext | undefined = captureContext()
  #isOver = false

  constructor(stream: HostStream, listener: StreamListener) {
    this.#reader = stream.getReader()
    this.#listener = listener
  }

  pull(controller: ReadableStreamDefaultController<unknown>): Promise<void> {
    return this.#reader.read().then(
      (chunk) =>
        this.#inside === undefined
          ? this.#pass(chunk, controller)
          : this.#inside(() => this.#pass(chunk, controller)),
      // The rejection of `pull` is the error of the stream, the very same object.
      (error: unknown) => this.#fail(error),
    )
  }

  cancel(reason: unknown): Promise<void> {
    this.#end(() => this.#listener.cancelled(reason))
    return this.#reader.cancel(reason)
  }

  #pass(
    chunk: ReadableStreamReadResult<unknown>,
    controller: ReadableStreamDefaultController<unknown>,
  ): void {
    if (this.#isOver) {
      // Cancelled while the part was on its way: the controller takes nothing any more.
      return
    }
    if (chunk.done) {
      this.#end(() => this.#listener.done())
      controller.close()
      return
    }
    guard(this.#listener.what, () => this.#listener.part(chunk.value))
    controller.enqueue(chunk.value)
  }

  #fail(error: unknown): never {
    this.#end(() => this.#listener.failed(error))
    throw error
  }

  #end(tell: () => void): void {
    if (!this.#isOver) {
      this.#isOver = true
      guard(this.#listener.what, tell)
    }
  }
}
