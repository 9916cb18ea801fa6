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
  /** The test files that a set plays. @defaultValue all of the folder */
  readonly include?: (set: string) => string
}

/** Test settings of a framework with version sets: every set is a project with all tests. */
export function versionSetTests({ folder, variable, include }: VersionSetTests): ViteUserConfig {
  return defineConfig({
    test: {
      reporters: ['default', new SummaryReporter()],
      projects: versionSetsIn(folder).map((name) => ({
        resolve: { conditions },
        ssr: { resolve: { conditions } },
        test: {
          name,
          root: folder,
          include: [include?.(name) ?? '*.test.ts'],
          env: { [variable]: name },
          // No test waits for long; a machine that is busy with something else may make it.
          testTimeout: 60_000,
        },
      })),
    },
  })
}
