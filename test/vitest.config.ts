import { configDefaults, defineConfig } from 'vitest/config'

const conditions = ['@trulayer/source']

/** The tests that run from source. Those that need a build or other runtimes have a script each. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'test',
    include: ['**/*.test.ts'],
    testTimeout: 30_000,
    exclude: [
      ...configDefaults.exclude,
      'ai-sdk/**',
      'browser/**',
      'coexistence/**',
      'consumer/**',
      'dist/**',
      'langchain/**',
      'llamaindex/**',
      'mastra/**',
      'runtime/**',
    ],
    typecheck: { enabled: true, include: ['**/*.test-d.ts'], tsconfig: '../tsconfig.json' },
  },
})
