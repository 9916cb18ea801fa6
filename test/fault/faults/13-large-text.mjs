import assert from 'node:assert/strict'

import * as core from '@trulayer/core'

import { deliver, record } from '../harness.mjs'

export const what = 'a text of 30 MB is cut to a span that the service takes, no character torn'

const MIB = 1024 * 1024

export async function short({ service, clientsOf }) {
  const client = clientsOf(core).make()
  const large = '😀'.repeat((30 * MIB) / 4)
  await record(client, 0, 5)
  const written = milliseconds(() => JSON.stringify(large))
  // Nothing of it is awaited, so it is over when the call returns.
  const took = milliseconds(() => {
    void client.trace('large', (trace) =>
      trace.span('reads', { type: 'tool', input: large }, () => ({ large })),
    )
  })
  await record(client, 5, 10)
  assert.ok(took < written + 20, `the caller waits ${took} ms; to write it takes ${written} ms`)
  assert.equal(await deliver(client), 11)
  const text = (await service.texts()).find((trace) => trace.includes('"large"'))
  const { spans } = JSON.parse(text)
  assert.ok(new TextEncoder().encode(JSON.stringify(spans[0])).length <= MIB)
  assert.match(JSON.stringify(spans[0].metadata), /"trulayer\.truncated"/)
  assert.ok(text.isWellFormed() && !/\\u[dD][89a-fA-F]/.test(text))
}

function milliseconds(work) {
  const started = performance.now()
  work()
  return performance.now() - started
}
