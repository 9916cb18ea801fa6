import { builtinModule, hostProcess } from './environment.ts'
import { untraced } from './untraced.ts'

/** Requests to be made by another process. */
export interface ChildRequests {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly batches: readonly { readonly body: string; readonly traces: number }[]
  /** To be sent after the traces. */
  readonly feedback: { readonly url: string; readonly bodies: readonly string[] }
}

interface ChildProcess {
  spawnSync(
    file: string,
    parameters: readonly string[],
    options: {
      readonly input: string
      readonly timeout: number
      readonly env: Readonly<Record<string, string | undefined>>
      readonly encoding: 'utf8'
      readonly stdio: readonly ['pipe', 'pipe', 'ignore']
      readonly windowsHide: true
    },
  ): { readonly stdout?: string | null }
}

const TIMEOUT = 3000

/* Four at a time, and each answer that counts is told at once, for the time may be over in the middle. */
const PROGRAM = `
const fs = process.getBuiltinModule('node:fs')
const { url, headers, batches, feedback } = JSON.parse(fs.readFileSync(0, 'utf8'))
const post = (to, body) => fetch(to, { method: 'POST', redirect: 'manual', headers, body })
const next = async () => {
  for (let batch = batches.shift(); batch; batch = batches.shift()) {
    try {
      const answer = await post(url, batch.body)
      if (answer.status >= 200 && answer.status < 300) fs.writeSync(1, batch.traces + '\\n')
    } catch {}
  }
}
Promise.all([next(), next(), next(), next()])
  .then(() => Promise.allSettled(feedback.bodies.map((body) => post(feedback.url, body))))
  .then(() => process.exit(0))`

/**
 * Makes requests in a process of its own and waits for it, at most three seconds: the only way to deliver while a process
 * ends, when nothing asynchronous runs any more. What it sends comes to it over its standard input, where no other user of
 * the machine can read it.
 *
 * @returns how many traces were taken; 0 where no such process can be made
 */
export function sendInChild(requests: ChildRequests): number {
  if (requests.batches.length + requests.feedback.bodies.length === 0) {
    return 0
  }
  const process = hostProcess()
  const child = builtinModule('node:child_process')
  if (process?.execPath === undefined || !isChildProcess(child) || !mayStartItself()) {
    return 0
  }
  const isDeno = process.versions?.['deno'] !== undefined
  try {
    const { execPath } = process
    const { stdout } = untraced(() =>
      child.spawnSync(execPath, isDeno ? ['eval', PROGRAM] : ['-e', PROGRAM], {
        input: JSON.stringify(requests),
        timeout: TIMEOUT,
        // The host's options would load its program, its instrumentation and us once more.
        env: { ...process.env, NODE_OPTIONS: '' },
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'ignore'],
        windowsHide: true,
      }),
    )
    return (stdout ?? '').split('\n').reduce((sum, line) => sum + Number(line), 0)
  } catch {
    // No permission, no memory, no file handles: then nothing was sent.
    return 0
  }
}

/* What it is started from may be a program of the user's (Electron, a single executable), or may start nothing. */
function mayStartItself(): boolean {
  const process = hostProcess()
  const sea = builtinModule('node:sea')
  const isSea = isReadable(sea) ? sea['isSea'] : undefined
  const isBundled = typeof isSea === 'function' && isSea() === true
  return (
    process?.versions?.['electron'] === undefined &&
    !Reflect.has(process ?? {}, 'pkg') &&
    !isBundled &&
    process?.permission?.has('child') !== false
  )
}

function isReadable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isChildProcess(value: unknown): value is ChildProcess {
  return isReadable(value) && 'spawnSync' in value
}
