import { expect, test } from 'vitest'
import { RateLimiter } from '../../src/relay/rate-limiter.ts'

test('a full minute at once, and then as they come back', () => {
  let now = 1000
  const limiter = new RateLimiter(3, () => now)
  expect([1, 2, 3].map(() => limiter.take('ada'))).toEqual([0, 0, 0])
  expect(limiter.take('ada')).toBeCloseTo(20_000)
  now += 19_999
  expect(limiter.take('ada')).toBeCloseTo(1)
  now += 1
  expect(limiter.take('ada')).toBe(0)
  expect(limiter.take('ada')).toBeCloseTo(20_000)
  now += 3_600_000
  expect([1, 2, 3, 4].map(() => limiter.take('ada') === 0)).toEqual([true, true, true, false])
})

test('each for himself', () => {
  const limiter = new RateLimiter(1, () => 0)
  expect(limiter.take('ada')).toBe(0)
  expect(limiter.take('bob')).toBe(0)
  expect(limiter.take('ada')).toBeGreaterThan(0)
})

test('one that allows nothing says so', () => {
  expect(new RateLimiter(0, () => 0).take('ada')).toBe(Number.POSITIVE_INFINITY)
})
