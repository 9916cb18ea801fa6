import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  backOffDelay,
  coolDownDelay,
  DEFAULT_TIMING,
  pauseDelay,
  toldWait,
} from '../../src/deliver/retry-delay.ts'

function withRandom(value: number): typeof DEFAULT_TIMING {
  return { ...DEFAULT_TIMING, random: () => value }
}

describe('after a fault', () => {
  test.each([
    [1, 250],
    [2, 500],
    [3, 1000],
    [5, 4000],
    [6, 7500],
    [1000, 7500],
  ])('number %i the middle of the waits is %i ms', (failures, expected) => {
    expect(backOffDelay(failures, withRandom(0.5))).toBe(expected)
  })

  test('no wait is shorter than 50 ms', () => {
    expect(backOffDelay(9, withRandom(0))).toBe(50)
  })

  test('the waits spread evenly from nothing to the longest one', () => {
    const samples = 4000
    const longest = 8000
    // The same numbers in each run, since what chance does once in a thousand runs it does.
    let seed = 7
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    const timing = { ...DEFAULT_TIMING, random }
    const waits = Array.from({ length: samples }, () => backOffDelay(5, timing))
    const sorted = waits.toSorted((left, right) => left - right)
    // The Kolmogorov-Smirnov distance to the even spread; 1.95 / √n is passed by chance once in 1,000 times.
    const distance = Math.max(
      ...sorted.map((wait, index) => Math.abs(wait / longest - index / samples)),
    )
    expect(distance).toBeLessThan(1.95 / Math.sqrt(samples) + 50 / longest)
  })
})

describe('where the service asks to wait', () => {
  test.each([
    { told: 5000, failures: 1, random: 0, wait: 5000 },
    { told: 5000, failures: 1, random: 1, wait: 5500 },
    { told: 0, failures: 1, random: 0, wait: 1000 },
    { told: 299_000, failures: 1, random: 1, wait: 300_000 },
    { told: 86_400_000, failures: 1, random: 0, wait: 300_000 },
    { told: 86_400_000, failures: 1, random: 1, wait: 270_000 },
    { told: undefined, failures: 1, random: 1, wait: 1000 },
    { told: undefined, failures: 50, random: 0.5, wait: 7500 },
  ])(
    '$told ms, at failure $failures with random $random it is $wait ms',
    ({ told, failures, random, wait }) => {
      expect(pauseDelay(told, failures, withRandom(random))).toBeCloseTo(wait, 6)
    },
  )

  test('the wait is never shorter than it said nor longer than the cap', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (told, random) => {
          const wait = pauseDelay(told, 1, withRandom(random))
          expect(wait).toBeLessThanOrEqual(300_000)
          expect(wait).toBeGreaterThanOrEqual(Math.min(270_000, Math.max(1000, told)))
        },
      ),
    )
  })
})

test.each([
  [1, 0.5, 60_000],
  [2, 0.5, 120_000],
  [4, 0.5, 480_000],
  [5, 0.5, 900_000],
  [99, 0.5, 900_000],
  [1, 0, 54_000],
  [1, 1, 66_000],
])('cool-down number %i with random %d takes %i ms', (refusals, random, expected) => {
  expect(coolDownDelay(refusals, withRandom(random))).toBeCloseTo(expected, 3)
})

describe('the wait that an answer asks for', () => {
  const now = Date.UTC(2026, 10, 1, 12)
  const inTwoMinutes = new Date(now + 120_000).toUTCString()

  test.each<[string, Readonly<Record<string, string>>, number | undefined]>([
    ['none', {}, undefined],
    ['seconds', { 'retry-after': '5' }, 5000],
    ['seconds with a fraction', { 'retry-after': ' 1.5 ' }, 1500],
    ['no time', { 'retry-after': '0' }, 0],
    ['a date', { 'retry-after': inTwoMinutes }, 120_000],
    [
      'a date by the service’s own clock',
      { 'retry-after': inTwoMinutes, date: new Date(now + 90_000).toUTCString() },
      30_000,
    ],
    ['a date that has passed', { 'retry-after': new Date(now - 5000).toUTCString() }, 0],
    ['a negative number', { 'retry-after': '-1' }, undefined],
    ['a word', { 'retry-after': 'abc' }, undefined],
    ['a word that begins like a day', { 'retry-after': 'monopoly' }, undefined],
    ['a word with a number, which Date.parse takes', { 'retry-after': 'abc 1' }, undefined],
    ['a day of seconds', { 'retry-after': '86400' }, 86_400_000],
    ['a reset in seconds', { 'x-ratelimit-reset': '30' }, 30_000],
    ['a reset at an instant', { 'x-ratelimit-reset': String(now / 1000 + 30) }, 30_000],
    [
      'a reset at an instant in milliseconds',
      { 'x-ratelimit-reset': String(now + 30_000) },
      30_000,
    ],
    ['a reset that has passed', { 'x-ratelimit-reset': String(now / 1000 - 30) }, 0],
    ['both', { 'retry-after': '5', 'x-ratelimit-reset': '30' }, 5000],
    ['one that is unreadable and a reset', { 'retry-after': 'x', 'x-ratelimit-reset': '3' }, 3000],
  ])('%s', (_, headers, expected) => {
    expect(toldWait(new Headers(headers), now)).toBe(expected)
  })
})
