import assert from 'node:assert/strict'

import * as core from '@trulayer/core'

import { deliver, record } from '../harness.mjs'

export const what = '400 for any batch with one bad trace: that one alone is dropped'

export async function short({ service, clientsOf }) {
  const client = clientsOf(core).make({ batchSize: 100 })
  const reply = { kind: 'answer', status: 400, body: { error: 'no name' } }
  await service.rules({ reply, contains: 'question 37"' })
  await record(client, 0, 100)
  assert.equal(await deliver(client), 99)
  assert.deepEqual(client.stats().traces.dropped, { rejected: 1 })
  const { requests, stored } = await service.seen()
  assert.equal(stored, 99)
  assert.ok(!(await service.numbers()).includes(37))
  assert.ok(requests.length <= 15, `${requests.length} requests`)
  assert.match(client.lines.join(), /1 trace was dropped: .*no name/)
}
