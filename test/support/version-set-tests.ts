import { defineConfig, type ViteUserConfig } from 'vitest/config'

import { SummaryReporter } from '../reporters/summary.ts'
import { versionSetsIn } from './version-sets.ts'

const conditions = ['@trulayer/source']

/** What differs between the frameworks. */
export interface VersionSetTests {
  /** The folder with the tests and the sets. */
  readonly folder: string
  /** The environment variable that tells a test its set. */
  readonly variable: string
  /** Test files that a set leaves out. @defaultValue none */
  readonly excludedFrom?: (set: string) => readonly string[]
}

/** Test settings of a framework with version sets: every set is a project with all tests. */
export function versionSetTests({
  folder,
  variable,
  excludedFrom,
}: VersionSetTests): ViteUserConfig {
  return defineConfig({
    test: {
      reporters: ['default', new SummaryReporter()],
      projects: versionSetsIn(folder).map((name) => ({
        resolve: { conditions },
        ssr: { resolve: { conditions } },
        test: {
          name,
          root: folder,
          include: ['*.test.ts'],
          exclude: [...(excludedFrom?.(name) ?? [])],
          env: { [variable]: name },
          testTimeout: 30_000,
        },
      })),
    },
  })
}
