/*
 * Runs the tests of the AI SDK on several versions of it, each in a folder with a lock file of its own: all of them, or
 * those that are named (`npm run test:ai-sdk -- 7.0.173`), or with `--newest` the newest of each major. What is missing
 * is installed first.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'

import { installLocked } from '../support/install-locked.ts'

const here = import.meta.dirname
const root = path.join(here, '../..')
const PROVIDERS = 'providers'

const versions = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && /^\d/.test(entry.name))
  .map(({ name }) => name)
  .toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true }))

function newest(): string[] {
  const byMajor = new Map(versions.map((version) => [version.split('.')[0], version]))
  return [...byMajor.values()]
}

function chosen(names: readonly string[]): readonly string[] {
  const unknown = names.filter((name) => !versions.includes(name))
  if (unknown.length > 0) {
    throw new Error(`there is no ${unknown.join(', ')}; there are ${versions.join(', ')}`)
  }
  return names.length === 0 ? versions : names
}

function run(command: string, args: readonly string[], folder: string): boolean {
  const { status } = spawnSync(command, args, { cwd: folder, stdio: 'inherit' })
  return status === 0
}

const names = process.argv.slice(2)
const sets = names.includes('--newest') ? newest() : chosen(names)
for (const name of [...sets, PROVIDERS]) {
  await installLocked(path.join(here, name))
}
const areTypesRight = sets
  .map((name) => run('tsc', ['-p', path.join(here, name)], root))
  .every((isRight) => isRight)
const arePassed = run(
  'vitest',
  ['run', '--config', path.join(here, 'vitest.config.ts'), ...sets.map((name) => `${name}/`)],
  root,
)
process.exitCode = areTypesRight && arePassed ? 0 : 1
