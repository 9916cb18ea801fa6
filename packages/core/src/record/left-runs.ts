/** Runs of one trace, by their keys. */
interface LeftTurn {
  readonly traceId: string
  readonly keys: readonly string[]
}

/* Turns are noted as they come, and become entries of a map once somebody asks. */
interface Generation {
  readonly noted: LeftTurn[]
  readonly traceIds: Map<string, string>
  count: number
}

/**
 * Which trace a run went into that has left. At least the newest half of `limit` runs is remembered; more than `limit` only
 * for the sake of one large trace.
 *
 * Every run of every turn passes here, and next to none is ever asked for. To put each into a large map would cost more
 * than all else that is done when a trace leaves.
 */
export class LeftRuns {
  #young = beginGeneration()
  #old = beginGeneration()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = Math.max(1, Math.floor(limit / 2))
  }

  /** Adds runs of a trace that has left. */
  add(traceId: string, keys: readonly string[]): void {
    if (this.#young.count >= this.#limit) {
      this.#old = this.#young
      this.#young = beginGeneration()
    }
    this.#young.noted.push({ traceId, keys })
    this.#young.count += keys.length
  }

  /** The id of the trace that the run with that key went into. */
  traceIdOf(key: string): string | undefined {
    return find(this.#young, key) ?? find(this.#old, key)
  }
}

function beginGeneration(): Generation {
  return { noted: [], traceIds: new Map(), count: 0 }
}

function find({ noted, traceIds }: Generation, key: string): string | undefined {
  for (const { traceId, keys } of noted) {
    for (const left of keys) {
      traceIds.set(left, traceId)
    }
  }
  noted.length = 0
  return traceIds.get(key)
}
