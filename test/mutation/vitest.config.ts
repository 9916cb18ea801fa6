import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

import { forgetful } from './forgetful.ts'
import { MUTATIONS } from './mutations.ts'

const conditions = ['@trulayer/source']
const mutation = MUTATIONS.find(({ forgets }) => forgets === process.env['TRULAYER_TEST_FORGETS'])

/** The tests of redaction, of code that forgets what the environment says; of code that forgets nothing without that. */
export default defineConfig({
  root: join(import.meta.dirname, '../../packages/core'),
  plugins: mutation === undefined ? [] : [forgetful(mutation)],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['test/policy/{nothing-leaves,every-way-out,what-is-kept}.test.ts'],
    testTimeout: 60_000,
    // It knows a file by what stands on disk, and would hand one mutation to the next.
    fsModuleCache: false,
  },
})
