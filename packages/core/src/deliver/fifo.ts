const WORTH_COMPACTING = 1024

/** A first-in-first-out list that removes from its front without moving what stays. */
export class Fifo<Item> {
  #items: (Item | undefined)[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  /** The oldest item, which stays. */
  peek(): Item | undefined {
    return this.#items[this.#head]
  }

  /** Takes the oldest item out. */
  shift(): Item | undefined {
    const item = this.#items[this.#head]
    if (this.length > 0) {
      // Cleared at once, since the list itself is compacted only now and then.
      this.#items[this.#head] = undefined
      this.#head += 1
      this.#compact()
    }
    return item
  }

  /* Copies at most as many items as were removed since the last time. */
  #compact(): void {
    if (this.length === 0) {
      this.#items = []
      this.#head = 0
    } else if (this.#head >= WORTH_COMPACTING && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
  }

  *[Symbol.iterator](): Generator<Item> {
    for (let index = this.#head; index < this.#items.length; index += 1) {
      const item = this.#items[index]
      if (item !== undefined) {
        yield item
      }
    }
  }
}
