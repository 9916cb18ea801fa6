import { defineConfig } from 'vitest/config'

import { SummaryReporter } from '../reporters/summary.ts'
import { hasProviders, versionSets } from './version-sets.ts'

const conditions = ['@trulayer/source']

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
        exclude: hasProviders(name) ? [] : ['providers.test.ts'],
        env: { LANGCHAIN_SET: name },
        testTimeout: 20_000,
      },
    })),
  },
})
