import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

test('the example indexes and asks documents', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@trulayer/source', 'src/index.mjs'],
    { cwd: join(import.meta.dirname, '../../examples/llamaindex-rag') },
  )
  await expect(stdout).toMatchFileSnapshot('example.output.txt')
})
