/*
 * Opens pages in a real Chromium, whose feedback and traces go through a relay behind real servers:
 *
 *     npm run test:browser
 *
 * Installs playwright-core and the servers on first use, and Chromium where there is none.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

import { installLocked } from '../support/install-locked.ts'
import { ensureChromium } from './chromium.ts'

const here = import.meta.dirname

function run(command: string, args: readonly string[], cwd: string): boolean {
  return spawnSync(command, args, { cwd, stdio: 'inherit' }).status === 0
}

await installLocked(here, { name: 'playwright-core, express and hono' })
const problem = ensureChromium()
if (problem !== undefined) {
  console.error(problem)
  console.log('\n0 passed, 1 failed')
  process.exit(1)
}
const areTypesRight = run('tsc', ['-p', here], here)
const arePassed = run('vitest', ['run', '--config', join(here, 'vitest.config.ts')], here)
process.exitCode = areTypesRight && arePassed ? 0 : 1
