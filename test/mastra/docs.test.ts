import { join, resolve } from 'node:path'

import { expect, test } from 'vitest'

import { examplesIn, frameworkOf, moduleFiles } from '../docs/examples.ts'
import { typeCheck } from '../support/type-check.ts'

const examples = examplesIn(resolve(import.meta.dirname, '../..')).filter(
  (example) => frameworkOf(example) === 'mastra',
)

/* The documents show the newest version. */
test('the examples of the documents fit the types of Mastra', async () => {
  expect(examples.length).toBeGreaterThan(4)
  const folder = join(import.meta.dirname, 'newest')
  const report = await typeCheck({ folder, files: moduleFiles(examples, '../') })
  const places = report.replaceAll(/example-(\d+)\.ts/g, (_, index: string) => {
    const { document, line } = examples[Number(index)] ?? {}
    return `${document}:${line}`
  })
  expect(places).toBe('')
}, 60_000)
