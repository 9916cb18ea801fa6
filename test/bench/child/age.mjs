import { resolveRecorder } from '@trulayer/core/internal'

const RUNS = 60_000
const RUNS_OF_A_TURN = 20

/**
 * Records so much that whatever a client remembers of the past, up to a bound, is full: a server's process is never young,
 * and a look into a full memory may cost more than one into an empty one.
 */
export async function age(client) {
  const recorder = resolveRecorder(client)
  for (let turn = 0; turn < RUNS / RUNS_OF_A_TURN; turn += 1) {
    const root = recorder.start({ key: `age:${turn}`, name: 'age', type: 'other' })
    for (let run = 1; run < RUNS_OF_A_TURN; run += 1) {
      const key = `age:${turn}:${run}`
      recorder.end(recorder.start({ key, name: 'age', type: 'tool', parent: root }))
    }
    recorder.end(root)
    if (turn % 100 === 0) await client.flush()
  }
  await client.flush()
}
