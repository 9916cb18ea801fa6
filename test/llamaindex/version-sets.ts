import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The set that the example has as well. */
export const NEWEST = '0.12.1'

/** The names of the folders beside this file that pin versions of the frameworks. */
export function versionSets(): string[] {
  return readdirSync(import.meta.dirname).filter((name) =>
    existsSync(join(import.meta.dirname, name, 'package.json')),
  )
}
