import { fieldOf } from './types.ts'

/**
 * The text of the latest step as the readers of a stream receive it. Transforms of the program may have changed what the
 * model wrote. All readers of a result receive the same parts, so each part counts once, for the reader that is ahead.
 */
export class ReceivedText {
  #partCount = 0
  #text: string | undefined

  /** `undefined` until a step has begun. */
  get text(): string | undefined {
    return this.#text
  }

  /** Adds the part that a reader has received after `index` others. */
  add(part: unknown, index: number): void {
    if (index < this.#partCount) {
      return
    }
    this.#partCount += 1
    switch (fieldOf(part, 'type')) {
      case 'start-step':
      case 'step-start':
        this.#text = ''
        break
      case 'text-delta': {
        // Version 4 has the first name, later ones the second, and messages of a user interface the third.
        const text = fieldOf(part, 'textDelta') ?? fieldOf(part, 'text') ?? fieldOf(part, 'delta')
        this.#text = (this.#text ?? '') + (typeof text === 'string' ? text : '')
        break
      }
      default:
        // Streams of text alone.
        if (typeof part === 'string') {
          this.#text = (this.#text ?? '') + part
        }
    }
  }
}
