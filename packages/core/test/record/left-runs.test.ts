import { expect, test } from 'vitest'

import { LeftRuns } from '../../src/record/left-runs.ts'

const keysOf = (turn: number): string[] => [`${turn}:a`, `${turn}:b`]

test('tells which trace a run went into, whenever it is asked', () => {
  const left = new LeftRuns(100)
  left.add('first', ['a', 'b'])
  expect(left.traceIdOf('b')).toBe('first')
  left.add('second', ['c'])
  left.add('third', [])
  expect(['a', 'b', 'c', 'd'].map((key) => left.traceIdOf(key))).toEqual([
    'first',
    'first',
    'second',
    undefined,
  ])
})

test('a key that comes again stands for the trace that left last', () => {
  const left = new LeftRuns(4)
  left.add('first', ['a'])
  left.add('second', ['a'])
  expect(left.traceIdOf('a')).toBe('second')
  left.add('third', ['b'])
  left.add('fourth', ['a'])
  expect(left.traceIdOf('a')).toBe('fourth')
})

test.each([
  ['never asked before', () => false],
  ['asked now and then', (turn: number) => turn % 7 === 0],
  ['asked each time', () => true],
])('remembers the newest half at least and lets go of what is older: %s', (_when, isAsked) => {
  const left = new LeftRuns(100)
  for (let turn = 0; turn < 1000; turn += 1) {
    left.add(`trace ${turn}`, keysOf(turn))
    if (isAsked(turn)) {
      expect(left.traceIdOf(`${turn}:b`)).toBe(`trace ${turn}`)
    }
  }
  const known = (turn: number): (string | undefined)[] =>
    keysOf(turn).map((key) => left.traceIdOf(key))
  for (let turn = 975; turn < 1000; turn += 1) {
    expect(known(turn)).toEqual([`trace ${turn}`, `trace ${turn}`])
  }
  for (let turn = 0; turn < 950; turn += 1) {
    expect(known(turn)).toEqual([undefined, undefined])
  }
})
