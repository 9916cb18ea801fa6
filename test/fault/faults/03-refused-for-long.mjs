import assert from 'node:assert/strict'

import { drive, offerOn, onClock, words } from '../harness.mjs'
import { checkKept, outage } from '../outage.mjs'

export const what = 'refused at 1000 traces a second: what exceeds the bound goes, oldest first'

const MIB = 1024 * 1024
const input = words(4000)
const fails = (number) => number % 500 === 3

export async function short({ service, clientsOf }) {
  const { clock, core } = await onClock()
  const maxQueueBytes = 16 * MIB
  const client = clientsOf(core).make({ maxQueueBytes, redact: false })
  await service.close()
  const offered = await offerOn(clock, client, { from: 0, rate: 1000, seconds: 6, input, fails })
  const { traces } = client.stats()
  assert.deepEqual(Object.keys(traces.dropped), ['overflow'])
  assert.ok(traces.queued > 2500 && traces.queued < 5000, `${traces.queued} are kept`)
  assert.equal(client.lines.filter((line) => line.includes('dropped')).length, 1)
  await service.open()
  const took = await drive(clock, client, () => client.stats().traces.sent === traces.queued)
  assert.ok(took <= 31_000, `delivered ${took} ms after the recovery`)
  const arrived = await service.numbers()
  assert.equal(arrived.length, traces.queued)
  checkKept(arrived, { offered, fails })
}

/** 60 seconds of it by the real clock, without a spool and with one. */
export async function long(context) {
  await outage(context, { begin: (service) => service.close(), end: (service) => service.open() })
}
