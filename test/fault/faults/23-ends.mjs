import assert from 'node:assert/strict'

import { KEY, runProgram } from '../harness.mjs'

export const what = 'a process that ends delivers its 33 traces, or says that it could not'

const LEFT = /33 traces were dropped: the process ended first/

/* How each ends by itself, with the option that delivers there and with the one that is the default. */
const ENDINGS = [
  ['natural', 0, 'off', 33],
  ['SIGTERM', 'SIGTERM', 'off', 33],
  ['SIGINT', 'SIGINT', 'off', 33],
  ['process.exit', 5, 'sync', 33],
  ['process.exit', 5, 'off', 0],
  ['uncaught', 1, 'sync', 33],
  ['uncaught', 1, 'off', 0],
  ['rejection', 1, 'sync', 33],
]

export async function short({ service }) {
  for (const [ending, status, exitFlush, arrives] of ENDINGS) {
    const before = (await service.seen()).stored
    const options = { apiKey: KEY, endpoint: service.url, exitFlush }
    const end = await runProgram('ending', { ending, options }, { onLine: killAt(ending) })
    const { stored } = await service.seen()
    const name = `${ending}, exitFlush ${exitFlush}: ${end.stderr}`
    // One more was delivered before.
    assert.equal(stored - before, arrives + 1, name)
    assert.equal(end.status, status, name)
    assert.equal(LEFT.test(end.stderr), arrives === 0, name)
  }
}

/* The signal comes from outside, when the program is ready. */
function killAt(ending) {
  return (line, child) => {
    if (ending.startsWith('SIG') && line === 'ready') child.kill(ending)
  }
}
