import { defineConfig, type ViteUserConfig } from 'vitest/config'

const conditions = ['@trulayer/source']

/** Test settings of a published package: it runs from source, and its `*.test-d.ts` are type-checked. */
export function packageTests(name: string): ViteUserConfig {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      include: ['test/**/*.test.ts'],
      // No test waits for long; a machine that is busy with something else may make it.
      testTimeout: 30_000,
      typecheck: {
        enabled: true,
        include: ['test/**/*.test-d.ts'],
        tsconfig: '../../tsconfig.json',
      },
    },
  })
}
