import type { FinishedSpan, FinishedTrace } from './trace.ts'
import { typeName } from './check-options.ts'
import { isList, isRecord, read } from './read.ts'
import { TruLayerError } from './trulayer-error.ts'
import type { Usage } from './usage.ts'

/**
 * A trace as text: one line for the trace and one for each span, with kind, name, status, tokens and, for what failed,
 * the error. Ids and times are left out, so that equal turns give equal text.
 *
 * Siblings stand in order of start; those of one kind that overlap in time, by name and then by input, for which of them
 * starts first is chance.
 *
 * @throws TruLayerError `invalid-argument` for what is not a trace, such as a promise of one
 * @example
 * ```text
 * support · ok · 20 in, 10 out
 * ├─ llm chat gpt-4o-mini · ok · 10 in, 5 out
 * ├─ tool calculator · ok
 * └─ llm chat gpt-4o-mini · ok · 10 in, 5 out
 * ```
 */
export function spanTree(trace: FinishedTrace): string {
  if (!isRecord(trace) || !isList(trace.spans)) {
    throw traceError(trace)
  }
  const total = sumOf(trace.spans.map((span) => span.usage))
  const children = childrenByParent(trace.spans)
  const lines = [line(trace.name, trace.status, trace.error, total)]
  const write = (parentId: string | undefined, indent: string): void => {
    const siblings = inStableOrder(children.get(parentId) ?? [])
    for (const [index, span] of siblings.entries()) {
      const isLast = index === siblings.length - 1
      lines.push(
        `${indent}${isLast ? '└─' : '├─'} ${line(`${span.type} ${span.name}`, span.status, span.error, span.usage)}`,
      )
      write(span.id, `${indent}${isLast ? '   ' : '│  '}`)
    }
  }
  write(undefined, '')
  return lines.join('\n')
}

function traceError(value: unknown): TruLayerError {
  const isPromise = typeof read(value, 'then') === 'function'
  return new TruLayerError(
    'invalid-argument',
    `spanTree() needs a finished trace, not ${isPromise ? 'a promise' : typeName(value)}: \`spanTree(await capture.last())\`.`,
  )
}

function line(
  title: string,
  status: string,
  error: string | undefined,
  usage: Usage | undefined,
): string {
  const outcome = error === undefined ? status : `${status} (${oneLine(error).slice(0, 120)})`
  return [oneLine(title), outcome, tokens(usage)].filter((part) => part !== '').join(' · ')
}

/* Names come from the host and trees are printed to logs, where a line break could forge a line. */
function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ')
}

function tokens(usage: Usage | undefined): string {
  const parts = [
    usage?.promptTokens === undefined ? undefined : `${usage.promptTokens} in`,
    usage?.completionTokens === undefined ? undefined : `${usage.completionTokens} out`,
  ]
  return parts.filter((part) => part !== undefined).join(', ')
}

function sumOf(usages: readonly (Usage | undefined)[]): Usage {
  const sum = (key: 'promptTokens' | 'completionTokens'): number | undefined => {
    const known = usages.flatMap((usage) => usage?.[key] ?? [])
    return known.length === 0 ? undefined : known.reduce((total, count) => total + count, 0)
  }
  return { promptTokens: sum('promptTokens'), completionTokens: sum('completionTokens') }
}

/* A span whose parent is not in the trace stands at the top: better shown than lost. */
function childrenByParent(spans: readonly FinishedSpan[]): Map<string | undefined, FinishedSpan[]> {
  const ids = new Set(spans.map((span) => span.id))
  const children = new Map<string | undefined, FinishedSpan[]>()
  for (const span of spans) {
    const parent = span.parentId !== undefined && ids.has(span.parentId) ? span.parentId : undefined
    const siblings = children.get(parent)
    if (siblings === undefined) {
      children.set(parent, [span])
    } else {
      siblings.push(span)
    }
  }
  return children
}

function inStableOrder(siblings: readonly FinishedSpan[]): FinishedSpan[] {
  const byStart = siblings.toSorted((one, other) => one.startedAt - other.startedAt)
  const groups: FinishedSpan[][] = []
  let end = Number.NEGATIVE_INFINITY
  for (const span of byStart) {
    const group = groups.at(-1)
    if (group !== undefined && group[0]?.type === span.type && span.startedAt < end) {
      group.push(span)
      end = Math.max(end, span.endedAt)
    } else {
      groups.push([span])
      end = span.endedAt
    }
  }
  return groups.flatMap((group) => group.toSorted(byNameThenInput))
}

function byNameThenInput(one: FinishedSpan, other: FinishedSpan): number {
  return (
    compare(one.name, other.name) ||
    compare(JSON.stringify(one.input) ?? '', JSON.stringify(other.input) ?? '')
  )
}

/* By code unit, so that no locale changes the order. */
function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1
}
