import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { setName } from './frameworks.ts'

/* In processes of their own, since LangChain's async context is one for the whole process. */
async function play(way: string): Promise<unknown> {
  const program = join(import.meta.dirname, 'programs/core-alone.mjs')
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--conditions=@trulayer/source',
      '--disable-warning=ExperimentalWarning',
      program,
      setName,
      way,
    ],
    {
      env: { PATH: process.env['PATH'], TRULAYER_MODE: 'local' },
      timeout: 60_000,
      killSignal: 'SIGKILL',
    },
  )
  return JSON.parse(stdout)
}

const bare = await play('none')

test('without us calls inside calls inherit nothing', () => {
  expect(bare).toMatchObject({
    inLambda: { tags: [], hasSignal: false },
    inTool: { tags: [], hasSignal: false },
    cleanUp: 'saved',
    slots: [false, false, false],
    globals: [],
  })
})

test.each(['handler', 'instrument', 'undone'])(
  'a program that has core alone sees the same: %s',
  async (way) => {
    expect(await play(way)).toEqual(bare)
  },
)
