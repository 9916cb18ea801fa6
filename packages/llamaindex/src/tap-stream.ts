import { type Collectable, guard, isObject, onCollected } from '@trulayer/core/internal'

import { isFunction, isPromiseLike } from './guards.ts'
import type { HostFunction } from './types.ts'

/** What hears of a stream as it is read. Exactly one of `done`, `failed`, `left` and `collected` is called, at most. */
export interface StreamListener extends Collectable {
  /** What is recorded, for the line that tells of a fault of ours. */
  readonly what: string
  part(value: unknown): void
  done(): void
  failed(error: unknown): void
  /** The reader went away. */
  left(): void
}

const STEPS = ['next', 'return', 'throw'] as const

/**
 * Makes a listener hear a stream that the host reads, whoever reads it. Nothing is read ahead, and the stream stays the
 * object that it is: generators are heard at their own steps, anything else at the iterators that it hands out.
 *
 * The listener must not hold the stream.
 */
export function tapStream(stream: object, listener: StreamListener): void {
  const ear = new Ear(listener)
  if (isFunction(Reflect.get(stream, 'next'))) {
    tapSteps(stream, ear)
  } else {
    tapIterators(stream, ear)
  }
  onCollected(stream, ear)
}

function tapIterators(stream: object, ear: Ear): void {
  const original: unknown = Reflect.get(stream, Symbol.asyncIterator)
  if (isFunction(original)) {
    define(stream, Symbol.asyncIterator, function iterate(...parameters) {
      const iterator = Reflect.apply(original, this, parameters)
      guard(ear.what, () => {
        if (isObject(iterator)) {
          tapSteps(iterator, ear)
        }
      })
      return iterator
    })
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
    if (step === 'return') {
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
