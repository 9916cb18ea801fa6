import { type Collectable, guard, isObject, onCollected } from '@trulayer/core/internal'

import { isFunction, isPromiseLike } from './guards.ts'
import type { HostFunction } from './types.ts'

/** What hears of a stream as it is read. Exactly one of the methods below `part` is called, at most. */
export interface StreamListener extends Collectable {
  /** What is recorded, for the line that tells of a fault of ours. */
  readonly what: string
  part(value: unknown): void
  done(): void
  failed(error: unknown): void
  /** The reader went away. */
  left(): void
  /** It goes on as another stream, which is not followed. */
  handedOn(): void
}

/* Of a generator, and of a reader. */
const STEPS = ['next', 'return', 'throw', 'read', 'cancel'] as const
const LEAVING: ReadonlySet<string> = new Set(['return', 'cancel'])
/* With these a stream goes on as another one, which is not followed. */
const HANDING_ON = ['pipeTo', 'pipeThrough', 'tee'] as const

/**
 * Makes a listener hear a stream that the host reads, whoever reads it. Nothing is read ahead, and the stream stays the
 * object that it is: generators are heard at their own steps, anything else at the iterators and readers that it hands out.
 *
 * The listener must not hold the stream.
 */
export function tapStream(stream: object, listener: StreamListener): void {
  const ear = new Ear(listener)
  if (isFunction(Reflect.get(stream, 'next'))) {
    tapSteps(stream, ear)
  } else {
    tapReaders(stream, Symbol.asyncIterator, ear)
    tapReaders(stream, 'getReader', ear)
    followNot(stream, ear)
  }
  onCollected(stream, ear)
}

function tapReaders(stream: object, method: PropertyKey, ear: Ear): void {
  const original: unknown = Reflect.get(stream, method)
  if (isFunction(original)) {
    define(stream, method, function makeReader(...parameters) {
      const reader = Reflect.apply(original, this, parameters)
      guard(ear.what, () => {
        if (isObject(reader)) {
          tapSteps(reader, ear)
        }
      })
      return reader
    })
  }
}

function followNot(stream: object, ear: Ear): void {
  for (const method of HANDING_ON) {
    const original: unknown = Reflect.get(stream, method)
    if (isFunction(original)) {
      define(stream, method, function handOn(...parameters) {
        ear.handedOn()
        return Reflect.apply(original, this, parameters)
      })
    }
  }
}

function tapSteps(iterator: object, ear: Ear): void {
  for (const step of STEPS) {
    const original: unknown = Reflect.get(iterator, step)
    if (isFunction(original)) {
      define(iterator, step, function take(...parameters) {
        const taken = Reflect.apply(original, this, parameters)
        return isPromiseLike(taken)
          ? taken.then(
              (result) => {
                ear.heard(step, result)
                return result
              },
              (error: unknown) => {
                ear.failed(error)
                throw error
              },
            )
          : taken
      })
    }
  }
}

function define(holder: object, key: PropertyKey, value: HostFunction): void {
  Object.defineProperty(holder, key, { value, configurable: true, writable: true })
}

class Ear implements Collectable {
  readonly what: string
  readonly #listener: StreamListener
  #isOver = false

  constructor(listener: StreamListener) {
    this.what = listener.what
    this.#listener = listener
  }

  heard(step: (typeof STEPS)[number], result: unknown): void {
    const isDone = isObject(result) && result['done'] === true
    if (LEAVING.has(step)) {
      this.#end(() => this.#listener.left())
    } else if (isDone) {
      this.#end(() => this.#listener.done())
    } else if (!this.#isOver && isObject(result)) {
      guard(this.what, () => this.#listener.part(result['value']))
    }
  }

  failed(error: unknown): void {
    this.#end(() => this.#listener.failed(error))
  }

  handedOn(): void {
    this.#end(() => this.#listener.handedOn())
  }

  collected(): void {
    this.#end(() => this.#listener.collected())
  }

  #end(tell: () => void): void {
    if (!this.#isOver) {
      this.#isOver = true
      guard(this.what, tell)
    }
  }
}
