import assert from 'node:assert/strict'

import { KEY, runProgram } from '../harness.mjs'

export const what =
  'a program that listens to SIGTERM itself ends in its own way, its traces delivered'

export async function short({ service }) {
  const options = { apiKey: KEY, endpoint: service.url }
  const onLine = (line, child) => {
    if (line === 'ready') child.kill('SIGTERM')
  }
  for (const how of ['on', 'once']) {
    for (const when of ['before', 'after']) {
      const before = (await service.seen()).stored
      const listen = { how, when }
      const end = await runProgram('ending', { ending: 'SIGTERM', options, listen }, { onLine })
      assert.equal(end.status, 7, `${how} ${when}: ${end.stderr}`)
      assert.equal((await service.seen()).stored - before, 34, `${how} ${when}`)
    }
  }
  // A second client with nothing to do ends nothing.
  const before = (await service.seen()).stored
  await service.rules({ reply: { kind: 'take' }, latency: 300 })
  const end = await runProgram(
    'ending',
    { ending: 'SIGTERM', options, listen: { idle: true } },
    { onLine },
  )
  assert.deepEqual([end.status, (await service.seen()).stored - before], ['SIGTERM', 34])
}
