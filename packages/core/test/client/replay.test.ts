import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { toWireTrace } from '../../src/shape/wire.ts'
import { clearTraces, lastTrace, spanTree } from '../../src/testing/index.ts'
import { TruLayer } from '../../src/index.ts'
import { collectLog, recording } from '../support.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trulayer-replay-'))
  clearTraces()
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

function replay(file: string | undefined): { client: TruLayer; lines: string[] } {
  const { lines, logger } = collectLog()
  vi.stubEnv('TRULAYER_MODE', 'replay')
  vi.stubEnv('TRULAYER_REPLAY_FILE', file)
  return { client: new TruLayer({ logger, exitHooks: false }), lines }
}

test('the traces of a file are in memory, and nothing needs a key', async () => {
  const { client: recorder, capture } = recording()
  await recorder.trace('answer', () => recorder.span('search', 'retrieval', () => ['a']))
  const line = JSON.stringify(toWireTrace(await capture.last()))
  const file = join(folder, 'traces.jsonl')
  await writeFile(file, `${line}\n\nno trace\n{"hello":1}\n`)

  const { client, lines } = replay(file)
  const trace = await lastTrace({ client })
  expect(spanTree(trace)).toBe('answer · ok\n└─ retrieval search · ok')
  expect(trace.spans[0]?.output).toEqual(['a'])
  expect(lines).toEqual([`[trulayer] 2 lines of ${file} are no traces and are left out.`])
})

test.each([
  [undefined, 'TRULAYER_MODE is replay but TRULAYER_REPLAY_FILE is not set'],
  ['/nowhere/traces.jsonl', 'TRULAYER_REPLAY_FILE cannot be read: /nowhere/traces.jsonl'],
])('a file that is not there is told and throws nothing: %s', (file, line) => {
  expect(replay(file).lines.join()).toContain(line)
})
