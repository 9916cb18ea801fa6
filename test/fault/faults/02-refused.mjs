import assert from 'node:assert/strict'

import { drive, flushOn, offerOn, onClock } from '../harness.mjs'

export const what =
  'refused for 10 s at 100 traces a second: nothing is lost, few attempts are made'

export async function short({ service, clientsOf }) {
  const { clock, core } = await onClock()
  const client = clientsOf(core).make()
  await service.close()
  const offered = await offerOn(clock, client, { from: 0, rate: 100, seconds: 10 })
  assert.equal(offered, 1000)
  const { traces, requests, state } = client.stats()
  assert.deepEqual([traces.queued, traces.dropped, state], [1000, {}, 'waiting'])
  assert.ok(requests >= 3 && requests <= 12, `${requests} attempts`)
  assert.equal(client.lines.length, 1, client.lines.join())
  await service.open()
  const took = await drive(clock, client, () => client.stats().traces.sent === 1000)
  assert.ok(took <= 31_000, `delivered ${took} ms after the recovery`)
  await flushOn(clock, client)
  assert.deepEqual(await service.numbers(), [...Array.from({ length: 1000 }).keys()])
}
