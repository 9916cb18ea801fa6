import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { setName } from './frameworks.ts'

const HELD_AGENT = `\
support · ok · 30 in, 15 out
├─ llm chat gpt-4o-mini · ok · 10 in, 5 out
├─ tool ask · ok
│  └─ other sub · ok
│     └─ llm chat gpt-4o-mini · ok · 10 in, 5 out
└─ llm chat gpt-4o-mini · ok · 10 in, 5 out
`

const folder = join(import.meta.dirname, '../../examples/mastra-agent')

/* The example has the newest versions. */
test.runIf(setName === 'newest')('the example with a memory and an approval', async () => {
  await expect(await run('src/index.mjs', folder)).toMatchFileSnapshot('example.output.txt')
})

test.runIf(setName === 'newest')(
  'the current span is found without being handed over',
  async () => {
    expect(await run('held-agent.mjs', import.meta.dirname)).toBe(HELD_AGENT)
  },
)

async function run(file: string, cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)('node', ['--conditions=@trulayer/source', file], {
    cwd,
    timeout: 20_000,
  })
  return stdout
}
