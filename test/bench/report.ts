/** A statement about one run that an issue demands. */
export interface Bound {
  readonly what: string
  /** What was measured and what is allowed, in the same unit. */
  readonly measured: number
  readonly atMost: number
  readonly unit: string
}

/** What one bench found. */
export interface Report {
  readonly name: string
  readonly title: string
  readonly columns: readonly string[]
  /** The contender's name first. */
  readonly rows: readonly (readonly string[])[]
  readonly notes: readonly string[]
  readonly bounds: readonly Bound[]
}

/** True where what was measured is allowed; a bound without a measurement does not hold. */
export function holds(bound: Bound): boolean {
  return bound.measured <= bound.atMost
}

/** One line for a bound, which says by how much it holds or does not. */
export function boundLine(bound: Bound): string {
  const { what, measured, atMost, unit } = bound
  const part = ((Math.abs(measured - atMost) / atMost) * 100).toFixed(0)
  const verdict = holds(bound) ? 'holds        ' : 'DOES NOT HOLD'
  const side = holds(bound) ? 'below' : 'above'
  return `${verdict}  ${what}: ${digits(measured)} ${unit}, at most ${digits(atMost)} (${part} % ${side})`
}

/** A plain table; numbers stand to the right. */
export function tableText(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const lines = [columns, ...rows]
  const widths = columns.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  )
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** A number as far as its digits say something. */
export function digits(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}
