/* Records a trace before a signal and one after it, without a listener of its own. */
import assert from 'node:assert/strict'

import { TruLayer } from '@trulayer/core'

import { until } from '../harness.mjs'

const { options } = JSON.parse(process.argv[2])
assert.equal(process.pid, 1)
const client = new TruLayer({ flushInterval: 3_600_000, ...options })

await client.trace('before the signal', () => 1)
console.log('ready')
// Keeps the process alive, which the timers of the client do not.
setInterval(() => {}, 1000)
// The signal has arrived when the first trace is delivered.
await until(() => client.stats().traces.sent === 1)
await client.trace('after the signal', () => 1)
const { delivered } = await client.flush({ timeout: 60_000 })
assert.equal(delivered, 1, JSON.stringify(client.stats()))
console.log('delivered')
