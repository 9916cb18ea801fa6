import assert from 'node:assert/strict'

import * as core from '@trulayer/core'

import { deliver, record } from '../harness.mjs'

export const what =
  'values that cannot be read or written: each of their traces arrives, and all around'

const circular = { name: 'circle' }
circular.self = circular

const thrower = () => {
  throw new Error('not yours')
}

const hostile = new Proxy(
  {},
  { ownKeys: thrower, get: thrower, has: thrower, getPrototypeOf: thrower },
)

function deep(levels) {
  let value = 'bottom'
  for (let level = 0; level < levels; level += 1) value = { value }
  return value
}

const VALUES = {
  circular,
  bigint: { big: 10n ** 30n },
  'throwing getter': Object.defineProperty({}, 'odd', { get: thrower, enumerable: true }),
  'throwing toJSON': { toJSON: thrower },
  proxy: { hostile },
  deep: deep(20_000),
  symbol: { [Symbol('key')]: 1, symbol: Symbol('value'), function: thrower },
  numbers: { nan: Number.NaN, infinite: Infinity, zero: -0, date: new Date(Number.NaN) },
  collections: { map: new Map([[{}, 1]]), set: new Set([1]), bytes: new Uint8Array(9) },
  error: new Error('as a value', { cause: circular }),
}

export async function short({ service, clientsOf }) {
  const client = clientsOf(core).make()
  const unhandled = []
  process.on('unhandledRejection', (error) => unhandled.push(error))
  let number = 0
  for (const [name, value] of Object.entries(VALUES)) {
    await record(client, number, number + 5)
    const work = (trace) => {
      trace.setInput(value)
      trace.setMetadata({ name, value })
      trace.setOutput([value])
      return trace.span('inner', { type: 'tool', input: value, metadata: { value } }, () => value)
    }
    assert.equal(await client.trace(name, work), value)
    await record(client, number + 5, number + 10)
    number += 10
    assert.equal(await deliver(client), 11, name)
  }
  const { stored } = await service.seen()
  assert.equal(stored, 11 * Object.keys(VALUES).length)
  assert.deepEqual([client.stats().traces.dropped, unhandled], [{}, []])
  const texts = await service.texts()
  assert.ok(texts.some((text) => text.includes('[Threw: not yours]')))
}
