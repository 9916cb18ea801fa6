import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const repository = join(import.meta.dirname, '../..')

/** Runs a program to its end; a failure carries everything that it printed. */
export function exec(
  file: string,
  args: string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv; timeout?: number },
): Promise<string> {
  const limits = { timeout: 300_000, maxBuffer: 16 * 1024 * 1024, ...options }
  return new Promise((resolve, reject) => {
    execFile(file, args, limits, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout)
      const command = [file, ...args].join(' ')
      const outcome = error.killed ? 'was ended' : `failed (${error.code ?? error.signal})`
      return reject(new Error(`${command} ${outcome}:\n${stdout}${stderr}`.trimEnd()))
    })
  })
}

/** The environment without what npm and vitest add, so that npm acts as it does for a stranger. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([key]) =>
      !/^(npm_(package|lifecycle|execpath|command)|npm_config_local_prefix|NODE_ENV|NODE_OPTIONS|VITE)/.test(
        key,
      ),
  )
  return { ...Object.fromEntries(kept), npm_config_loglevel: 'error' }
}

/** A folder outside the repository, where nothing of its `node_modules` resolves; gone when disposed of. */
export async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'trulayer-'))
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  }
}

/** Packs the named packages as they would be published; answers the tarballs' paths, in that order. */
export async function pack(packages: readonly string[], destination: string): Promise<string[]> {
  await mkdir(destination, { recursive: true })
  return Promise.all(
    packages.map(async (name) => {
      const cwd = join(repository, 'packages', name)
      if (!existsSync(join(cwd, 'dist'))) {
        throw new Error(`packages/${name} is not built: run \`npm run build\` first`)
      }
      const printed = await exec(
        'npm',
        ['pack', '--json', '--ignore-scripts', '--pack-destination', destination],
        { cwd, env: plainEnvironment() },
      )
      return join(destination, tarballName(printed))
    }),
  )
}

function tarballName(printed: string): string {
  const answer: unknown = JSON.parse(printed)
  const [entry] = Array.isArray(answer) ? answer : Object.values(answer as object)
  return (entry as { filename: string }).filename
}
