import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { TruLayer, type SampleRate } from '../../src/index.ts'
import { isSampled } from '../../src/policy/sampling.ts'
import { createId } from '../../src/shape/ids.ts'
import { keptOf } from './kept.ts'
import { spanOf, traceOf } from './planted-fields.ts'

const RATES = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9]
const COUNT = 100_000
const ids = Array.from({ length: COUNT }, () => createId(1_790_000_000_000))

describe('the part that is kept of 100,000', () => {
  /* Six deviations: once in half a billion runs chance alone goes further. */
  const bound = (rate: number): number => 6 * Math.sqrt((rate * (1 - rate)) / COUNT)

  test.each(RATES)('traces at %d', (rate) => {
    const kept = ids.filter((id) => isSampled(traceOf({ id }), rate, 'trace')).length
    expect(Math.abs(kept / COUNT - rate)).toBeLessThan(bound(rate))
  })

  test.each(RATES)('sessions at %d, however alike their names are', (rate) => {
    const kept = ids.filter((_, index) =>
      isSampled(traceOf({ sessionId: `chat-${index}` }), rate, 'session'),
    ).length
    expect(Math.abs(kept / COUNT - rate)).toBeLessThan(bound(rate))
  })

  test('at a lower rate is a part of that at a higher one', () => {
    const kept = RATES.map((rate) => ids.filter((id) => isSampled(traceOf({ id }), rate, 'trace')))
    kept.slice(1).forEach((more, index) => {
      const known = new Set(more)
      expect(kept[index]?.filter((id) => !known.has(id))).toEqual([])
    })
  })
})

test.each([
  // The threshold of a half is 2^55: the top bit of the low 56.
  ['0190f5fe-7c00-7a00-8080-000000000000', 0.5, true],
  ['0190f5fe-7c00-7a00-807f-ffffffffffff', 0.5, false],
  ['0190f5fe-7c00-7a00-80c0-000000000000', 0.25, true],
  ['0190f5fe-7c00-7a00-80bf-ffffffffffff', 0.25, false],
  ['0190f5fe-7c00-7a00-80ff-ffffffffffff', 0, false],
  ['0190f5fe-7c00-7a00-8000-000000000000', 1, true],
])('decides as OpenTelemetry does: %s at %d', (id, rate, kept) => {
  expect(isSampled(traceOf({ id }), rate, 'trace')).toBe(kept)
})

test('two processes decide alike, in whatever order they see the same ids', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trulayer-'))
  try {
    // An id that was used before in a process is not used again.
    const tasks = (['trace', 'session'] as const).flatMap((by, first) =>
      [0.1, 0.5, 0.9].map((rate, second) => {
        const start = 1000 * (3 * first + second)
        return { rate, by, ids: ids.slice(start, start + 1000) }
      }),
    )
    const file = join(folder, 'tasks.json')
    await writeFile(file, JSON.stringify(tasks))
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@trulayer/source', join(import.meta.dirname, 'decide.ts'), file],
      { maxBuffer: 64_000_000 },
    )
    const there: unknown = JSON.parse(stdout)
    const here = await Promise.all(
      tasks.map((task) => keptOf(task.ids.toReversed(), task.rate, task.by)),
    )
    expect(there).toEqual(here)
    expect(here.every((kept) => kept.length > 0 && kept.length < 1000)).toBe(true)
  } finally {
    await rm(folder, { recursive: true })
  }
})

describe('whatever the rate or the function says', () => {
  test.each<readonly [string, SampleRate, 'trace' | 'session']>([
    ['the rate 0', 0, 'trace'],
    ['the rate 0, by session', 0, 'session'],
    ['a function that answers false', () => false, 'trace'],
    ['a function that answers 0', () => 0, 'session'],
  ])('every failed turn is kept: %s', async (_, sampleRate, sampleBy) => {
    const kept: string[] = []
    const client = new TruLayer({
      sampleRate,
      sampleBy,
      exitHooks: false,
      exporters: [{ export: (traces) => void kept.push(...traces.map((trace) => trace.name)) }],
    })
    const turns: Readonly<Record<string, () => Promise<unknown>>> = {
      good: () => client.trace('good', () => client.span('tool', 'tool', () => 1)),
      failed: () => client.trace('failed', () => Promise.reject(new Error('x'))),
      handled: () => client.trace('handled', (trace) => trace.setError(new Error('x'))),
      recovered: () =>
        client.trace('recovered', () =>
          client.span('step', 'other', () =>
            client.span('tool', 'tool', () => Promise.reject(new Error('x'))).catch(() => 1),
          ),
        ),
    }
    for (let round = 0; round < 100; round += 1) {
      for (const turn of Object.values(turns)) {
        await turn().catch(() => undefined)
      }
    }
    await client.shutdown()
    const counts = Object.keys(turns).map((name) => kept.filter((one) => one === name).length)
    expect(counts).toEqual([0, 100, 100, 100])
    expect(client.stats().traces).toMatchObject({ recorded: 400, sampledOut: 100, sent: 300 })
  })

  test('a turn that was left or stopped did not fail', () => {
    for (const status of ['cancelled', 'interrupted', 'incomplete'] as const) {
      expect(isSampled(traceOf({ status }), 0, 'trace')).toBe(false)
    }
  })
})

describe('a function', () => {
  test('is told what it may want to know of the finished trace', () => {
    const one = {
      ...spanOf({ usage: { promptTokens: 3, completionTokens: 4 } }),
      endedAt: 1500,
      tags: { tier: 'gold' },
    }
    const asked: unknown[] = []
    expect(isSampled(one, (input) => asked.push(input) < 0, 'trace')).toBe(false)
    expect(asked).toEqual([
      {
        traceId: one.id,
        name: 'answer',
        sessionId: 's',
        hasError: false,
        status: 'ok',
        durationMs: 1499,
        metadata: {},
        tags: { tier: 'gold' },
        tokens: 7,
      },
    ])
  })

  test('that answers with a rate decides as the rate does', () => {
    for (const id of ids.slice(0, 500)) {
      const trace = traceOf({ id, sessionId: id })
      for (const by of ['trace', 'session'] as const) {
        expect(isSampled(trace, () => 0.5, by)).toBe(isSampled(trace, 0.5, by))
      }
    }
  })

  test('that throws, or answers what is no answer, keeps the trace and harms nobody', async () => {
    const rejected: unknown[] = []
    const note = (reason: unknown): void => void rejected.push(reason)
    process.on('unhandledRejection', note)
    const answers: readonly (() => unknown)[] = [
      () => {
        throw new Error('x')
      },
      () => Promise.reject(new Error('x')),
      async () => false,
      () => undefined,
      () => Number.NaN,
      () => 'no',
    ]
    for (const answer of answers) {
      expect(isSampled(traceOf(), answer as () => boolean, 'trace')).toBe(true)
    }
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    process.off('unhandledRejection', note)
    expect(rejected).toEqual([])
  })
})

test('all turns of a session are decided as one', async () => {
  const sessions = Array.from({ length: 40 }, (_, index) => `chat-${index % 10}`)
  const kept = await keptOf(sessions, 0.5, 'session')
  const whole = new Set(kept)
  expect(whole.size > 0 && whole.size < 10).toBe(true)
  expect(kept).toHaveLength(whole.size * 4)
})
