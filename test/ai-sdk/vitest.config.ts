import { defineConfig } from 'vitest/config'

import { SummaryReporter } from '../reporters/summary.ts'

const conditions = ['@trulayer/source']

/** The tests that run on every version of the AI SDK; `npm run test:ai-sdk` installs the versions first. */
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'ai-sdk-versions',
    include: ['*/*.test.ts'],
    // Version 4 waits two seconds before it tries a model again, whatever the provider says.
    testTimeout: 60_000,
    reporters: ['default', new SummaryReporter()],
    env: { AI_SDK_LOG_WARNINGS: 'false' },
  },
})
