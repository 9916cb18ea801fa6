/** Samples of one run, in the order in which they were taken. */
export interface Samples {
  readonly values: readonly number[]
  readonly median: number
  /** The first and the third quartile. */
  readonly quartiles: readonly [number, number]
}

/** The middle of the samples and how far they lie apart. */
export function summary(values: readonly number[]): Samples {
  return {
    values,
    median: quantile(values, 0.5),
    quartiles: [quantile(values, 0.25), quantile(values, 0.75)],
  }
}

/** What `one` takes more than `other`, round by round: what slowed the machine in a round slowed both. */
export function difference(one: Samples, other: Samples): Samples {
  return summary(one.values.map((value, index) => value - (other.values[index] ?? Number.NaN)))
}

/** How often `other` goes into `one`, round by round. */
export function ratio(one: Samples, other: Samples): Samples {
  return summary(one.values.map((value, index) => value / (other.values[index] ?? Number.NaN)))
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  const place = (sorted.length - 1) * part
  const low = sorted[Math.floor(place)] ?? Number.NaN
  const high = sorted[Math.ceil(place)] ?? Number.NaN
  return low + (high - low) * (place - Math.floor(place))
}
