import { defineConfig } from 'vitest/config'

import { SummaryReporter } from '../reporters/summary.ts'

/** Packs the packages and uses them in a fresh project outside the repository: build first. */
export default defineConfig({
  test: {
    name: 'consumer',
    include: ['consumer/**/*.test.ts'],
    reporters: ['default', new SummaryReporter()],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
})
