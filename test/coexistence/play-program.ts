import { spawn } from 'node:child_process'
import { join } from 'node:path'

import type { WireTrace } from '@trulayer/core/internal'

import type { IngestRequest } from '../support/ingest-server.ts'
import type { PlainSpan } from './forest.ts'
import { type Host, type Peer, peers, type VersionSet } from './peers.ts'
import { startStage } from './stage.ts'

/** What a program is to do. */
export interface Program {
  readonly set: VersionSet
  readonly host: Host
  readonly peer: string
  readonly order: 'ours-first' | 'peer-first'
  readonly hasOurs: boolean
  readonly turns?: number
  readonly concurrency?: number
  /** True where each turn streams agents of the AI SDK in place of its functions. @defaultValue false */
  readonly usesAgents?: boolean
  /** How it ends: it flushes and exits, it runs out of work, or it gets a SIGTERM. @defaultValue `flush` */
  readonly end?: 'flush' | 'natural' | 'signal'
}

/** What came of a program. */
export interface Played {
  readonly results: readonly unknown[]
  readonly warnings: readonly string[]
  /** What is on the host's model and tools at the end and was not at the start. */
  readonly leftovers: readonly string[]
  /** Hosts beyond this machine that something tried to reach. */
  readonly network: readonly string[]
  /** What the other tracer recorded. */
  readonly spans: readonly PlainSpan[]
  readonly traces: readonly WireTrace[]
  /** Our requests to the service. */
  readonly requests: readonly IngestRequest[]
  readonly exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null }
  /** Milliseconds from the end of its work, or from the signal, until it was gone. */
  readonly lasted: number
  readonly stderr: string
}

const LIMIT = 120_000
const here = import.meta.dirname

/** Runs a program in a process of its own, since other tracers patch what is global. */
export async function playProgram(program: Program): Promise<Played> {
  const peer: Peer = peers.find(({ name }) => name === program.peer) ?? { name: 'none', hosts: {} }
  await using stage = await startStage()
  const preload = peer.preload === undefined ? [] : ['--import', peer.preload]
  const child = spawn(
    process.execPath,
    [
      ...preload,
      join(here, 'programs/main.mjs'),
      JSON.stringify({ ...program, hasPlainTools: peer.copiesTools === true }),
    ],
    {
      cwd: join(here, program.set),
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        AI_SDK_LOG_WARNINGS: 'false',
        MASTRA_TELEMETRY_DISABLED: '1',
        ...peer.environment,
        ...stage.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT,
      killSignal: 'SIGKILL',
    },
  )
  let stdout = ''
  let stderr = ''
  let doneAt: number | undefined
  child.stdout.on('data', (data: Buffer) => {
    stdout += data.toString()
    if (doneAt === undefined && /OUTCOME .*\n/.test(stdout)) {
      doneAt = performance.now()
    }
    if (program.end === 'signal' && stdout.includes('READY\n') && child.signalCode === null) {
      child.kill('SIGTERM')
    }
  })
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString()
  })
  const exit = await new Promise<Played['exit']>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  const line = /OUTCOME (.*)\n/.exec(stdout)?.[1]
  if (line === undefined || doneAt === undefined) {
    throw new Error(`the program had no outcome (${exit.code ?? exit.signal}):\n${stdout}${stderr}`)
  }
  const outcome = JSON.parse(line) as Pick<
    Played,
    'results' | 'warnings' | 'network' | 'leftovers' | 'spans'
  >
  return {
    ...outcome,
    spans: [...outcome.spans, ...(peer.readSpans?.({ stdout, sunk: stage.sunk }) ?? [])],
    traces: [...stage.traces],
    requests: [...stage.requests],
    exit,
    lasted: performance.now() - doneAt,
    stderr,
  }
}
