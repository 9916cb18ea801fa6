import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { examplesIn, examplesOf, toModule } from './examples.ts'

const root = resolve(import.meta.dirname, '../..')
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const examples = examplesIn(root)

describe('examples', () => {
  test('are found with what is given, and become modules', () => {
    const text = [
      '# Title',
      '',
      "<!-- given: import { agent } from './given.ts' -->",
      '',
      '```ts',
      "import { init } from '@trulayer/core'",
      '',
      "export const answer = await agent('?')",
      '```',
    ].join('\n')
    const [example] = examplesOf('a.md', text)
    expect(example).toMatchObject({ line: 3, given: "import { agent } from './given.ts'" })
    expect(example === undefined ? '' : toModule(example)).toBe(
      [
        "import { agent } from './given.ts'",
        "import { init } from '@trulayer/core'",
        'export async function example() {',
        '',
        '',
        "const answer = await agent('?')",
        '}',
        '',
      ].join('\n'),
    )
  })
})

describe('every example of the documents', () => {
  let folder = ''
  let report = ''

  beforeAll(async () => {
    // Within the repository, so that packages are found; the dot keeps it from other programs' globs.
    folder = await mkdtemp(join(import.meta.dirname, '.examples-'))
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: '../../../tsconfig.json',
        compilerOptions: { noUnusedLocals: false },
        include: ['./*.ts', '../*.d.ts'],
      }),
    )
    await Promise.all(
      examples.map((example, index) =>
        writeFile(
          join(folder, `example-${index}.ts`),
          toModule(example).replaceAll("'./given", "'../given"),
        ),
      ),
    )
    report = await typeCheck(folder)
  }, 60_000)

  afterAll(() => rm(folder, { recursive: true, force: true }))

  test.each(examples.map(({ document, line }, index) => ({ at: `${document}:${line}`, index })))(
    '$at',
    ({ index }) => {
      const errors = report.split('\n').filter((text) => text.includes(`example-${index}.ts`))
      expect(errors).toEqual([])
    },
  )

  test('has been type-checked', () => {
    expect(examples.length).toBeGreaterThan(10)
    expect(report).toBe('')
  })
})

async function typeCheck(cwd: string): Promise<string> {
  const checked = promisify(execFile)(process.execPath, [tsc, '-p', '.'], { cwd })
  return checked.then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  )
}
