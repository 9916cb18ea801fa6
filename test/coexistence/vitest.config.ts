import { defineConfig } from 'vitest/config'

import { SummaryReporter } from '../reporters/summary.ts'

const conditions = ['@trulayer/source']

/** The tests beside other tracers; `npm run test:coexistence` builds the packages and installs the versions first. */
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'coexistence',
    include: ['*.test.ts'],
    // Each test waits for several processes, and a machine may be busy.
    testTimeout: 240_000,
    // Every process is one more already.
    fileParallelism: false,
    reporters: ['default', new SummaryReporter()],
  },
})
