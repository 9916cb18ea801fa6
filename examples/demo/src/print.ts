import type { ClientStats, FinishedTrace } from '@trulayer/core'
import { spanTree } from '@trulayer/core/testing'

/** Prints a turn as its tree, with its session, its time and what was said. */
export function printTrace(trace: FinishedTrace): void {
  const milliseconds = Math.round(trace.endedAt - trace.startedAt)
  console.log(`\n${spanTree(trace)}`)
  console.log(`   session ${trace.sessionId} · ${milliseconds} ms`)
  console.log(`   ${JSON.stringify(trace.input)} → ${JSON.stringify(trace.output)}`)
}

/** Prints what became of the traces. */
export function printTotals({ traces, requests }: ClientStats, refused: number): void {
  console.log(
    `\n${traces.recorded} traces sent in ${requests} requests: ${traces.sent} accepted, ${refused} refused`,
  )
}
