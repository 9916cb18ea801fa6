import type { WireTrace } from '@trulayer/core/internal'

/** A span of any tracer. */
export interface PlainSpan {
  readonly id: string
  readonly parentId?: string | undefined
  readonly name: string
  readonly attributes: Readonly<Record<string, unknown>>
}

/** Our traces as spans, each trace the root of its own. */
export function spansOfTraces(traces: readonly WireTrace[]): PlainSpan[] {
  return traces.flatMap(({ id, name, spans, ...fields }) => [
    { id, name, attributes: fields },
    ...spans.map(({ id: spanId, parent_span_id: parentId, name: spanName, ...rest }) => ({
      id: spanId,
      parentId: parentId ?? id,
      name: spanName,
      attributes: rest,
    })),
  ])
}

/**
 * Spans as text, one line for each with all its attributes. Numbers of more than three digits, ids and times differ from
 * run to run and are left out; siblings are sorted, since calls at the same time may change places.
 */
export function forestOf(spans: readonly PlainSpan[]): string {
  const known = new Set(spans.map(({ id }) => id))
  const below = new Map<string | undefined, PlainSpan[]>()
  for (const span of spans) {
    const { parentId } = span
    const place = parentId !== undefined && known.has(parentId) ? parentId : undefined
    below.set(place, [...(below.get(place) ?? []), span])
  }
  const textsBelow = (parentId: string | undefined, indent: string): string[] =>
    (below.get(parentId) ?? [])
      .map((span) => [`${indent}${lineOf(span)}`, ...textsBelow(span.id, `${indent}  `)].join('\n'))
      .toSorted()
  return textsBelow(undefined, '').join('\n')
}

/* What says when or how fast something was, or which process it was in. */
const VOLATILE_KEY =
  /time|latency|duration|_at$|_ms$|\bport$|\.port|\bpid\b|process_id|per_second|ttft|uuid|sample_rand|thread\.id|elapsed|^(start|end)$|^dotted_order$/i

function lineOf({ name, attributes }: PlainSpan): string {
  const entries = Object.entries(attributes)
    .filter(([key]) => !VOLATILE_KEY.test(key))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  return stable(`${name} ${JSON.stringify(Object.fromEntries(entries), withoutVolatile)}`)
}

function withoutVolatile(key: string, value: unknown): unknown {
  return VOLATILE_KEY.test(key) ? undefined : value
}

function stable(text: string): string {
  return (
    text
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<id>')
      .replaceAll(/\b[0-9a-f]{16}(?:[0-9a-f]{16})?\b/gi, '<id>')
      .replaceAll(/\b[A-Za-z0-9]{16,}\b/g, (word) => (/\d/.test(word) ? '<id>' : word))
      // LangGraph gives a message its id after it was reported, so another tracer writes it down or not.
      .replaceAll(/,?(\\*)"id\1":\1"(run-)?<id>[^"\\]*\1"/g, '')
      .replaceAll(/127\.0\.0\.1:\d+/g, '<host>')
      .replaceAll(/\d{4,}(\.\d+)?|\d+\.\d{3,}/g, '#')
  )
}
