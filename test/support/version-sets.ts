import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'

import { type InstallOptions, installLocked } from './install-locked.ts'

/** The folders of a framework's tests that pin versions of it, by name. */
export function versionSetsIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'package.json')))
}

/** What is installed besides the sets, with the set that it goes with. */
export interface AlongWith {
  readonly set: string
  readonly folder: string
}

/**
 * Runs a framework's tests on its version sets: all of them, or those that the command line names. Each is a project of the
 * `vitest.config.ts` in the folder, and installed first. Ends the process with the status of the tests.
 */
export async function testVersionSets(
  folder: string,
  options: Pick<InstallOptions, 'npmArguments'> & { readonly alongWith?: AlongWith } = {},
): Promise<never> {
  const { alongWith, ...install } = options
  const known = versionSetsIn(folder)
  const wanted = process.argv.slice(2)
  const unknown = wanted.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    console.error(`no such set: ${unknown.join(', ')}. There are: ${known.join(', ')}`)
    process.exit(1)
  }
  const sets = wanted.length === 0 ? known : wanted
  const folders = sets.map((set) => join(folder, set))
  if (alongWith !== undefined && sets.includes(alongWith.set)) {
    folders.push(alongWith.folder)
  }
  for (const place of folders) {
    await installLocked(place, install)
  }
  const config = join(basename(folder), 'vitest.config.ts')
  const projects = sets.flatMap((set) => ['--project', set])
  const { status } = spawnSync('vitest', ['run', '--config', config, ...projects], {
    cwd: join(folder, '..'),
    stdio: 'inherit',
  })
  process.exit(status ?? 1)
}
