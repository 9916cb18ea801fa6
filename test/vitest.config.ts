import { configDefaults, defineConfig } from 'vitest/config'

const conditions = ['@trulayer/source']

/** The tests that run from source. Those that need a build or other runtimes have a script each. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'test',
    include: ['**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'dist/**', 'consumer/**', 'runtime/**', 'mastra/**'],
    typecheck: { enabled: true, include: ['**/*.test-d.ts'], tsconfig: '../tsconfig.json' },
  },
})
