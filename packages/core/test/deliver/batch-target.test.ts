import { expect, test } from 'vitest'
import { BatchTarget } from '../../src/deliver/batch-target.ts'

const MIB = 1024 * 1024

function grow(target: BatchTarget, times: number, bytes = 1000): void {
  for (let time = 0; time < times; time += 1) {
    target.grow(bytes)
  }
}

test('halves with each batch that is too large, and doubles after twenty that are taken', () => {
  const target = new BatchTarget()
  expect(target.bytes).toBe(MIB)
  target.shrink(800_000)
  expect(target.bytes).toBe(400_000)
  target.shrink(390_000)
  expect(target.bytes).toBe(195_000)
  grow(target, 19)
  expect(target.bytes).toBe(195_000)
  grow(target, 1)
  expect(target.bytes).toBe(390_000)
  grow(target, 60)
  expect(target.bytes).toBe(MIB)
})

test('never asks for less than 4 KB', () => {
  const target = new BatchTarget()
  target.shrink(600)
  expect(target.bytes).toBe(4096)
})

test('takes no notice of one that is too large although a larger one was taken, but of the next', () => {
  const target = new BatchTarget()
  grow(target, 1, 500_000)
  target.shrink(20_000)
  expect(target.bytes).toBe(MIB)
  target.shrink(20_000)
  expect(target.bytes).toBe(10_000)
  grow(target, 1, 9000)
  target.shrink(10_000)
  expect(target.bytes).toBe(5000)
})
