import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

import { exec, plainEnvironment } from './pack.ts'

/** How a folder is installed. */
export interface InstallOptions {
  /** What to call it where the wait is told. @defaultValue the folder's name */
  readonly name?: string
  /** More arguments for npm. @defaultValue none */
  readonly npmArguments?: readonly string[]
}

/**
 * Installs a folder that has a lock file of its own on first use, and again when the lock file has changed. What was installed is
 * told by a copy of it: its date says nothing, since a clone is younger than what it is a clone of.
 *
 * @throws Error with all that npm printed
 */
export async function installLocked(folder: string, options: InstallOptions = {}): Promise<void> {
  const { name = basename(folder), npmArguments = [] } = options
  const lock = await readFile(join(folder, 'package-lock.json'), 'utf8')
  const stamp = join(folder, 'node_modules/.installed-for')
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === lock) {
    return
  }
  process.stderr.write(`installing ${name} …\n`)
  await exec('npm', ['ci', '--no-audit', '--no-fund', ...npmArguments], {
    cwd: folder,
    env: plainEnvironment(),
  })
  await writeFile(stamp, lock)
}
