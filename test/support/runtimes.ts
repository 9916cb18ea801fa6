import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

import { installLocked } from './install-locked.ts'
import { exec, pack, plainEnvironment } from './pack.ts'

const folder = join(import.meta.dirname, '../runtime')

/** The command of a runtime that `installRuntimes` brings. */
export function runtimeBin(name: 'bun' | 'deno' | 'esbuild' | 'workerd'): string {
  return join(folder, 'node_modules/.bin', name)
}

/** Installs Bun, Deno and workerd, pinned, on first use. */
export async function installRuntimes(): Promise<void> {
  await installLocked(folder, { name: 'bun, deno and workerd' })
}

/** The machine's own Node 20; npm puts the repository's newer one before it on the path. */
export async function findNode20(): Promise<string | undefined> {
  for (const place of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(place, 'node')
    if (place.includes('node_modules') || !existsSync(file)) continue
    const version = await exec(file, ['--version'], { cwd: folder }).catch(() => '')
    if (version.startsWith('v20.')) return file
  }
  return undefined
}

/** A fresh project in `parent` in which the packed core is installed; answers its path. */
export async function createProject(parent: string): Promise<string> {
  const [tarball = ''] = await pack(['core'], join(parent, 'packed'))
  const project = join(parent, 'project')
  await mkdir(project)
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }\n')
  await exec('npm', ['install', '--no-audit', '--no-fund', tarball], {
    cwd: project,
    env: plainEnvironment(),
  })
  return project
}

/** A Worker that runs. */
export interface RunningWorker {
  readonly url: string
  /** What it and its runtime wrote. */
  printed(): string
  stop(): void
}

/** Bundles a file and runs it in the Workers runtime itself. */
export async function startWorker(options: {
  /** A folder that is made for it, beside the file. */
  readonly name: string
  /** The absolute path of the file, in a project where what it imports is installed. */
  readonly file: string
  /** Names that the bundler replaces. */
  readonly defines: Readonly<Record<string, unknown>>
  /** Compatibility flags. */
  readonly flags: readonly string[]
}): Promise<RunningWorker> {
  const place = join(options.file, '..', options.name)
  await mkdir(place)
  await exec(
    runtimeBin('esbuild'),
    [
      options.file,
      '--bundle',
      '--format=esm',
      '--conditions=workerd,worker,import',
      '--external:node:*',
      '--external:cloudflare:*',
      ...Object.entries(options.defines).map(
        ([key, value]) => `--define:${key}=${JSON.stringify(value)}`,
      ),
      `--outfile=${join(place, 'worker.js')}`,
    ],
    { cwd: place },
  )
  await writeFile(join(place, 'config.capnp'), workerConfig(options.flags))
  return serve(place)
}

function workerConfig(flags: readonly string[]): string {
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

async function serve(place: string): Promise<RunningWorker> {
  const server = spawn(runtimeBin('workerd'), ['serve', 'config.capnp', '--control-fd=3'], {
    cwd: place,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  let printed = ''
  server.stdout?.on('data', (data) => (printed += data))
  server.stderr?.on('data', (data) => (printed += data))
  const stop = (): void => {
    server.kill('SIGKILL')
  }
  try {
    const port = await new Promise<number>((resolve, reject) => {
      server.stdio[3]?.on('data', (data) => {
        const listening = /"socket":"http","port":(\d+)/.exec(String(data))
        if (listening) resolve(Number(listening[1]))
      })
      server.on('error', reject)
      server.on('exit', (code) => reject(new Error(`workerd ended (${code}): ${printed}`)))
    })
    return { url: `http://127.0.0.1:${port}`, printed: () => printed, stop }
  } catch (error) {
    stop()
    throw error
  }
}
