import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { exec, pack, plainEnvironment, repository, temporaryFolder } from '../support/pack.ts'

const folder = await temporaryFolder()
const tsc = join(repository, 'node_modules/typescript/bin/tsc')
const npmQuietly = ['--no-audit', '--no-fund']

let tarballs: string[] = []

beforeAll(async () => {
  tarballs = await pack(
    ['core', 'langchain', 'ai-sdk', 'mastra', 'llamaindex'],
    join(folder.path, 'packed'),
  )
})

afterAll(() => folder[Symbol.asyncDispose]())

/** A fresh project outside the repository, with the packed packages in it. */
async function project(name: string): Promise<string> {
  const cwd = join(folder.path, name)
  const options = { cwd, env: plainEnvironment() }
  await cp(join(import.meta.dirname, name), cwd, { recursive: true })
  await exec('npm', ['install', ...npmQuietly, '--no-save', ...tarballs], options)
  return cwd
}

function typeCheck(cwd: string, files: string[], ...options: string[]): Promise<string> {
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noEmit', '--ignoreConfig']
  const place = ['--target', 'es2022', '--lib', 'es2023,dom', '--types', '']
  return exec(process.execPath, [tsc, ...strict, ...place, ...options, ...files], {
    cwd,
    env: plainEnvironment(),
  })
}

const run = (cwd: string, file: string): Promise<string> =>
  exec(process.execPath, [file], { cwd, env: plainEnvironment(), timeout: 60_000 })

describe('a project with no framework', () => {
  let cwd = ''
  beforeAll(async () => {
    cwd = await project('bare')
  })

  test('has nothing installed but the packages themselves', async () => {
    const listed: unknown = JSON.parse(
      await readFile(join(cwd, 'node_modules/.package-lock.json'), 'utf8'),
    )
    const { packages } = listed as { packages: Record<string, { peer?: boolean }> }
    expect(Object.keys(packages).toSorted()).toEqual([
      'node_modules/@trulayer/ai-sdk',
      'node_modules/@trulayer/core',
      'node_modules/@trulayer/langchain',
      'node_modules/@trulayer/llamaindex',
      'node_modules/@trulayer/mastra',
    ])
  })

  test('core as installed has no dependencies of any kind', async () => {
    const file = join(cwd, 'node_modules/@trulayer/core/package.json')
    const manifest = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
    expect(manifest).not.toHaveProperty('dependencies')
    expect(manifest).not.toHaveProperty('peerDependencies')
    expect(manifest).not.toHaveProperty('optionalDependencies')
  })

  test.each(['index.mjs', 'index.cjs'])('%s records a nested trace', async (file) => {
    expect(await run(cwd, file)).toMatchInlineSnapshot(`
      "answer · ok
      └─ retrieval documents · ok
         └─ llm embeddings · ok
      function string function
      "
    `)
  })

  test.each(['nodenext', 'node16'])('its types hold with module %s', async (module) => {
    const files = ['types.mts', 'types.cts']
    expect(await typeCheck(cwd, files, '--module', module, '--skipLibCheck', 'false')).toBe('')
  })

  test('its types hold for a bundler', async () => {
    const options = ['--module', 'esnext', '--moduleResolution', 'bundler']
    expect(await typeCheck(cwd, ['types.mts'], ...options, '--skipLibCheck', 'false')).toBe('')
  })
})

describe('a project with frameworks', () => {
  let cwd = ''
  beforeAll(async () => {
    cwd = await project('frameworks')
  })

  test('index.mjs traces a LangChain model and an AI SDK call', async () => {
    expect(await run(cwd, 'index.mjs')).toMatchInlineSnapshot(`
      "chat · ok
      └─ llm chat · ok
      generateText · ok · 11 in, 3 out
      └─ llm chat mock-model-id · ok · 11 in, 3 out
      18 degrees
      "
    `)
  })

  test('index.cjs traces a LangChain model', async () => {
    expect(await run(cwd, 'index.cjs')).toMatchInlineSnapshot(`
      "chat · ok
      └─ llm chat · ok
      "
    `)
  })

  test.each(['nodenext', 'node16'])('its types hold with module %s', async (module) => {
    expect(await typeCheck(cwd, ['types.mts'], '--module', module, '--skipLibCheck')).toBe('')
  })
})

describe.each(['mastra', 'mastra-0.24'])('a project with %s', (name) => {
  let cwd = ''
  beforeAll(async () => {
    cwd = await project(name)
  })

  /* The program of either kind finds the current span of its own build of Mastra; before version 1 there is none. */
  const trees =
    name === 'mastra'
      ? `\
support · ok · 33 in, 9 out
├─ llm chat mock-model · ok · 11 in, 3 out
├─ tool ask · ok
│  └─ other sub · ok
│     └─ llm chat mock-model · ok · 11 in, 3 out
└─ llm chat mock-model · ok · 11 in, 3 out`
      : `\
sub · ok · 11 in, 3 out
└─ llm chat mock-model · ok · 11 in, 3 out
support · ok · 22 in, 6 out
├─ llm chat mock-model · ok · 11 in, 3 out
├─ tool ask · ok
└─ llm chat mock-model · ok · 11 in, 3 out`

  test.each(['index.mjs', 'index.cjs'])('%s traces an agent in a tool of another', async (file) => {
    expect((await run(cwd, file)).split('\n').toSorted()).toEqual(
      [...trees.split('\n'), 'It has 18 degrees.', 'true', ''].toSorted(),
    )
  })

  test('its types hold with module nodenext, for ESM and CJS', async () => {
    const files = ['types.mts', 'types.cts']
    expect(await typeCheck(cwd, files, '--module', 'nodenext', '--skipLibCheck')).toBe('')
  })

  // Mastra's own types are those of an ESM package, whatever imports it.
  test('its types hold with module node16, for ESM', async () => {
    expect(await typeCheck(cwd, ['types.mts'], '--module', 'node16', '--skipLibCheck')).toBe('')
  })
})
