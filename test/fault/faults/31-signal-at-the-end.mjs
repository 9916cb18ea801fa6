import assert from 'node:assert/strict'

import { KEY, runProgram } from '../harness.mjs'

export const what = 'a signal during the delivery at the natural end loses nothing'

/* The program has 33 traces in batches of 5, and the service answers each after this time, in milliseconds. */
const LATENCY = 150

export async function short({ service }) {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    await service.rules({ reply: { kind: 'take' }, latency: LATENCY })
    const before = (await service.seen()).stored
    const options = { apiKey: KEY, endpoint: service.url, batchSize: 5 }
    let isSignalled = false
    const onLine = (line, child) => {
      if (line !== 'ended') return
      // A moment later the delivery is under way, and no batch is answered yet.
      setTimeout(() => (isSignalled = child.kill(signal)), LATENCY / 3)
    }
    const end = await runProgram('ending', { ending: 'natural', options }, { onLine })
    assert.deepEqual(
      [isSignalled, end.status, (await service.seen()).stored - before],
      [true, signal, 34],
      end.stderr,
    )
  }
}
