import assert from 'node:assert/strict'

import * as core from '@trulayer/core'

import { deliver } from '../harness.mjs'

export const what = 'NUL and lone surrogates never reach the wire; all other text stays as it is'

const KEPT = ['the literal \\u0000 and \\ud800', '\u001B[31mred\u001B[0m', '😀 und 漢字', '"\\\n\t']
const REPLACED = ['nul \0 here', 'high \uD83D here', 'low \uDE00 here', 'end \uD83D']

export async function short({ service, clientsOf }) {
  const client = clientsOf(core).make({ redact: false })
  const all = [...KEPT, ...REPLACED]
  for (const text of all) {
    const work = (trace) => {
      trace.setMetadata({ text, [`key ${text}`]: 1 })
      trace.setTag('tag', text)
      return { text }
    }
    await client.trace(text, work, { input: text })
  }
  assert.equal(await deliver(client), all.length)
  const texts = await service.texts()
  const traces = texts.map((text) => JSON.parse(text))
  const values = (trace) => [trace.name, trace.input, trace.metadata.text, trace.tags.tag]
  for (const text of KEPT) {
    const trace = traces.find(({ input }) => input === text)
    assert.deepEqual(trace && values(trace), [text, text, text, text])
  }
  for (const trace of traces) {
    for (const value of [...values(trace), ...Object.keys(trace.metadata), trace.output]) {
      assert.ok(value.isWellFormed() && !value.includes('\0'), JSON.stringify(value))
    }
  }
}
