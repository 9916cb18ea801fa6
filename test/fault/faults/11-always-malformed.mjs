import assert from 'node:assert/strict'

import * as core from '@trulayer/core'

import { LONG, record } from '../harness.mjs'

export const what = '400 always: all are dropped, after a short search and then one request a batch'

export async function short({ service, clientsOf }) {
  const client = clientsOf(core).make({ batchSize: 100 })
  const reply = { kind: 'answer', status: 400, body: { error: 'no such version' } }
  await service.rules({ reply })
  await record(client, 0, 100)
  await client.flush(LONG)
  const { length: first } = (await service.seen()).requests
  assert.ok(first <= 24, `${first} requests for the first batch`)
  for (let round = 1; round <= 4; round += 1) {
    await record(client, round * 100, round * 100 + 100)
    await client.flush(LONG)
    assert.equal((await service.seen()).requests.length, first + round)
  }
  assert.deepEqual(client.stats().traces.dropped, { rejected: 500 })
  const lines = client.lines.filter((line) => line.includes('no such version'))
  assert.equal(lines.length, 1, client.lines.join())
}
