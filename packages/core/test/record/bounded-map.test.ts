import { expect, test } from 'vitest'
import { BoundedMap } from '../../src/record/bounded-map.ts'

test('keeps the newest half at least, and setting a key again makes it the newest', () => {
  const map = new BoundedMap<number, string>(4)
  const present = (): number[] => [1, 2, 3, 4, 5, 6].filter((key) => map.has(key))
  for (const key of [1, 2, 3, 4]) {
    map.set(key, `v${key}`)
  }
  expect(present()).toEqual([1, 2, 3, 4])
  map.set(1, 'again')
  expect(present()).toEqual([1, 3, 4])
  map.set(5, 'v5')
  expect(present()).toEqual([1, 3, 4, 5])
  map.delete(3)
  map.delete(5)
  expect(present()).toEqual([1, 4])
  expect([map.get(1), map.get(4), map.get(3), map.size]).toEqual(['again', 'v4', undefined, 2])
})

test('a key that stands in it already pushes nothing out', () => {
  const map = new BoundedMap<string, number>(4)
  map.set('a', 0)
  map.set('b', 0)
  for (let count = 1; count < 10; count += 1) {
    map.set('b', count)
  }
  expect([map.get('a'), map.get('b'), map.size]).toEqual([0, 9, 2])
})

test('stays right over many generations of entries', () => {
  const map = new BoundedMap<number, number>(100)
  const newest = new Map<number, number>()
  for (let key = 0; key < 50_000; key += 1) {
    map.set(key, key)
    newest.delete(key)
    newest.set(key, key)
    if (key % 7 === 0) {
      map.delete(key - 50)
      newest.delete(key - 50)
    }
    if (key % 11 === 0 && map.has(key - 20)) {
      map.set(key - 20, key)
      newest.delete(key - 20)
      newest.set(key - 20, key)
    }
  }
  expect(map.size).toBeLessThanOrEqual(100)
  const half = [...newest].slice(-50)
  expect(half.map(([key]) => [key, map.get(key)])).toEqual(half)
  expect(map.has(49_000)).toBe(false)
})
