/*
 * Opens pages in a real Chromium, whose feedback and traces go through a relay behind real servers:
 *
 *     npm run test:browser
 *
 * Installs playwright-core and the servers on first use, and Chromium where there is none.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { ensureChromium } from './chromium.ts'

const here = import.meta.dirname

function run(command: string, args: readonly string[], cwd: string): boolean {
  return spawnSync(command, args, { cwd, stdio: 'inherit' }).status === 0
}

/* Installed once for each lock file, which is kept beside what it describes. */
function install(): boolean {
  const lock = readFileSync(join(here, 'package-lock.json'), 'utf8')
  const stamp = join(here, 'node_modules/.installed-for')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) {
    return true
  }
  console.log('installing playwright-core, express and hono …')
  const isInstalled = run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], here)
  if (isInstalled) {
    writeFileSync(stamp, lock)
  }
  return isInstalled
}

const problem = install() ? ensureChromium() : 'could not install what the test needs'
if (problem !== undefined) {
  console.error(problem)
  console.log('\n0 passed, 1 failed')
  process.exit(1)
}
const areTypesRight = run('tsc', ['-p', here], here)
const arePassed = run('vitest', ['run', '--config', join(here, 'vitest.config.ts')], here)
process.exitCode = areTypesRight && arePassed ? 0 : 1
