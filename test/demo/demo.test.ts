import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const demo = join(import.meta.dirname, '../../examples/demo/src/index.ts')

function runDemo(
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(
    process.execPath,
    ['--conditions=@trulayer/source', demo, ...parameters],
    { env: { PATH: process.env['PATH'], ...environment } },
  )
}

/* Times, and the ids of turns that have no conversation. */
function stable(output: string): string {
  return output
    .replaceAll(/\d+ ms/g, '# ms')
    .replaceAll(/session [0-9a-f]{8}-[0-9a-f-]{27}/g, 'session #')
    .replaceAll(/in \d+ requests/g, 'in # requests')
}

test('the demo prints six turns as they arrived, and none is refused', async () => {
  const { stdout, stderr } = await runDemo([])
  expect(stderr).toBe('')
  await expect(stable(stdout)).toMatchFileSnapshot('demo.output.txt')
}, 60_000)

test.each([
  ['--live', 'OPENAI_API_KEY'],
  ['--send', 'TRULAYER_API_KEY'],
])(
  '%s without its key says so in one line',
  async (flag, variable) => {
    await expect(runDemo([flag], { [variable]: '' })).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^${flag} .* needs ${variable}; .*\\n$`)),
    })
  },
  60_000,
)

test('an option that does not exist is told in one line', async () => {
  await expect(runDemo(['--life'])).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'the demo knows --live and --send, and not --life.\n',
  })
}, 60_000)
