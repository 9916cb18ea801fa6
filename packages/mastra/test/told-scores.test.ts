import { expect, test } from 'vitest'

import { isTold, noteScore } from '../src/told-scores.ts'

test('a score that came as an event is told, and one of another scorer or run is not', () => {
  noteScore({ score: { score: 1, traceId: 'a', spanId: 'b', scorerId: 'length' } })
  const again = { traceId: 'a', spanId: 'b', score: 1, scorerName: 'length' }
  expect(isTold(again)).toBe(true)
  expect(isTold({ ...again, scorerName: 'tone' })).toBe(false)
  expect(isTold({ ...again, spanId: 'c' })).toBe(false)
})
