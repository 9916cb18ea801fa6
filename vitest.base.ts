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
      typecheck: {
        enabled: true,
        include: ['test/**/*.test-d.ts'],
        tsconfig: '../../tsconfig.json',
      },
    },
  })
}
