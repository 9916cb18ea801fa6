import assert from 'node:assert/strict'

import { deliver, drive, idOf, onClock, record } from '../harness.mjs'

export const what = 'what an answer leaves out is sent once more, and what is known already counts'

export async function short({ service, clientsOf }) {
  const { clock, core } = await onClock()
  const client = clientsOf(core).make({ batchSize: 100 })
  await service.rules({ reply: { kind: 'take', leaveOut: 3 }, times: 1 })
  await record(client, 0, 100)
  assert.equal(await deliver(client, clock), 100)
  let { requests } = await service.seen()
  assert.deepEqual(
    requests.map(({ traces }) => traces),
    [100, 3],
  )

  // Stored, but the answer is lost: the repeat is told that all of it is known.
  await service.rules({ reply: { kind: 'take-and', reply: { kind: 'hang' } }, times: 1 })
  await record(client, 100, 150)
  clock.advance(2000)
  await service.until(({ hanging }) => hanging === 1)
  clock.advance(10_001)
  await drive(clock, client, () => client.stats().traces.sent === 150)
  assert.deepEqual(client.stats().traces.dropped, {})
  ;({ requests } = await service.seen())
  assert.equal(requests.at(-1).status, 409)
  assert.equal((await service.seen()).stored, 150)

  // In answer to a first attempt it is another trace's id, which is told.
  await service.rules({ reply: { kind: 'answer', status: 409 }, contains: idOf(160) })
  await record(client, 159, 163)
  await deliver(client, clock)
  assert.equal(client.stats().traces.sent, 153)
  assert.deepEqual(client.stats().traces.dropped, { duplicate_id: 1 })
}
