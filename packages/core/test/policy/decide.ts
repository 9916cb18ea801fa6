/* Plays turns with the ids that stand in the first argument, as a process of its own, and tells which of them it keeps. */
import { readFileSync } from 'node:fs'
import { keptOf } from './kept.ts'

interface Task {
  readonly rate: number
  readonly by: 'trace' | 'session'
  readonly ids: readonly string[]
}

const tasks = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Task[]
const kept = await Promise.all(tasks.map(({ rate, by, ids }) => keptOf(ids, rate, by)))
process.stdout.write(JSON.stringify(kept))
