import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The names of the folders beside this file that pin versions of the frameworks. */
export function versionSets(): string[] {
  return readdirSync(import.meta.dirname).filter((name) =>
    existsSync(join(import.meta.dirname, name, 'package.json')),
  )
}
