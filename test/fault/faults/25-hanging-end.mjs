import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { KEY, runProgram } from '../harness.mjs'

export const what =
  'SIGTERM while the service hangs: the process is gone soon, and nothing is silent'

/* Two seconds are allowed to it; how late a busy machine is, nobody knows. */
const SOON = 8000

export async function short({ service }) {
  await service.rules({ reply: { kind: 'take' }, contains: '"first"' }, { reply: { kind: 'hang' } })
  const directory = await mkdtemp(join(tmpdir(), 'trulayer-fault-'))
  try {
    for (const spool of [undefined, directory]) {
      let killedAt = 0
      const onLine = (line, child) => {
        if (line === 'ready') {
          killedAt = performance.now()
          child.kill('SIGTERM')
        }
      }
      const options = { apiKey: KEY, endpoint: service.url, spool }
      const end = await runProgram('ending', { ending: 'SIGTERM', options }, { onLine })
      assert.equal(end.status, 'SIGTERM')
      assert.ok(performance.now() - killedAt < SOON)
      assert.equal(/33 traces were dropped/.test(end.stderr), spool === undefined, end.stderr)
    }
    const files = await readdir(directory)
    const texts = await Promise.all(files.map((name) => readFile(join(directory, name), 'utf8')))
    assert.equal(texts.join('').split('\n').length - 1, 33)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
