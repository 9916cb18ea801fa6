import type { Plugin } from 'vitest/config'

import type { Mutation } from './mutations.ts'

/** The source with the mutation in it. */
export function mutate(source: string, { forgets, file, find, replace }: Mutation): string {
  const parts = source.split(find)
  if (parts.length !== 2) {
    throw new Error(`${forgets}: \`${find}\` stands ${parts.length - 1} times in ${file}, not once`)
  }
  return parts.join(replace)
}

/** Changes the one file as it is loaded; nothing on disk changes. */
export function forgetful(mutation: Mutation): Plugin {
  return {
    name: 'forgetful',
    enforce: 'pre',
    transform: (source, id) =>
      id.endsWith(`/packages/core/src/${mutation.file}`) ? mutate(source, mutation) : undefined,
  }
}
