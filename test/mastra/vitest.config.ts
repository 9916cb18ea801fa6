import { defineConfig } from 'vitest/config'

import { SummaryReporter } from '../reporters/summary.ts'
import { versionSets } from './version-sets.ts'

const conditions = ['@trulayer/source']

/* One project for each folder with versions of its own. The documents and programs of their own show the newest. */
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
        include: [name === 'newest' ? '*.test.ts' : '{exporter,scenarios,types}.test.ts'],
        env: { MASTRA_SET: name },
        // No test waits for long; a machine that is busy with something else may make it.
        testTimeout: 60_000,
      },
    })),
  },
})
