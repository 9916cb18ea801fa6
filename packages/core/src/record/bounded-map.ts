/** A map that forgets its oldest entries beyond a number of them. Setting a key again makes it the newest. */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, Value>()
  /*
   * Stands before the oldest entry and stays valid as entries come and go. A new iterator each time would walk over all
   * that was deleted at the front before.
   */
  readonly #oldest = this.#entries.keys()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#entries.size
  }

  has(key: Key): boolean {
    return this.#entries.has(key)
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key)
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size > this.#limit) {
      const oldest = this.#oldest.next()
      if (oldest.done !== true) {
        this.#entries.delete(oldest.value)
      }
    }
  }

  delete(key: Key): void {
    this.#entries.delete(key)
  }
}
