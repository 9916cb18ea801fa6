import { attributes } from '../shape/attributes.ts'
import { isReadable, type Readable } from '../shape/readable.ts'
import { cutMiddle, textBytes } from '../shape/text-bytes.ts'
import type { EncodedTrace } from './encoded-trace.ts'

/* Nobody refuses what is smaller because of its size. */
const SMALL = 8192
const TEXTS = ['input', 'output', 'error'] as const

/**
 * A trace of half the size for a service that found this one too large: its longest texts lose their middle, and say so in
 * `trulayer.truncated`. `undefined` where nothing is left to be cut.
 */
export function trimTrace(trace: EncodedTrace): EncodedTrace | undefined {
  const value: unknown = trace.bytes <= SMALL ? undefined : JSON.parse(trace.json)
  if (!isReadable(value) || !Array.isArray(value['spans'])) {
    return undefined
  }
  const spans: readonly unknown[] = value['spans']
  const sizes = [value, ...spans.filter(isReadable)].flatMap(textSizes)
  const all = sizes.reduce((sum, size) => sum + size, 0)
  const longest = fairShare(sizes, Math.max(0, all - trace.bytes / 2))
  const json = JSON.stringify({
    ...trimTexts(value, longest),
    spans: spans.map((span) => (isReadable(span) ? trimTexts(span, longest) : span)),
  })
  const bytes = textBytes(json)
  return bytes < trace.bytes * 0.9 ? { ...trace, json, bytes } : undefined
}

function textSizes(holder: Readable): number[] {
  return TEXTS.map((name) => sizeOf(holder[name]))
}

function sizeOf(value: unknown): number {
  return typeof value === 'string' ? textBytes(value) : 0
}

/* The most that each may have, so that together they have no more than `room`; what is short leaves more to the others. */
function fairShare(sizes: readonly number[], room: number): number {
  let left = room
  for (const [index, size] of sizes.toSorted((one, other) => one - other).entries()) {
    const share = left / (sizes.length - index)
    if (size > share) {
      return share
    }
    left -= size
  }
  return Number.POSITIVE_INFINITY
}

function trimTexts(holder: Readable, longest: number): Readable {
  const before = textSizes(holder).reduce((sum, size) => sum + size, 0)
  const trimmed = TEXTS.map((name) => {
    const text = holder[name]
    return [name, typeof text === 'string' ? cutMiddle(text, longest) : text] as const
  })
  const after = trimmed.reduce((sum, [, text]) => sum + sizeOf(text), 0)
  if (after >= before) {
    return holder
  }
  const metadata = isReadable(holder['metadata']) ? holder['metadata'] : {}
  return {
    ...holder,
    ...Object.fromEntries(trimmed),
    metadata: { ...metadata, [attributes.truncated]: `${before} bytes to ${after}` },
  }
}
