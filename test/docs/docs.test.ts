import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { beforeAll, describe, expect, test } from 'vitest'

import { typeCheck } from '../support/type-check.ts'
import { examplesIn, examplesOf, frameworkOf, moduleFiles, toModule } from './examples.ts'

const root = resolve(import.meta.dirname, '../..')
const examples = examplesIn(root).filter((example) => frameworkOf(example) === undefined)

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

describe('every test to copy', () => {
  const tests = globSync('*-example.test.ts', { cwd: import.meta.dirname })

  test.each(tests)('of %s stands in its document as it runs here', (name) => {
    const document = join(root, 'docs', name.replace('-example.test.ts', '.md'))
    const code = readFileSync(join(import.meta.dirname, name), 'utf8')
    expect(readFileSync(document, 'utf8')).toContain(`\`\`\`ts\n${code}\`\`\``)
  })

  test('was found', () =>
    expect(tests.toSorted()).toEqual([
      'feedback-example.test.ts',
      'redaction-example.test.ts',
      'sampling-example.test.ts',
    ]))
})

describe('every example of the documents', () => {
  let report = ''

  beforeAll(async () => {
    report = await typeCheck({
      folder: import.meta.dirname,
      files: moduleFiles(examples, '../'),
      include: ['given-llamaindex-modules.d.ts', 'given-workers.d.ts'],
    })
  }, 60_000)

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
