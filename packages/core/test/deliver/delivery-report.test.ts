import { expect, test } from 'vitest'
import { createLogger } from '../../src/client/logger.ts'
import { DeliveryReport } from '../../src/deliver/delivery-report.ts'
import type { DeliveryProblem } from '../../src/deliver/exporter.ts'

const MINUTE = 60_000

function makeReport(): {
  report: DeliveryReport
  clock: { now: number }
  lines: string[]
  problems: DeliveryProblem[]
} {
  const clock = { now: 0 }
  const lines: string[] = []
  const problems: DeliveryProblem[] = []
  const logger = createLogger({
    logger: {
      warn: (line) => lines.push(`warn ${line}`),
      error: (line) => lines.push(`error ${line}`),
    },
    debug: false,
  })
  const report = new DeliveryReport({
    logger,
    onProblem: (problem) => problems.push(problem),
    now: () => clock.now,
  })
  return { report, clock, lines, problems }
}

test('every drop is counted and told; the log gets one line a minute, with what came since', () => {
  const { report, clock, lines, problems } = makeReport()
  const why = 'the queue is full.'
  report.drop('overflow', 1, { why })
  report.drop('overflow', 2, { why })
  clock.now = MINUTE - 1
  report.drop('overflow', 3, { why })
  report.drop('rejected', 1, { why: 'no name.' })
  clock.now = MINUTE
  report.drop('overflow', 4, { why })
  expect(report.dropped).toEqual({ overflow: 10, rejected: 1 })
  expect(problems.map(({ reason, dropped }) => [reason, dropped])).toEqual([
    ['overflow', 1],
    ['overflow', 2],
    ['overflow', 3],
    ['rejected', 1],
    ['overflow', 4],
  ])
  expect(lines).toEqual([
    'warn [trulayer] 1 trace was dropped: the queue is full.',
    'warn [trulayer] 1 trace was dropped: no name.',
    'warn [trulayer] 9 traces were dropped: the queue is full.',
  ])
})

test('what ends delivery is said a single time, as an error', () => {
  const { report, clock, lines, problems } = makeReport()
  report.drop('unauthorized', 50, { why: 'the key is wrong.', isFinal: true })
  clock.now = 10 * MINUTE
  report.drop('unauthorized', 1, { why: 'the key is wrong.', isFinal: true })
  expect(lines).toEqual(['error [trulayer] 50 traces were dropped: the key is wrong.'])
  expect(problems.length).toBe(2)
  expect(report.dropped).toEqual({ unauthorized: 51 })
})

test('trouble that loses nothing is told once a minute', () => {
  const { report, clock, lines, problems } = makeReport()
  const cause = new Error('refused')
  report.trouble('unreachable', 'It cannot be reached.', cause)
  clock.now = 1
  report.trouble('unreachable', 'It cannot be reached.', cause)
  clock.now = MINUTE
  report.trouble('unreachable', 'It cannot be reached still.', cause)
  expect(lines).toEqual([
    'warn [trulayer] It cannot be reached.',
    'warn [trulayer] It cannot be reached still.',
  ])
  expect(problems[0]).toEqual({
    reason: 'unreachable',
    message: 'It cannot be reached.',
    dropped: 0,
    cause,
  })
  expect(problems.length).toBe(2)
})

test('the counts that are handed out do not change', () => {
  const { report } = makeReport()
  const before = report.dropped
  report.drop('closed', 1, { why: 'late.' })
  expect(before).toEqual({})
})
