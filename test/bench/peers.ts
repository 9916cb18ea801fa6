import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { installLocked } from '../support/install-locked.ts'
import { repository } from '../support/pack.ts'

const here = import.meta.dirname

/** Installs the peers on first use, and again when their lock file changes. */
export async function installPeers(): Promise<void> {
  await installLocked(here, { name: 'the peers' })
}

/** What was measured: the runtime, our packages as they are built, and the peers by their pinned versions. */
export async function versions(): Promise<Record<string, string>> {
  const manifest = JSON.parse(await readFile(join(here, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const built = existsSync(join(repository, 'packages/core/dist/index.js'))
  if (!built) throw new Error('our packages are not built: run `npm run build` first')
  return { node: process.versions.node, ...manifest.dependencies }
}
