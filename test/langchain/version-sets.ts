import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The names of the folders beside this file that pin versions of the frameworks. */
export function versionSets(): string[] {
  return readdirSync(import.meta.dirname).filter((name) =>
    existsSync(join(import.meta.dirname, name, 'package.json')),
  )
}

/** True for a set with the clients of real providers. */
export function hasProviders(set: string): boolean {
  return readFileSync(join(import.meta.dirname, set, 'package.json'), 'utf8').includes(
    '"@langchain/openai"',
  )
}
