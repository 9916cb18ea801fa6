import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { afterAll, describe, expect, test } from 'vitest'

import { examplesIn } from './examples.ts'

/* What a reader would copy into a test of their own: it brings its own `test`. */
const toCopy = examplesIn(resolve(import.meta.dirname, '../..')).filter(
  ({ given, code }) => given === '' && /^import \{.*\btest\b.*\} from 'vitest'$/m.test(code),
)

// Within the repository, so that packages are found; the dot keeps it from other programs' globs.
const folder = mkdtempSync(join(import.meta.dirname, '.copied-'))
afterAll(() => rmSync(folder, { recursive: true }))

for (const { document, line, code } of toCopy) {
  const file = join(folder, `${document.replaceAll(/\W/g, '-')}-${line}.ts`)
  writeFileSync(file, code)
  // What is declared while a suite is collected belongs to it.
  describe(`${document}:${line}`, async () => {
    await import(/* @vite-ignore */ file)
  })
}

test('there is one for what each of these documents promises', () => {
  expect(toCopy.map(({ document }) => document)).toEqual(
    expect.arrayContaining(['docs/redaction.md', 'docs/sampling.md']),
  )
})
