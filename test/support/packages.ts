import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { repository } from './pack.ts'

interface Target {
  types: string
  default: string
}

/** One line of a package's `exports` that leads to code. */
export interface Entry {
  '@trulayer/source': string
  import: Target
  require: Target
}

/** What of a `package.json` the tests look at. */
export interface Manifest {
  name: string
  version: string
  description?: string
  license?: string
  repository?: { url: string; directory: string }
  type?: string
  sideEffects?: boolean
  files?: string[]
  main: string
  module: string
  types: string
  exports: Record<string, Entry | string>
  engines?: { node: string }
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
}

export interface Package {
  /** The folder's name under `packages/`. */
  folder: string
  path: string
  manifest: Manifest
  /** By subpath: `.`, `./testing`. */
  entries: [subpath: string, entry: Entry][]
}

/** Every package that is published. */
export const packages: Package[] = readdirSync(join(repository, 'packages'))
  .toSorted()
  .map((folder) => {
    const path = join(repository, 'packages', folder)
    const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest
    const entries = Object.entries(manifest.exports).filter(
      (line): line is [string, Entry] => typeof line[1] !== 'string',
    )
    return { folder, path, manifest, entries }
  })
