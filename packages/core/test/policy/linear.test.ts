import { describe, expect, test } from 'vitest'
import { Redactor } from '../../src/index.ts'
import { redactTrace } from '../../src/policy/redaction.ts'
import type { JsonValue } from '../../src/shape/json.ts'
import { fill, HOSTILE } from '../../../../test/bench/hostile.ts'
import { traceOf } from './planted-fields.ts'

const redactor = new Redactor({ packs: ['secrets', 'strict', 'phi', 'finance'] })
const SMALL = 40_000
const TIMES = 8
/* What grows with the square takes 64 times as long. */
const MOST = 30
/* Short enough at this size to be no danger at any. */
const HARMLESS = 20

/* Time of the processor, the least of some runs: neither another program nor a collection of garbage counts. */
function millisecondsOf(work: () => unknown): number {
  const times = Array.from({ length: 3 }, () => {
    const start = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1000
  })
  return Math.min(...times)
}

/* How often the time for a text goes into that for eight times as much. */
function growthOf(redact: (size: number) => unknown): number {
  const small = millisecondsOf(() => redact(SMALL))
  const large = millisecondsOf(() => redact(SMALL * TIMES))
  return large < HARMLESS ? 0 : large / small
}

/* What is hard on our own ways through a value. */
const VALUES: Readonly<Record<string, (size: number) => JsonValue>> = {
  'lists that do not end': (size) => fill('[', size),
  'lists in lists': (size) => `${fill('[', size / 2)}""${fill(']', size / 2)}`,
  'quotes alone': (size) => fill('"', size),
  'escaped quotes': (size) => `["${fill('\\"', size)}"]`,
  backslashes: (size) => `["${fill('\\\\', size)}"]`,
  'empty strings': (size) => JSON.stringify(Array.from({ length: size / 3 }, () => '')),
  'strings and spaces': (size) => `[${fill('"",  \t', size).replace(/[^"]*$/, '')}]`,
  'a long number': (size) => `["",${fill('1', size)}]`,
  'long numbers': (size) => `["",${fill('1234567890,', size)}1]`,
  'numbers under a telling key': (size) => `{"password":[${fill('1,', size)}1]}`,
  'JSON in JSON': (size) => JSON.stringify(JSON.stringify(JSON.stringify(fill('"a@', size / 8)))),
  'keys that become one mark': (size) =>
    Object.fromEntries(Array.from({ length: size / 40 }, (_, index) => [`a${index}@b.co`, 1])),
  'parts of one letter': (size) => partsOf(size / 8, () => 'a'),
  'parts with a secret each, cut': (size) => partsOf(size / 40, (index) => `a${index}@b.co`),
  'objects in objects': (size) => {
    let value: JsonValue = 1
    for (let depth = 0; depth < 400; depth += 1) {
      value = { [`key${depth}`]: value, text: fill('a', size / 400) }
    }
    return value
  },
}

function partsOf(count: number, content: (index: number) => string): JsonValue {
  const parts = Array.from({ length: count }, (_, index) => ({
    type: 'text',
    content: content(index),
  }))
  return [{ role: 'user', parts }]
}

describe('eight times the text takes no more than eight times as long, or little more', () => {
  test.each(Object.entries(HOSTILE))('%s', (_, piece) => {
    expect(growthOf((size) => redactor.redact(fill(piece, size)))).toBeLessThan(MOST)
  })

  test.each(Object.entries(VALUES))('%s', (_, make) => {
    const values = new Map([SMALL, SMALL * TIMES].map((size) => [size, make(size)]))
    const growth = growthOf((size) => redactTrace(traceOf({ input: values.get(size) }), redactor))
    expect(growth).toBeLessThan(MOST)
  })
})
