import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { setName } from './frameworks.ts'
import { NEWEST } from './version-sets.ts'

/* The example has the newest versions. */
test.runIf(setName === NEWEST)('the example indexes and asks documents', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@trulayer/source', 'src/index.mjs'],
    { cwd: join(import.meta.dirname, '../../examples/llamaindex-rag') },
  )
  await expect(stdout).toMatchFileSnapshot('example.output.txt')
})
