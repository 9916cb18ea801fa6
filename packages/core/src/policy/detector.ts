import { foldText } from './fold-text.ts'

/** A stretch of a text: from `start` up to but not including `end`. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** Finds one kind of secret, or several of one form. */
export interface Detector {
  /** The words of the markers; where the pattern has groups, one for each group. */
  readonly types: readonly string[]
  /** Global. Every quantifier over what may repeat is bounded, or what it takes is never looked at again. */
  readonly pattern: RegExp
  /**
   * Where that which the pattern hit upon begins and ends; `undefined` where it is none after all, an empty range where
   * there is none up to the end of that.
   *
   * @param floor - the end of what was found before; looking further back would make the time grow with the square
   */
  readonly locate?: (text: string, match: RegExpExecArray, floor: number) => Range | undefined
  /** What stands for it, in place of the typed marker. */
  readonly replacement?: string | undefined
}

/** A detector, and what the fields are called whose whole value is to go. */
export interface Pack {
  readonly detectors: readonly Detector[]
  readonly keys?: readonly { readonly type: string; readonly key: RegExp }[]
}

interface Finding extends Range {
  readonly type: string
  readonly replacement: string | undefined
}

/** Writes what stands for a secret. */
export type Mark = (type: string, secret: () => string) => string

/** The text with a mark in place of everything that a detector finds. What overlaps becomes one mark. */
export function replaceSecrets(text: string, detectors: readonly Detector[], mark: Mark): string {
  const folded = foldText(text)
  const findings: Finding[] = []
  for (const detector of detectors) {
    collect(folded.text, detector, findings)
  }
  if (findings.length === 0) {
    return text
  }
  let result = ''
  let end = 0
  for (const finding of merge(findings)) {
    const start = folded.position(finding.start)
    result += text.slice(end, start)
    end = folded.position(finding.end)
    result +=
      finding.replacement ?? mark(finding.type, () => folded.text.slice(finding.start, finding.end))
  }
  return result + text.slice(end)
}

function collect(text: string, detector: Detector, findings: Finding[]): void {
  const { pattern, locate, replacement } = detector
  let floor = 0
  let from = 0
  while (from <= text.length) {
    // Set each time: a function of the host's that is called meanwhile may use the same pattern.
    pattern.lastIndex = from
    const match = pattern.exec(text)
    if (match === null) {
      return
    }
    const range =
      locate === undefined
        ? { start: match.index, end: match.index + match[0].length }
        : locate(text, match, floor)
    from = Math.max(range?.end ?? 0, match.index + 1)
    if (range !== undefined && range.end > range.start) {
      const { start, end } = range
      findings.push({ start, end, type: typeOf(detector, match), replacement })
      floor = end
    }
  }
}

function typeOf({ types }: Detector, match: RegExpExecArray): string {
  if (types.length === 1) {
    return types[0] ?? 'secret'
  }
  const group = match.slice(1).findIndex((part) => part !== undefined)
  return types[group] ?? 'secret'
}

/* In order, and without overlap: a mark covers all of what runs into one another, under the name of the longest. */
function merge(findings: readonly Finding[]): Finding[] {
  const merged: Finding[] = []
  for (const finding of findings.toSorted((one, other) => one.start - other.start)) {
    const last = merged.at(-1)
    if (last === undefined || finding.start >= last.end) {
      merged.push(finding)
    } else {
      const named = lengthOf(finding) > lengthOf(last) ? finding : last
      merged[merged.length - 1] = {
        ...named,
        start: last.start,
        end: Math.max(last.end, finding.end),
      }
    }
  }
  return merged
}

function lengthOf(range: Range): number {
  return range.end - range.start
}

/** Where a run of characters ends that begins at `from`. */
export function runEnd(text: string, from: number, run: RegExp): number {
  run.lastIndex = from
  return run.exec(text) === null ? from : run.lastIndex
}

/**
 * Finds a value by the words in front of it.
 *
 * @param value - sticky
 * @param accepts - has the last word
 */
export function afterWords(
  type: string,
  words: RegExp,
  value: RegExp,
  accepts: (value: string) => boolean = () => true,
): Detector {
  return {
    types: [type],
    pattern: words,
    locate: (text, match) => {
      const start = match.index + match[0].length
      const end = runEnd(text, start, value)
      return end > start && accepts(text.slice(start, end)) ? { start, end } : undefined
    },
  }
}
