import assert from 'node:assert/strict'

import * as core from '@trulayer/core'

import { deliver, record } from '../harness.mjs'

export const what = 'of an answer of 50 MB little is read, and the traces are delivered'

const MIB = 1024 * 1024

export async function short({ service, clientsOf }) {
  const client = clientsOf(core).make()
  await service.rules({ reply: { kind: 'huge', bytes: 50 * MIB }, times: 1 })
  await record(client, 0, 3)
  assert.equal(await deliver(client), 3)
  await record(client, 3, 6)
  assert.equal(await deliver(client), 3)
  // What the system itself keeps between two programs is some of it.
  const { sentBytes } = await service.until((seen) => seen.sentBytes > 0 && seen)
  assert.ok(sentBytes < 25 * MIB, `${sentBytes} bytes were read`)
}
