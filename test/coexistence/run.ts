/*
 * Runs hosts beside other tracers, each combination in processes of its own: all tracers, those that are named
 * (`npm run test:coexistence -- sentry datadog`), or a few combinations (`-- sample`). What is missing is installed first.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

import { installLocked } from '../support/install-locked.ts'
import { versionSetsIn } from '../support/version-sets.ts'
import { PEERS_VARIABLE, peers, SAMPLE } from './peers.ts'

const here = import.meta.dirname
const names = process.argv.slice(2)
const unknown = names.filter((name) => name !== SAMPLE && peers.every((peer) => peer.name !== name))
if (unknown.length > 0) {
  const known = peers.map(({ name }) => name).join(', ')
  console.error(`there is no ${unknown.join(', ')}; there are ${known}`)
  process.exit(1)
}
for (const set of versionSetsIn(here)) {
  await installLocked(join(here, set), { name: `coexistence/${set}` })
}
const { status } = spawnSync('vitest', ['run', '--config', join(here, 'vitest.config.ts')], {
  cwd: here,
  stdio: 'inherit',
  env: { ...process.env, [PEERS_VARIABLE]: names.join(',') },
})
process.exitCode = status ?? 1
