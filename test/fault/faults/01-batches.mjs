import assert from 'node:assert/strict'

import * as core from '@trulayer/core'

import { deliver, record } from '../harness.mjs'

export const what = '250 traces in one tick leave in 3 requests, never more than 100 in one'

export async function short({ service, clientsOf }) {
  const sampleRate = ({ name }) => name !== 'noise'
  const client = clientsOf(core).make({ batchSize: 500, sampleRate })
  for (let index = 0; index < 9; index += 1) void client.trace('noise', () => index)
  await record(client, 0, 250)
  assert.equal(await deliver(client), 250)
  const { requests, stored } = await service.seen()
  assert.deepEqual(requests.map(({ traces }) => traces).toSorted(), [100, 100, 50])
  assert.deepEqual([stored, client.stats().traces.sampledOut], [250, 9])
  const clamped = client.lines.filter((line) => line.includes('`batchSize` is 500'))
  assert.equal(clamped.length, 1)
}
