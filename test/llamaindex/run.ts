/*
 * Runs the tests of LlamaIndex's version sets: all of them, or those that are named. A set is installed from its lock file
 * when it is not there, or when the lock file has changed since.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { NEWEST, versionSets } from './version-sets.ts'

const folder = import.meta.dirname
const known = versionSets()
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`no such set: ${unknown.join(', ')}. There are: ${known.join(', ')}`)
  process.exit(1)
}
const sets = wanted.length === 0 ? known : wanted

const example = join(folder, '../../examples/llamaindex-rag')
const installs = sets.map((set) => ({ set, cwd: join(folder, set) }))
if (sets.includes(NEWEST)) {
  installs.push({ set: 'the example', cwd: example })
}
for (const { set, cwd } of installs) {
  if (!isInstalled(cwd)) {
    console.log(`installing ${set}`)
    // Two native modules are built when they are installed, which nothing here needs.
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], cwd)
  }
}
run(
  'vitest',
  ['run', '--config', 'llamaindex/vitest.config.ts', ...sets.flatMap(toProject)],
  join(folder, '..'),
)

function toProject(set: string): string[] {
  return ['--project', set]
}

/* npm writes this file last. */
function isInstalled(cwd: string): boolean {
  const installed = join(cwd, 'node_modules/.package-lock.json')
  return (
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(join(cwd, 'package-lock.json')).mtimeMs
  )
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' })
  if (status !== 0) {
    process.exit(status ?? 1)
  }
}
