import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { FIELDS } from '../../packages/core/test/policy/planted-fields.ts'
import { mutate } from './forgetful.ts'
import { MUTATIONS } from './mutations.ts'

const core = join(import.meta.dirname, '../../packages/core')

test.each(MUTATIONS)('the code can forget: $forgets', (mutation) => {
  const source = readFileSync(join(core, 'src', mutation.file), 'utf8')
  expect(mutate(source, mutation)).not.toBe(source)
})

test('every field is forgotten once', () => {
  const forgotten = new Set(MUTATIONS.map(({ red }) => red))
  const shared = new Set(['span metadata key', 'event metadata key'])
  expect(FIELDS.filter(({ field }) => !forgotten.has(field) && !shared.has(field))).toEqual([])
})
