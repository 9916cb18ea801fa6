import { defineConfig } from 'vitest/config'

import { SummaryReporter } from './test/reporters/summary.ts'

export default defineConfig({
  test: {
    projects: ['packages/*', 'test'],
    reporters: ['default', new SummaryReporter()],
    coverage: { provider: 'v8', include: ['packages/*/src/**'] },
  },
})
