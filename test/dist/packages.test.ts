import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { describe, expect, test } from 'vitest'

import { exec, plainEnvironment, repository } from '../support/pack.ts'
import { packages, type Package } from '../support/packages.ts'

const require = createRequire(import.meta.url)

test('core has no dependencies', () => {
  const core = packages.find(({ folder }) => folder === 'core')
  expect(core?.manifest.dependencies).toBeUndefined()
  expect(core?.manifest.peerDependencies).toBeUndefined()
})

test('all packages have one version', () => {
  expect(new Set(packages.map(({ manifest }) => manifest.version)).size).toBe(1)
})

describe.each(packages)('packages/$folder', (pkg) => {
  const { folder, path, manifest, entries } = pkg

  test('its manifest says what every manifest says', () => {
    expect(manifest).toMatchObject({
      name: `@trulayer/${folder}`,
      description: expect.stringMatching(/\S/),
      license: 'MIT',
      repository: {
        url: 'git+https://github.com/trulayer/adapters-typescript.git',
        directory: `packages/${folder}`,
      },
      type: 'module',
      // An entry that does its work when it is imported must not be shaken off.
      sideEffects: entries.some(([subpath]) => subpath === './register')
        ? ['./dist/register.*', './src/register.ts']
        : false,
      files: ['dist'],
      engines: { node: '>=20.19' },
    })
  })

  test('it depends on core alone, in the version of the repository', () => {
    const siblings = Object.entries(manifest.dependencies ?? {}).filter(([name]) =>
      name.startsWith('@trulayer/'),
    )
    expect(siblings).toEqual(folder === 'core' ? [] : [['@trulayer/core', `^${manifest.version}`]])
  })

  test('frameworks are optional peers', () => {
    const peers = Object.keys(manifest.peerDependencies ?? {})
    expect(manifest.peerDependenciesMeta ?? {}).toEqual(
      Object.fromEntries(peers.map((name) => [name, { optional: true }])),
    )
  })

  test('every file that the manifest names is there', () => {
    const named = [
      manifest.main,
      manifest.module,
      manifest.types,
      ...entries.flatMap(([, entry]) => [
        entry['@trulayer/source'],
        ...Object.values(entry.import),
        ...Object.values(entry.require),
      ]),
    ]
    expect(named.filter((file) => !existsSync(join(path, file)))).toEqual([])
  })

  test.each(entries)('ESM and CJS export the same names: %s', async (_subpath, entry) => {
    const esm = (await import(pathToFileURL(join(path, entry.import.default)).href)) as object
    const cjs = require(join(path, entry.require.default)) as object
    expect(Object.keys(cjs).toSorted()).toEqual(Object.keys(esm).toSorted())
  })

  test('what is built imports nothing but its dependencies', async () => {
    const allowed = Object.keys(manifest.dependencies ?? {})
    const foreign = (await importsOf(pkg)).filter(
      (name) => !allowed.some((known) => name === known || name.startsWith(`${known}/`)),
    )
    expect(foreign).toEqual([])
  })

  test('it is packed with its readme and licence, without source and tests', async () => {
    const printed = await exec('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: path,
      env: plainEnvironment(),
    })
    const answer: unknown = JSON.parse(printed)
    const [packed] = Object.values(answer as object) as [{ files: { path: string }[] }]
    const files = packed.files.map((file) => file.path)
    expect(files.filter((file) => !file.startsWith('dist/')).toSorted()).toEqual([
      'LICENSE',
      'README.md',
      'package.json',
    ])
    expect(await readFile(join(path, 'LICENSE'), 'utf8')).toBe(
      await readFile(join(repository, 'LICENSE'), 'utf8'),
    )
  })
})

/** What the built code and its types import from outside the package. */
async function importsOf({ path }: Package): Promise<string[]> {
  const dist = join(path, 'dist')
  const names = (await readdir(dist)).filter((name) => /\.(js|cjs|d\.ts|d\.cts)$/.test(name))
  const texts = await Promise.all(names.map((name) => readFile(join(dist, name), 'utf8')))
  const specifiers = texts.flatMap((text) =>
    [
      ...text.matchAll(/^(?:import|export)\b[^'"]*?['"]([^'"]+)['"]/gm),
      ...text.matchAll(/\b(?:require|import)\(\s*['"]([^'"]+)['"]/g),
    ].map((match) => match[1] ?? ''),
  )
  return [...new Set(specifiers)].filter((name) => !name.startsWith('.'))
}
