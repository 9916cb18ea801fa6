/**
 * Tries the packed core on every runtime that it supports: two concurrent turns of nested spans are recorded
 * and delivered over HTTP to a service on loopback that holds the contract's schema against them.
 *
 *     npm run test:runtimes                  # builds, installs the runtimes on first use
 *     npm run test:runtimes -- node bun      # those alone whose name begins so
 */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'

import { fromWireTrace, type WireTrace } from '@trulayer/core/internal'
import { spanTree } from '@trulayer/core/testing'

import { startIngestServer } from '../support/ingest-server.ts'
import { exec, plainEnvironment, temporaryFolder } from '../support/pack.ts'
import {
  createProject,
  findNode20,
  installRuntimes,
  runtimeBin,
  startWorker,
} from '../support/runtimes.ts'

interface Runtime {
  name: string
  /** Records the turns; answers what `flush()` answered, as JSON text. */
  run(project: string, endpoint: string): Promise<string>
}

const here = import.meta.dirname

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
  return {
    name,
    async run(project, endpoint) {
      const running = await startWorker({
        name,
        file: join(project, 'worker.mjs'),
        defines: { ENDPOINT: endpoint, NAME: name, AMBIENT: flags.length > 0 },
        flags,
      })
      try {
        const response = await fetch(running.url, { signal: AbortSignal.timeout(30_000) })
        const text = await response.text()
        if (!response.ok) {
          throw new Error(`the worker answered ${response.status}: ${text}${running.printed()}`)
        }
        return text
      } finally {
        running.stop()
      }
    },
  }
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

async function main(): Promise<void> {
  await installRuntimes()
  await using folder = await temporaryFolder()
  const project = await createProject(folder.path)
  for (const file of ['turn.mjs', 'thumb.mjs', 'main.mjs', 'main.cjs', 'worker.mjs']) {
    await cp(join(here, file), join(project, file))
  }

  const oldest = await findNode20()
  const major = process.versions.node.split('.')[0]
  const runtimes: Runtime[] = [
    ...(oldest === undefined
      ? []
      : [program('node20', oldest, [], 'main.mjs'), program('node20-cjs', oldest, [], 'main.cjs')]),
    program(`node${major}`, process.execPath, [], 'main.mjs'),
    program(`node${major}-cjs`, process.execPath, [], 'main.cjs'),
    program('bun', runtimeBin('bun'), [], 'main.mjs'),
    program('bun-cjs', runtimeBin('bun'), [], 'main.cjs'),
    program('deno', runtimeBin('deno'), ['run', '-A', '--node-modules-dir=manual'], 'main.mjs'),
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
