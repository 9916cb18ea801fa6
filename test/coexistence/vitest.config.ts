import { defineConfig } from 'vitest/config'

import { SummaryReporter } from '../reporters/summary.ts'
import { agentCombinations, tracersTried } from './peers.ts'

const conditions = ['@trulayer/source']

/* A file without a test fails, and some tracers have no part in these. */
const unused = [
  ...(tracersTried().length === 0 ? ['delivery.test.ts'] : []),
  ...(agentCombinations().length === 0 ? ['agents.test.ts'] : []),
]

/** The tests beside other tracers; `npm run test:coexistence` builds the packages and installs the versions first. */
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'coexistence',
    include: ['*.test.ts'],
    exclude: unused,
    // Each test waits for several processes, and a machine may be busy.
    testTimeout: 240_000,
    // Every process is one more already.
    fileParallelism: false,
    reporters: ['default', new SummaryReporter()],
  },
})
