import { resolve } from 'node:path'

import { beforeAll, describe, expect, test } from 'vitest'

import { typeCheck } from '../support/type-check.ts'
import { examplesIn, examplesOf, frameworkOf, moduleFiles, toModule } from './examples.ts'

const examples = examplesIn(resolve(import.meta.dirname, '../..')).filter(
  (example) => frameworkOf(example) === undefined,
)

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
