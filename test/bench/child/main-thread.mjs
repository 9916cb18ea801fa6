import { Session } from 'node:inspector/promises'

/* Microseconds between two looks at the stack. */
const INTERVAL = 100

/**
 * How much of the main thread's time somebody's code takes, and all that it calls, by looks at the stack. A few microseconds
 * in a turn of ten thousand show that the difference of two processes hides; what collecting garbage and compiling take does
 * not.
 *
 * @param {() => Promise<void>} work
 * @param {readonly string[]} owners - parts of the addresses of the files that are somebody's
 * @returns {Promise<{ part: number, microseconds: number }>} the part of all samples, and the time that it stands for
 */
export async function mainThreadOf(work, owners) {
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: INTERVAL })
    await session.post('Profiler.start')
    await work()
    const { profile } = await session.post('Profiler.stop')
    return count(profile, owners)
  } finally {
    session.disconnect()
  }
}

function count({ nodes, samples, timeDeltas }, owners) {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const owned = new Set()
  // Parents stand before their children.
  for (const node of nodes) {
    const { url } = node.callFrame
    if (owned.has(node.id) || owners.some((owner) => url.includes(owner))) {
      owned.add(node.id)
      for (const child of node.children ?? []) owned.add(child)
    }
  }
  let all = 0
  let theirs = 0
  samples.forEach((id, index) => {
    const { functionName } = byId.get(id).callFrame
    if (functionName === '(idle)') return
    all += timeDeltas[index]
    theirs += owned.has(id) ? timeDeltas[index] : 0
  })
  return { part: theirs / all, microseconds: theirs }
}
