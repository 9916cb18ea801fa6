import { defineConfig } from 'vitest/config'

import { SummaryReporter } from '../reporters/summary.ts'
import { NEWEST, versionSets } from './version-sets.ts'

const conditions = ['@trulayer/source']

/* What does not depend on the version. */
const ONCE = ['example.test.ts', 'heap.test.ts']

/* One project for each folder with versions of its own. */
const sets = versionSets()

export default defineConfig({
  test: {
    reporters: ['default', new SummaryReporter()],
    projects: sets.map((name) => ({
      resolve: { conditions },
      ssr: { resolve: { conditions } },
      test: {
        name,
        root: import.meta.dirname,
        include: ['*.test.ts'],
        exclude: name === NEWEST ? [] : ONCE,
        env: { LLAMAINDEX_SET: name },
        testTimeout: 30_000,
      },
    })),
  },
})
