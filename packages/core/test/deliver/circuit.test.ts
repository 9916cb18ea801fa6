import { beforeEach, describe, expect, test } from 'vitest'
import { Circuit } from '../../src/deliver/circuit.ts'
import { DEFAULT_TIMING } from '../../src/deliver/retry-delay.ts'

let now = 0
let circuit: Circuit

beforeEach(() => {
  now = 1000
  circuit = new Circuit({ ...DEFAULT_TIMING, random: () => 0.5, now: () => now })
})

describe('a circuit', () => {
  test('lets one request out until the service has answered well, then four', () => {
    expect([circuit.lanes, circuit.wait(now) <= 0]).toEqual([1, true])
    circuit.close(now, { taken: false })
    expect([circuit.lanes, circuit.failing]).toEqual([4, false])
  })

  test('waits longer with each fault in a row, and lets one request out then', () => {
    circuit.close(now, { taken: true })
    const waits = [1, 2, 3].map(() => {
      circuit.backOff(now)
      const wait = circuit.wait(now)
      now += wait
      return wait
    })
    expect(waits).toEqual([250, 500, 1000])
    expect([circuit.lanes, circuit.failures]).toEqual([1, 3])
    circuit.close(now, { taken: true })
    expect([circuit.lanes, circuit.failures, circuit.wait(now)]).toEqual([4, 0, -Infinity])
  })

  test('counts faults of requests that were open together as one', () => {
    const startedAt = now
    for (let lane = 0; lane < 4; lane += 1) {
      now += 1
      circuit.backOff(startedAt)
    }
    expect(circuit.failures).toBe(1)
  })

  test('keeps waiting when a request from before the trouble succeeds', () => {
    const startedAt = now
    now += 10
    circuit.pause(startedAt, 5000)
    now += 10
    circuit.close(startedAt, { taken: true })
    expect(circuit.wait(now)).toBe(5250 - 10)
    expect([circuit.failing, circuit.taken]).toEqual([true, 1])
  })

  test('keeps to the longest of several waits', () => {
    circuit.pause(now, 5000)
    circuit.backOff(now)
    expect(circuit.wait(now)).toBe(5250)
  })

  test('hurries after a fault or a cool-down, at most once a second, but not when asked to wait', () => {
    circuit.refuse(now, { coolDown: true })
    expect(circuit.wait(now)).toBe(60_000)
    circuit.hurry()
    expect(circuit.wait(now)).toBe(1000)
    now += 1000
    circuit.close(now, { taken: true })
    circuit.pause(now, 5000)
    circuit.hurry()
    expect(circuit.wait(now)).toBe(5250)
  })

  test('does not wait after a refusal that may be about one trace, but slows down', () => {
    circuit.close(now, { taken: true })
    circuit.refuse(now, { coolDown: false })
    expect([circuit.wait(now) <= 0, circuit.lanes, circuit.refusals]).toEqual([true, 1, 1])
  })

  test('cools down longer each time, and from the start again after a success', () => {
    const waits = [1, 2, 3].map(() => {
      circuit.refuse(now, { coolDown: true })
      const wait = circuit.wait(now)
      now += wait
      return wait
    })
    expect(waits).toEqual([60_000, 120_000, 240_000])
    circuit.close(now, { taken: true })
    circuit.refuse(now, { coolDown: true })
    expect(circuit.wait(now)).toBe(60_000)
  })
})
