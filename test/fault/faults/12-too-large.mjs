import assert from 'node:assert/strict'

import * as core from '@trulayer/core'

import { deliver, record, words } from '../harness.mjs'

export const what = '413 above 60 KB: nothing is lost, batches shrink, and grow when they may'

const LIMIT = 60_000

export async function short({ service, clientsOf }) {
  const client = clientsOf(core).make({ redact: false })
  await service.rules({ reply: { kind: 'answer', status: 413 }, longerThan: LIMIT })
  await record(client, 0, 1000, { input: words(4000) })
  assert.equal(await deliver(client), 1000)
  const { requests } = await service.seen()
  const taken = requests.filter(({ status }) => status === 201)
  assert.ok(Math.max(...taken.map(({ bytes }) => bytes)) <= LIMIT)
  const later = requests.slice(requests.findIndex(({ status }) => status === 201))
  assert.ok(later.length < 1.3 * taken.length, `${later.length} for ${taken.length}`)

  // One that is too large alone arrives cut, and says so.
  await client.trace('large', () => 'answer', { input: words(300_000) })
  assert.equal(await deliver(client), 1)
  const trimmed = JSON.parse((await service.texts()).at(-1))
  assert.match(trimmed.metadata['trulayer.truncated'], /bytes to/)

  // Batches grow again with what is taken.
  await service.rules()
  const input = words(25_000)
  let number = 2000
  for (let round = 0; round < 20; round += 1) {
    await record(client, number, number + 100, { input })
    number += 100
    assert.equal(await deliver(client), 100)
  }
  const last = (await service.seen()).requests.slice(-4)
  assert.ok(Math.max(...last.map(({ bytes }) => bytes)) > 900_000)
}
