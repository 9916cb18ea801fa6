import { attributes } from '../shape/attributes.ts'
import { type Fields, isObject } from '../shape/read.ts'
import { cutMiddle, textBytes } from '../shape/text-bytes.ts'
import type { EncodedTrace } from './encoded-trace.ts'

/* Nobody refuses what is smaller because of its size. */
const SMALL = 8192
const SHORT = 512
/* Less gained is not worth another request. */
const WORTH_IT = 0.9

/**
 * A trace of about half the size for a service that found this one too large: its long texts lose their middle, and say so
 * in `trulayer.truncated`. `undefined` where nothing is left to be cut.
 */
export function trimTrace(trace: EncodedTrace): EncodedTrace | undefined {
  const value: unknown = trace.bytes <= SMALL ? undefined : JSON.parse(trace.json)
  if (!isObject(value) || !Array.isArray(value['spans'])) {
    return undefined
  }
  const spans: readonly unknown[] = value['spans']
  const json = JSON.stringify({ ...trimTexts(value), spans: spans.map(trimTexts) })
  const bytes = textBytes(json)
  return bytes < trace.bytes * WORTH_IT ? { ...trace, json, bytes } : undefined
}

function trimTexts(holder: unknown): Fields {
  if (!isObject(holder)) {
    return {}
  }
  let before = 0
  let after = 0
  const texts: Record<string, unknown> = {}
  for (const name of ['input', 'output', 'error']) {
    const text = holder[name]
    if (typeof text === 'string') {
      const bytes = textBytes(text)
      const trimmed = bytes > SHORT ? cutMiddle(text, bytes / 2) : text
      texts[name] = trimmed
      before += bytes
      after += textBytes(trimmed)
    }
  }
  const metadata = isObject(holder['metadata']) ? holder['metadata'] : {}
  const mark = { [attributes.truncated]: `${before} bytes to ${after}` }
  return after < before ? { ...holder, ...texts, metadata: { ...metadata, ...mark } } : holder
}
