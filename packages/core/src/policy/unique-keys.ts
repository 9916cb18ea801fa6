/** An object of entries. Where redaction has made two keys the same, the later ones are numbered, so that none is lost. */
export function fromEntries<Value>(
  entries: readonly (readonly [string, Value])[],
): Record<string, Value> {
  const taken = new Set<string>()
  const counts = new Map<string, number>()
  return Object.fromEntries(
    entries.map(([key, value]) => {
      let free = key
      // Counted on, for looking from the beginning each time would take the square of the time.
      for (let count = counts.get(key) ?? 2; taken.has(free); count += 1) {
        free = `${key} ${count}`
        counts.set(key, count + 1)
      }
      taken.add(free)
      return [free, value]
    }),
  )
}
