import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { setName } from './frameworks.ts'

const folder = join(import.meta.dirname, '../../examples/mastra-agent')

/* The example has the newest versions. */
test.runIf(setName === 'newest')('the example with a memory and an approval', async () => {
  const { stdout } = await promisify(execFile)(
    'node',
    ['--conditions=@trulayer/source', 'src/index.mjs'],
    { cwd: folder, timeout: 20_000 },
  )
  await expect(stdout).toMatchFileSnapshot('example.output.txt')
})
