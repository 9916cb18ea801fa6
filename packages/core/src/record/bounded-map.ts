/**
 * A map of at most `limit` entries, which forgets the oldest: at least the newest half of that number is always there. Setting a
 * key again makes it the newest.
 *
 * Entries stand in two generations, and the older one is let go of as a whole. Taking the oldest entry out for each that
 * comes makes a large map slow, and every run of every turn passes here.
 */
export class BoundedMap<Key, Value> {
  #young = new Map<Key, Value>()
  #old = new Map<Key, Value>()
  readonly #generation: number

  constructor(limit: number) {
    this.#generation = Math.max(1, Math.floor(limit / 2))
  }

  /** What it holds, entries that a newer one has replaced included: never more than the limit. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  has(key: Key): boolean {
    return this.#young.has(key) || this.#old.has(key)
  }

  get(key: Key): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key)
  }

  set(key: Key, value: Value): void {
    // One in the older generation that is set again stays there unseen: to look for it costs more than to keep it.
    if (this.#young.size >= this.#generation && !this.#young.has(key)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }

  delete(key: Key): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }
}
