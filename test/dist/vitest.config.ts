import { defineConfig } from 'vitest/config'

import { SummaryReporter } from '../reporters/summary.ts'

/** Tests of what is published: they read `packages/*\/dist`, so build first. */
export default defineConfig({
  test: {
    name: 'dist',
    include: ['dist/**/*.test.ts'],
    reporters: ['default', new SummaryReporter()],
  },
})
