import { setTimeout as sleep } from 'node:timers/promises'

/*
 * Traces that leave by a timer, with a flush, and feedback, each in a request of the program, and a request of the program
 * itself. Once over Node's own `http` and once over `fetch`.
 */
export async function createHost({ hasOurs, early, setUpPeer, toolUrl }) {
  const tracer = early ?? (await setUpPeer())
  const core = hasOurs ? await import('@trulayer/core') : undefined
  return { turn, tracer }

  async function turn() {
    const answers = []
    for (const transport of [undefined, (...parameters) => fetch(...parameters)]) {
      const client =
        core === undefined ? undefined : new core.TruLayer({ flushInterval: 20, fetch: transport })
      answers.push(await tracer.request('by-timer', () => answerByTimer(client)))
      answers.push(await tracer.request('by-flush', () => answerByFlush(client)))
      await client?.shutdown()
    }
    return answers
  }

  async function answerByTimer(client) {
    await client?.trace('answer', () => 'sunny')
    while (client?.stats().traces.sent === 0) {
      await sleep(5)
    }
    // The request goes on after the delivery, and has a call of its own.
    const response = await fetch(toolUrl)
    return await response.json()
  }

  async function answerByFlush(client) {
    const traceId = await client?.trace('answer', (trace) => trace.id)
    await client?.flush()
    await client?.submitFeedback({ traceId, label: 'good' })
    return 'flushed'
  }
}
