/**
 * Tries the packed core on every runtime that it supports: two concurrent turns of nested spans are recorded
 * and delivered over HTTP to a service on loopback that holds the contract's schema against them.
 *
 *     npm run test:runtimes                  # builds, installs the runtimes on first use
 *     npm run test:runtimes -- node bun      # those alone whose name begins so
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

import { fromWireTrace, type WireTrace } from '@trulayer/core/internal'
import { spanTree } from '@trulayer/core/testing'

import { startIngestServer } from '../support/ingest-server.ts'
import { exec, pack, plainEnvironment, temporaryFolder } from '../support/pack.ts'

interface Runtime {
  name: string
  /** Records the turns; answers what `flush()` answered, as JSON text. */
  run(project: string, endpoint: string): Promise<string>
}

const here = import.meta.dirname
const bin = (name: string): string => join(here, 'node_modules/.bin', name)

/** The tree that each runtime must deliver. */
const expectedTree = (name: string): string => `${name} · ok · 7 in
├─ retrieval documents · ok
│  └─ llm embeddings · ok · 7 in
└─ tool weather · ok`

function treeOf(wire: WireTrace): string {
  const trace = fromWireTrace(JSON.parse(JSON.stringify(wire)))
  return trace === undefined ? 'no trace' : spanTree(trace)
}

/** A runtime that runs a file: `arguments_` stand before the file's name. */
function program(name: string, file: string, arguments_: string[], entry: string): Runtime {
  return {
    name,
    run: (project, endpoint) =>
      exec(file, [...arguments_, entry, endpoint, name], {
        cwd: project,
        env: { ...plainEnvironment(), DENO_NO_UPDATE_CHECK: '1' },
        timeout: 60_000,
      }),
  }
}

/** The Workers runtime itself, on a bundle; with `nodejs_compat` it has async context, without it none. */
function worker(name: string, flags: string[]): Runtime {
  const ambient = flags.length > 0
  return {
    name,
    async run(project, endpoint) {
      const folder = join(project, name)
      await mkdir(folder)
      const defines = { ENDPOINT: endpoint, NAME: name, AMBIENT: ambient }
      await exec(
        bin('esbuild'),
        [
          'worker.mjs',
          '--bundle',
          '--format=esm',
          '--conditions=workerd,worker,import',
          '--external:node:*',
          ...Object.entries(defines).map(
            ([key, value]) => `--define:${key}=${JSON.stringify(value)}`,
          ),
          `--outfile=${join(folder, 'worker.js')}`,
        ],
        { cwd: project },
      )
      await writeFile(join(folder, 'config.capnp'), workerConfig(flags))
      return callWorker(folder)
    },
  }
}

function workerConfig(flags: string[]): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-01",
  compatibilityFlags = [${flags.map((flag) => `"${flag}"`).join(', ')}],
);
`
}

async function callWorker(folder: string): Promise<string> {
  const server = spawn(bin('workerd'), ['serve', 'config.capnp', '--control-fd=3'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  let printed = ''
  server.stdout?.on('data', (data) => (printed += data))
  server.stderr?.on('data', (data) => (printed += data))
  try {
    const port = await new Promise<number>((resolve, reject) => {
      server.stdio[3]?.on('data', (data) => {
        const listening = /"socket":"http","port":(\d+)/.exec(String(data))
        if (listening) resolve(Number(listening[1]))
      })
      server.on('error', reject)
      server.on('exit', (code) => reject(new Error(`workerd ended (${code}): ${printed}`)))
    })
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      signal: AbortSignal.timeout(30_000),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`the worker answered ${response.status}: ${text}${printed}`)
    return text
  } finally {
    server.kill('SIGKILL')
  }
}

/** The machine's own Node 20; npm puts the repository's newer one before it on the path. */
async function node20(): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, 'node')
    if (folder.includes('node_modules') || !existsSync(file)) continue
    const version = await exec(file, ['--version'], { cwd: here }).catch(() => '')
    if (version.startsWith('v20.')) return file
  }
  return undefined
}

async function check(runtime: Runtime, project: string): Promise<void> {
  await using server = await startIngestServer()
  const printed = await runtime.run(project, server.url)
  const { delivered, pending, thumb } = JSON.parse(printed) as Record<string, unknown>
  const problems = [
    ...server.refused.map(({ problem }) => `refused: ${problem}`),
    ...(delivered === 2 && pending === 0 ? [] : [`flush() answered ${printed.trim()}`]),
    ...(thumb === 201 && server.feedback.length === 1
      ? []
      : [`the thumb came to ${String(thumb)}`]),
    ...(server.traces.length === 2 ? [] : [`${server.traces.length} traces arrived, not 2`]),
    ...server.traces
      .map(treeOf)
      .filter((tree) => tree !== expectedTree(runtime.name))
      .map((tree) => `not the expected tree:\n${tree}`),
  ]
  if (problems.length > 0) throw new Error(problems.join('\n'))
}

async function install(): Promise<void> {
  const installed = join(here, 'node_modules/.package-lock.json')
  const wanted = await readFile(join(here, 'package-lock.json'), 'utf8')
  const stamp = join(here, 'node_modules/.installed-for')
  const current = existsSync(installed) && existsSync(stamp) && (await readFile(stamp, 'utf8'))
  if (current === wanted) return
  console.log('installing bun, deno and workerd …')
  await exec('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here, env: plainEnvironment() })
  await writeFile(stamp, wanted)
}

async function main(): Promise<void> {
  await install()
  await using folder = await temporaryFolder()
  const [tarball = ''] = await pack(['core'], join(folder.path, 'packed'))
  const project = join(folder.path, 'project')
  await mkdir(project)
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }\n')
  await exec('npm', ['install', '--no-audit', '--no-fund', tarball], {
    cwd: project,
    env: plainEnvironment(),
  })
  for (const file of ['turn.mjs', 'thumb.mjs', 'main.mjs', 'main.cjs', 'worker.mjs']) {
    await cp(join(here, file), join(project, file))
  }

  const oldest = await node20()
  const major = process.versions.node.split('.')[0]
  const runtimes: Runtime[] = [
    ...(oldest === undefined
      ? []
      : [program('node20', oldest, [], 'main.mjs'), program('node20-cjs', oldest, [], 'main.cjs')]),
    program(`node${major}`, process.execPath, [], 'main.mjs'),
    program(`node${major}-cjs`, process.execPath, [], 'main.cjs'),
    program('bun', bin('bun'), [], 'main.mjs'),
    program('bun-cjs', bin('bun'), [], 'main.cjs'),
    program('deno', bin('deno'), ['run', '-A', '--node-modules-dir=manual'], 'main.mjs'),
    worker('workerd', ['nodejs_compat']),
    worker('workerd-bare', []),
  ]
  const wanted = process.argv.slice(2)
  const counts = { passed: 0, failed: 0, skipped: oldest === undefined ? 2 : 0 }
  if (oldest === undefined) console.log('skip  node20: there is none on the path')
  for (const runtime of runtimes) {
    if (wanted.length > 0 && !wanted.some((prefix) => runtime.name.startsWith(prefix))) continue
    const started = performance.now()
    try {
      await check(runtime, project)
      counts.passed += 1
      console.log(`ok    ${runtime.name} (${Math.round(performance.now() - started)} ms)`)
    } catch (error) {
      counts.failed += 1
      console.log(
        `FAIL  ${runtime.name}\n${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
  console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`)
  process.exitCode = counts.failed > 0 ? 1 : 0
}

await main()
