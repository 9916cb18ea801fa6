/* One system, told turns at a pace that every one of them can deliver. */
import { setTimeout as sleep } from 'node:timers/promises'

import { serveRounds } from './serve-rounds.mjs'
import { systems } from './systems.mjs'

const SEGMENT = 25
const PAUSE = 10
const SPANS = 4

const [name, url] = process.argv.slice(2)
const system = await systems[name](url)
let next = Number(process.argv[4])

serveRounds({
  async work(count) {
    const segments = []
    for (let done = 0; done < count; done += SEGMENT) {
      const before = process.cpuUsage()
      for (let index = 0; index < SEGMENT; index += 1) {
        const traced = system.trace(next)
        // Awaited only where it must be: a microtask more would count as cost.
        if (traced !== undefined) await traced
        next += 1
      }
      const { user, system: kernel } = process.cpuUsage(before)
      segments.push((user + kernel) / SEGMENT / SPANS)
      await sleep(PAUSE)
    }
    return { path: segments.toSorted((a, b) => a - b)[Math.floor(segments.length / 2)] }
  },
  drain: () => system.flush(),
  describe: () => system.stats?.(),
})
