/**
 * Plays the faults that delivery has to survive, each against the packed core, in a process of its own, with a service in
 * another that misbehaves in that way.
 *
 *     npm run test:fault                    # what takes at most 10 s each: Node 24 all, Node 20 and Bun the most telling
 *     npm run test:fault -- --long          # everything on all three, the outages of a minute and the soak too
 *     npm run test:fault -- 04 bun          # faults by the beginning of their numbers, runtimes by that of their names
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { exec, plainEnvironment, temporaryFolder } from '../support/pack.ts'
import { createProject, findNode20, installRuntimes, runtimeBin } from '../support/runtimes.ts'

interface Runtime {
  readonly name: string
  readonly file: string
  readonly parameters: readonly string[]
}

interface Play {
  readonly fault: string
  readonly length: 'short' | 'long'
  readonly runtime: Runtime
}

/* Outages, hostile payloads and the ends of a process: what runtimes do differently. */
const MOST_TELLING = new Set(['02', '04', '10', '14', '23'])
/* Two cores, and most of a play is waiting. */
const AT_ONCE = 3
const PATIENCE = { short: 120_000, long: 900_000 }

const here = import.meta.dirname

async function startService(): Promise<Disposable & { readonly control: string }> {
  const child = fork(join(here, 'service.ts'), {
    execArgv: ['--conditions=@trulayer/source', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [{ control }] = await once(child, 'message')
  return {
    control,
    [Symbol.dispose]: () => {
      child.kill('SIGKILL')
    },
  }
}

async function play({ fault, length, runtime }: Play, project: string): Promise<string> {
  using service = await startService()
  const tools = { worker: join(here, '../support/runtimes.ts') }
  const parameters = ['play.mjs', fault, length, service.control, JSON.stringify(tools)]
  return await exec(runtime.file, [...runtime.parameters, ...parameters], {
    cwd: project,
    env: plainEnvironment(),
    timeout: PATIENCE[length],
  })
}

/** What is to be played: only what a script has, and only where it can be. */
async function choose(runtimes: readonly Runtime[], isLong: boolean): Promise<Play[]> {
  const plays: Play[] = []
  for (const fault of readdirSync(join(here, 'faults')).toSorted()) {
    const text = await readFile(join(here, 'faults', fault), 'utf8')
    for (const [index, runtime] of runtimes.entries()) {
      const isAllowed = !text.includes('export const runtimes') || runtime.name === 'node24'
      const isTelling = index === 0 || MOST_TELLING.has(fault.slice(0, 2))
      if (!isAllowed || (!isLong && !isTelling)) continue
      plays.push({ fault, length: 'short', runtime })
      if (isLong && text.includes('export async function long')) {
        plays.push({ fault, length: 'long', runtime })
      }
    }
  }
  return plays
}

async function main(): Promise<void> {
  const parameters = process.argv.slice(2)
  const isLong = parameters.includes('--long')
  const numbers = parameters.filter((word) => /^\d/.test(word))
  const names = parameters.filter((word) => /^[a-z]/.test(word))

  await installRuntimes()
  await using folder = await temporaryFolder()
  const project = await createProject(folder.path)
  for (const name of readdirSync(here)) {
    if (!name.endsWith('.ts')) await cp(join(here, name), join(project, name), { recursive: true })
  }

  const oldest = await findNode20()
  const runtimes: Runtime[] = [
    { name: 'node24', file: process.execPath, parameters: ['--expose-gc'] },
    ...(oldest === undefined
      ? []
      : [{ name: 'node20', file: oldest, parameters: ['--expose-gc'] }]),
    { name: 'bun', file: runtimeBin('bun'), parameters: [] },
  ]
  const plays = (await choose(runtimes, isLong)).filter(
    ({ fault, runtime }) =>
      (numbers.length === 0 || numbers.some((number) => fault.startsWith(number))) &&
      (names.length === 0 || names.some((name) => runtime.name.startsWith(name))),
  )
  const counts = { passed: 0, failed: 0 }
  const next = async (): Promise<void> => {
    for (let one = plays.shift(); one !== undefined; one = plays.shift()) {
      const name = `${one.fault.slice(0, -4)}${one.length === 'long' ? ', long' : ''}, ${one.runtime.name}`
      const started = performance.now()
      try {
        const printed = await play(one, project)
        counts.passed += 1
        console.log(`ok    ${name} (${Math.round(performance.now() - started)} ms)`)
        if (printed !== '') console.log(printed.trimEnd().replaceAll(/^/gm, '      '))
      } catch (error) {
        counts.failed += 1
        console.log(`FAIL  ${name}\n${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }
  // What measures memory and time has the machine for itself.
  await Promise.all(Array.from({ length: isLong ? 1 : AT_ONCE }, next))
  const skipped = oldest === undefined ? ', 1 skipped' : ''
  if (oldest === undefined) console.log('skip  node20: there is none on the path')
  console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`)
  process.exitCode = counts.failed > 0 ? 1 : 0
}

await main()
