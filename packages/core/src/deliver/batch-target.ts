const LARGEST = 1024 * 1024
const SMALLEST = 4096
const TAKEN_BEFORE_GROWTH = 20

/** How large a batch should be at most, in bytes, as the service's answers teach it. */
export class BatchTarget {
  #bytes = LARGEST
  #takenInARow = 0
  #largestTaken = 0

  /** 1 MiB to start with. */
  get bytes(): number {
    return this.#bytes
  }

  /** A batch of this size was too large. */
  shrink(batchBytes: number): void {
    this.#takenInARow = 0
    if (batchBytes <= this.#largestTaken) {
      // A larger one was taken: one such answer is an accident, and only the next says that the limit has changed.
      this.#largestTaken = 0
      return
    }
    this.#bytes = Math.max(SMALLEST, Math.min(this.#bytes, Math.floor(batchBytes / 2)))
  }

  /** A batch of this size was taken; after enough of them, larger ones are tried again, since the limit may be gone. */
  grow(batchBytes: number): void {
    this.#largestTaken = Math.max(this.#largestTaken, batchBytes)
    this.#takenInARow += 1
    if (this.#takenInARow >= TAKEN_BEFORE_GROWTH) {
      this.#bytes = Math.min(LARGEST, this.#bytes * 2)
      this.#takenInARow = 0
    }
  }
}
