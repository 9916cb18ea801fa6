import { defineConfig, type UserConfig } from 'tsdown'

/** Build settings that every published package shares. */
export function library(options: { entry: Record<string, string> }): UserConfig {
  return defineConfig({
    entry: options.entry,
    format: ['esm', 'cjs'],
    platform: 'neutral',
    target: 'es2022',
    dts: true,
    sourcemap: true,
    publint: { strict: true },
    attw: { profile: 'node16', level: 'error' },
  })
}
