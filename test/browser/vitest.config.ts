import { defineConfig } from 'vitest/config'

import { SummaryReporter } from '../reporters/summary.ts'

const conditions = ['@trulayer/source']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'browser',
    root: import.meta.dirname,
    include: ['*.test.ts'],
    reporters: ['default', new SummaryReporter()],
    // A browser on a machine that is busy with something else.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
