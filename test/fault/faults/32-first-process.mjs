import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

import { KEY, runProgram } from '../harness.mjs'

export const what = 'the first process of a container outlives SIGTERM, and its client works on'

export const runtimes = ['node24']

/* `unshare` starts the program as process 1 of a PID namespace, as a container without an init process does. */
const [UNSHARE, ...NAMESPACE] = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child']

export async function short({ service }) {
  if (spawnSync(UNSHARE, [...NAMESPACE, 'true']).status !== 0) {
    console.log('not played: this machine does not allow PID namespaces')
    return
  }
  const options = { apiKey: KEY, endpoint: service.url }
  const onLine = (line, child) => {
    if (line === 'ready') process.kill(childOf(child.pid), 'SIGTERM')
    if (line === 'delivered') child.kill('SIGKILL')
  }
  const via = [UNSHARE, ...NAMESPACE]
  const end = await runProgram('first-process', { options }, { onLine, via })
  assert.equal(end.stdout, 'ready\ndelivered\n', end.stderr)
  assert.equal((await service.seen()).stored, 2)
}

function childOf(pid) {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'))
}
