import assert from 'node:assert/strict'

import { sleep, until } from '../harness.mjs'

export const what =
  'Workers: 50 overlapping requests and a client at module scope: all are delivered'

/* The bundle and the Worker are the same whatever runtime asks. */
export const runtimes = ['node24']

export async function short({ service, tools }) {
  const { startWorker } = await import(tools.worker)
  for (const [round, latency] of [0, 1500].entries()) {
    const before = (await service.seen()).stored
    await service.rules({ reply: { kind: 'take' }, latency })
    const worker = await startWorker({
      name: `fault-${round}`,
      file: new URL('../programs/worker.mjs', import.meta.url).pathname,
      defines: { ENDPOINT: service.url },
      flags: ['nodejs_compat'],
    })
    try {
      // The first one goes away before it is answered, which holds up no other.
      const gone = new AbortController()
      const first = fetch(`${worker.url}/gone`, { signal: gone.signal }).catch(() => undefined)
      const answers = Array.from({ length: 50 }, async (_, index) => {
        await sleep(index * 10)
        const response = await fetch(`${worker.url}/${index}`)
        return response.json()
      })
      gone.abort()
      assert.deepEqual(new Set(await Promise.all(answers)), new Set(['answered']))
      await first
      const arrived = await until(async () => {
        const { stored } = await service.seen()
        return stored - before >= 50 && stored - before
      })
      assert.ok(arrived <= 51)
    } finally {
      worker.stop()
    }
    assert.ok(!worker.printed().includes('different request'), worker.printed())
  }
}
