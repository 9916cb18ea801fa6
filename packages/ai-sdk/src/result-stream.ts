import {
  type Collectable,
  guard,
  isObject,
  monotonicClock,
  onCollected,
  reasons,
  startTimer,
} from '@trulayer/core/internal'

import { forwardStream, type StreamListener } from './forward-stream.ts'
import type { Operation } from './operation.ts'
import { ReceivedText } from './received-text.ts'
import { fieldOf, isFunction, isPromiseLike, isResponse, isStream } from './types.ts'

/**
 * Follows the readers of a streamed result and ends the operation with them. Every way to consume a result goes through
 * its `teeStream`, so that is where readers are counted; nothing of the result is read here, for that would drain it. A
 * result of another shape, as a mocked function returns it, has no readers to wait for.
 *
 * Another tracer below ours may read the same result to its end. Only the readers of the program decide whether the stream
 * was left.
 *
 * @returns what the program gets in place of the result, if anything
 */
export function followResult(result: unknown, operation: Operation): object | undefined {
  const teeStream = fieldOf(result, 'teeStream')
  if (!isObject(result) || !isFunction(teeStream)) {
    operation.endUnfollowed()
    return undefined
  }
  const readers = new Readers(operation, new ReceivedText())
  const access = STREAMS.some((key) => Object.hasOwn(result, key)) ? new Access() : undefined
  onCollected(result, readers)
  Object.defineProperty(result, 'teeStream', {
    value(this: unknown): unknown {
      const branch = Reflect.apply(teeStream, this, [])
      const isProgram = access?.isUnderWay ?? !isInside(operation)
      return isProgram && isStream(branch) ? readers.add(branch) : branch
    },
    configurable: true,
    writable: true,
  })
  return access === undefined ? undefined : accessibleBy(access, result)
}

/* What another tracer reads it mostly reads inside the operation, where the program is not. */
function isInside({ recorder, run }: Operation): boolean {
  return recorder.active()?.isInside(run) === true
}

/*
 * The streams of the SDK's results are those of the class. A tracer that has put its own on the result (Braintrust) reads
 * them wherever the program reads or leaves: there the program gets a stand-in, whose use is distinguished from that of the
 * result itself.
 */
class Access {
  isUnderWay = false

  run<Result>(work: () => Result): Result {
    const before = this.isUnderWay
    this.isUnderWay = true
    try {
      return work()
    } finally {
      this.isUnderWay = before
    }
  }
}

/*
 * What is assigned goes to the result itself, which lives no longer than the turn: its methods must see it. Braintrust
 * replaces `baseStream` of the results of agents once more above ours, and has locked the former one by then.
 */
function accessibleBy(access: Access, result: object): object {
  return new Proxy(result, {
    get: (target, key) =>
      access.run(() => {
        const value: unknown = Reflect.get(target, key)
        return isFunction(value) && key !== 'constructor' && !isFixed(target, key)
          ? (...parameters: unknown[]) => access.run(() => Reflect.apply(value, target, parameters))
          : value
      }),
    set: (target, key, value) => Reflect.set(target, key, value),
  })
}

/* A proxy must return such a value as it is. */
function isFixed(target: object, key: PropertyKey): boolean {
  const property = Reflect.getOwnPropertyDescriptor(target, key)
  return property?.configurable === false && property.writable === false
}

/**
 * Follows the one reader of a streamed object. Its result hands out `baseStream`, in the oldest versions that of its
 * `stitchableStream`, and can be read once.
 */
export function followObjectResult(result: unknown, operation: Operation): void {
  const stitched = fieldOf(result, 'stitchableStream')
  const [holder, key] = isObject(stitched) ? [stitched, 'stream'] : [result, 'baseStream']
  const stream = fieldOf(holder, key)
  if (!isObject(result) || !isObject(holder) || !isStream(stream)) {
    return operation.endUnfollowed()
  }
  const readers = new Readers(operation)
  onCollected(result, readers)
  Reflect.set(holder, key, readers.add(stream))
}

/* What such a result hands out to be read. */
const STREAMS = ['stream', 'fullStream', 'textStream', 'partialOutputStream', 'elementStream']
const STREAM_METHODS = [
  'toUIMessageStream',
  'toUIMessageStreamResponse',
  'toTextStreamResponse',
  'consumeStream',
  'pipeUIMessageStreamToResponse',
  'pipeTextStreamToResponse',
]

/**
 * Follows the one reader of a result that keeps nothing (`experimental_streamTextLowMemory`). It stands before the result
 * itself, which is out of reach, so what it hands out is followed.
 */
export function followSingleReader(result: unknown, operation: Operation): unknown {
  if (!isObject(result)) {
    operation.endUnfollowed()
    return undefined
  }
  const readers = new Readers(operation, new ReceivedText())
  const follow = (value: unknown): unknown => followValue(value, readers, operation)
  const properties: PropertyDescriptorMap = {}
  for (const key of STREAMS) {
    const own = Object.getOwnPropertyDescriptor(result, key)
    const read: unknown = fieldOf(own, 'get')
    if (isFunction(read)) {
      properties[key] = { ...own, get: () => follow(Reflect.apply(read, result, [])) }
    }
  }
  for (const key of STREAM_METHODS) {
    const own = Object.getOwnPropertyDescriptor(result, key)
    const method: unknown = own?.value
    if (isFunction(method)) {
      properties[key] = {
        ...own,
        value: (...parameters: unknown[]) => follow(Reflect.apply(method, result, parameters)),
      }
    }
  }
  Object.defineProperties(result, properties)
  onCollected(result, readers)
  return undefined
}

function followValue(value: unknown, readers: Readers, operation: Operation): unknown {
  if (isStream(value)) {
    return readers.add(value)
  }
  if (isResponse(value) && value.body !== null) {
    return new Response(readers.add(value.body), value)
  }
  if (isPromiseLike(value)) {
    value.then(
      () => guard('the reader of a stream', () => operation.endRead()),
      () => guard('the reader of a stream', () => operation.endRead()),
    )
  }
  return value
}

/* All readers of one result. Held by the registry, so it must know neither the result nor its streams. */
class Readers implements Collectable {
  readonly #operation: Operation
  readonly #received: ReceivedText | undefined
  /** Streams that somebody may still read. */
  #open = 0
  #hasLeft = false
  #isResultGone = false
  #error: { readonly value: unknown } | undefined
  #abort: { readonly message: unknown } | undefined
  #isFinished = false

  constructor(operation: Operation, received?: ReceivedText) {
    this.#operation = operation
    this.#received = received
  }

  add(stream: ReadableStream<unknown>): ReadableStream<unknown> {
    const reader = new Reader(this)
    const forwarded = forwardStream(stream, reader)
    this.#open += 1
    onCollected(forwarded, reader)
    return forwarded
  }

  part(value: unknown, index: number): void {
    this.#operation.touch()
    const part = fieldOf(value, 'part') ?? value
    this.#operation.notePart(part)
    if (this.#received !== undefined) {
      this.#received.add(part, index)
      this.#operation.noteReceived(this.#received.text)
    }
    switch (fieldOf(part, 'type')) {
      case 'error':
        this.#error ??= { value: fieldOf(part, 'error') }
        break
      case 'abort':
        this.#abort ??= { message: fieldOf(part, 'reason') }
        break
      case 'finish':
        this.#isFinished = true
        break
      default:
    }
  }

  done(): void {
    if (this.#error !== undefined) {
      this.#operation.fail(this.#error.value)
    } else if (this.#abort !== undefined) {
      this.#operation.endStopped(this.#abort.message)
    } else {
      this.#operation.endRead()
    }
  }

  failed(error: unknown): void {
    this.#operation.fail(error)
  }

  /* A reader left. The program may go on with another one, `await result.usage` after a `break`, so wait a moment. */
  left(): void {
    this.#open -= 1
    this.#hasLeft = true
    const leftAt = monotonicClock()
    startTimer(() => guard('a stream that was left', () => this.#endIfNobodyReads(leftAt)), 0, {
      keepAlive: true,
    })
  }

  /* A stream was collected before its end. */
  lost(): void {
    this.#open -= 1
    this.#endIfAllGone()
  }

  collected(): void {
    this.#isResultGone = true
    this.#endIfAllGone()
  }

  #endIfNobodyReads(leftAt: number): void {
    if (this.#open > 0) {
      return
    }
    if (this.#isFinished || this.#abort !== undefined || this.#error !== undefined) {
      this.done()
    } else {
      this.#operation.cancel(reasons.readerLeft, leftAt)
    }
  }

  #endIfAllGone(): void {
    if (this.#open > 0 || !this.#isResultGone) {
      return
    }
    if (this.#hasLeft) {
      this.#operation.cancel(reasons.readerLeft)
    } else {
      this.#operation.end({ status: 'incomplete', reason: reasons.neverRead })
    }
  }
}

class Reader implements StreamListener, Collectable {
  readonly what = 'the readers of a stream'
  readonly #readers: Readers
  #partCount = 0
  #isOver = false

  constructor(readers: Readers) {
    this.#readers = readers
  }

  part(value: unknown): void {
    this.#readers.part(value, this.#partCount)
    this.#partCount += 1
  }

  done(): void {
    this.#isOver = true
    this.#readers.done()
  }

  failed(error: unknown): void {
    this.#isOver = true
    this.#readers.failed(error)
  }

  cancelled(): void {
    this.#isOver = true
    this.#readers.left()
  }

  collected(): void {
    if (!this.#isOver) {
      this.#readers.lost()
    }
  }
}
