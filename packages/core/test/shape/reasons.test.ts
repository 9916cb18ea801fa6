import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { reasons } from '../../src/shape/reasons.ts'

const PACKAGES = join(import.meta.dirname, '../../..')

test('the reasons are the closed list that the documentation shows', () => {
  const page = readFileSync(join(PACKAGES, '../docs/metadata.md'), 'utf8')
  const table = page.slice(page.indexOf('## Status and reason'))
  const documented = [...table.matchAll(/^\| `([a-z ]+)`/gm)].map(([, name]) => name)
  expect(documented).toEqual(Object.values(reasons))
})

test('no adapter spells a reason itself', () => {
  const adapters = readdirSync(PACKAGES).filter((name) => name !== 'core')
  const sources = adapters.flatMap((name) =>
    readdirSync(join(PACKAGES, name, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(name, 'src', file)),
  )
  expect(sources.length).toBeGreaterThan(100)
  expect(
    sources.filter((file) => /\breason: '/.test(readFileSync(join(PACKAGES, file), 'utf8'))),
  ).toEqual([])
})
