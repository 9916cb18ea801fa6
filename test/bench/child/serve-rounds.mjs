import { mainThreadOf } from './main-thread.mjs'

/**
 * Measures rounds when the parent asks for them, so that contenders in processes of their own take turns.
 *
 * @param {{
 *   work: (count: number) => Promise<void | { path: number }>,
 *   drain?: () => Promise<void>,
 *   describe?: () => unknown,
 * }} contender - `work` is what the program waits for, `drain` what goes on behind it. `path` is the median of smaller
 *   pieces, in microseconds for each of `count`, where `work` measures them itself.
 */
export function serveRounds({ work, drain, describe }) {
  process.on('message', (message) => {
    answer(message).then(
      (reply) => process.send(reply),
      (error) => process.send({ error: error instanceof Error ? error.stack : String(error) }),
    )
  })

  async function answer({ kind, count, owners }) {
    if (kind === 'describe') return { description: await describe?.() }
    if (kind === 'profile') {
      const all = async () => {
        await work(count)
        await drain?.()
      }
      const { part, microseconds } = await mainThreadOf(all, owners)
      return { part, own: microseconds / count }
    }
    globalThis.gc()
    const before = process.cpuUsage()
    const started = performance.now()
    const measured = await work(count)
    const wall = (performance.now() - started) * 1000
    const working = process.cpuUsage(before)
    await drain?.()
    const cpu = process.cpuUsage(before)
    return {
      wall: wall / count,
      path: measured?.path ?? (working.user + working.system) / count,
      total: (cpu.user + cpu.system) / count,
    }
  }

  process.send({ ready: true })
}
