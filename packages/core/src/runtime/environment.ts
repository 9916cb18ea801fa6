/*
 * What the runtime offers, looked up without importing anything: `process` is missing in browsers and on Workers without
 * Node compatibility, and `node:` imports break bundles for both.
 */

/** The little of Node's `process` that is used; each part may be missing. */
export interface ProcessLike {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly versions?: Readonly<Record<string, string | undefined>>
  readonly pid?: number
  readonly execPath?: string
  readonly permission?: { has(scope: string): boolean }
  getBuiltinModule?(id: string): unknown
  on?(event: string, listener: (detail: unknown) => void): unknown
  prependListener?(event: string, listener: (detail: unknown) => void): unknown
  off?(event: string, listener: (detail: unknown) => void): unknown
  listenerCount?(event: string): number
  kill?(pid: number, signal: string | 0): unknown
  exit?(code: number): unknown
  readonly hrtime?: () => readonly [seconds: number, nanoseconds: number]
}

/** The host's `process`, where there is one. */
export function hostProcess(): ProcessLike | undefined {
  const value: unknown = Reflect.get(globalThis, 'process')
  return typeof value === 'object' && value !== null ? value : undefined
}

/** A variable of the environment; `undefined` where it is unset, empty, or where the host forbids to read it. */
export function environmentVariable(name: string): string | undefined {
  try {
    const value = hostProcess()?.env?.[name]
    return value === undefined || value.trim() === '' ? undefined : value.trim()
  } catch {
    // Deno throws without --allow-env.
    return undefined
  }
}

/**
 * The names of all variables of the environment; none on Deno, which asks the user for permission to list what the program may
 * otherwise read by name.
 */
export function environmentNames(): readonly string[] {
  const host = hostProcess()
  if (host?.versions?.['deno'] !== undefined) {
    return []
  }
  try {
    return Object.keys(host?.env ?? {})
  } catch {
    // A host that imitates a process.
    return []
  }
}

/** A module of Node by its name, where the runtime has it and hands it out without an import. */
export function builtinModule(name: string): unknown {
  try {
    return hostProcess()?.getBuiltinModule?.(name)
  } catch {
    // Some runtimes throw for a module that they do not have.
    return undefined
  }
}

/** The runtime in a word and its version, such as `node 24.1.0`; `undefined` where it does not say. */
export function runtimeName(): string | undefined {
  const versions = hostProcess()?.versions
  // The others call themselves Node as well.
  const name = ['bun', 'deno', 'workerd', 'node'].find((word) => versions?.[word] !== undefined)
  return name === undefined ? undefined : `${name} ${versions?.[name]}`
}

/* Vitest, Jest and the runner of Node each set one of these in the processes of their tests. */
const TEST_VARIABLES = ['VITEST', 'JEST_WORKER_ID', 'NODE_TEST_CONTEXT']

/** True where a test runner runs the program. */
export function isTestRun(): boolean {
  return (
    TEST_VARIABLES.some((name) => environmentVariable(name) !== undefined) ||
    environmentVariable('NODE_ENV') === 'test'
  )
}

/** False on runtimes that are too old for this package, such as Node 18, by what they lack. */
export function isSupportedRuntime(): boolean {
  return typeof Reflect.get(Array.prototype, 'toSorted') === 'function'
}

/** True on AWS Lambda, where the process is frozen between two calls and no end of it is told. */
export function isLambda(): boolean {
  return environmentVariable('AWS_LAMBDA_FUNCTION_NAME') !== undefined
}

/**
 * True where whatever a request of the host starts ends with that request, timers and requests of ours among it, although
 * the program and its memory go on (Workers, the edge runtime of Vercel).
 */
export function isRequestBound(): boolean {
  return (
    globalThis.navigator?.userAgent === 'Cloudflare-Workers' ||
    typeof Reflect.get(globalThis, 'EdgeRuntime') === 'string'
  )
}

/** True where the program goes on when it has answered, so that what is left to do may be done a little later. */
export function isLongLived(): boolean {
  return !isLambda() && !isRequestBound()
}

/** True where the program is the process: not in a thread of one, nor on Workers and edge runtimes that imitate one. */
export function isMainProcess(): boolean {
  const runtime = runtimeName()
  if (runtime === undefined || runtime.startsWith('workerd') || isLambda()) {
    return false
  }
  const threads = builtinModule('node:worker_threads')
  const isThread =
    typeof threads === 'object' &&
    threads !== null &&
    Reflect.get(threads, 'isMainThread') === false
  return !isRequestBound() && !isThread
}

/** True in a page or a worker of a browser, where a key must never be. */
export function isBrowser(): boolean {
  const isPage =
    typeof Reflect.get(globalThis, 'document') === 'object' &&
    typeof Reflect.get(globalThis, 'window') === 'object'
  return (isPage || isBrowserWorker()) && hostProcess()?.versions?.['node'] === undefined
}

/* Workers of servers have the class as well, and say by their name that they are no browser. */
function isBrowserWorker(): boolean {
  return (
    typeof Reflect.get(globalThis, 'WorkerGlobalScope') === 'function' &&
    (globalThis.navigator?.userAgent ?? '').startsWith('Mozilla/')
  )
}
