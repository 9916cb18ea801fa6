import { expect, test } from 'vitest'
import { BoundedMap } from '../../src/record/bounded-map.ts'

test('keeps the latest entries, and setting a key again makes it the newest', () => {
  const map = new BoundedMap<number, string>(3)
  for (const key of [1, 2, 3, 1, 4]) {
    map.set(key, `v${key}`)
  }
  expect([1, 2, 3, 4].filter((key) => map.has(key))).toEqual([1, 3, 4])
  map.delete(3)
  map.set(5, 'v5')
  map.set(6, 'v6')
  expect([1, 2, 3, 4, 5, 6].filter((key) => map.has(key))).toEqual([4, 5, 6])
  expect(map.get(5)).toBe('v5')
  expect(map.size).toBe(3)
})

test('stays right over many generations of entries', () => {
  const map = new BoundedMap<number, number>(100)
  for (let key = 0; key < 50_000; key += 1) {
    map.set(key, key)
    if (key % 7 === 0) {
      map.delete(key - 50)
    }
    if (key % 11 === 0 && map.has(key - 20)) {
      map.set(key - 20, key)
    }
  }
  expect(map.size).toBeLessThanOrEqual(100)
  expect(map.has(49_999)).toBe(true)
  expect(map.has(49_000)).toBe(false)
})
