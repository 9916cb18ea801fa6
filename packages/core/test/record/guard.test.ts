import { afterEach, expect, test, vi } from 'vitest'

import { guard } from '../../src/record/guard.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

test('a fault of ours reaches nobody, and is told once for each place', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const fail = (): never => {
    throw new TypeError('not there')
  }
  expect(guard('the input of a test', () => 7)).toBe(7)
  expect(guard('the input of a test', fail)).toBeUndefined()
  expect(guard('the input of a test', fail)).toBeUndefined()
  expect(guard('the output of a test', fail)).toBeUndefined()
  expect(warn.mock.calls.map(([line]) => String(line).split(';')[0])).toEqual([
    '[trulayer] could not record the input of a test',
    '[trulayer] could not record the output of a test',
  ])
})
