import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import { type Samples, summary } from './statistics.ts'

const children = join(import.meta.dirname, 'child')

/* A peer that waits for ever ends the bench, not the other way round. */
const PATIENCE = 120_000

/** What one round of one contender cost, in microseconds for each turn or trace. */
interface RoundReply {
  readonly wall: number
  readonly path: number
  readonly total: number
  readonly error?: string
}

/** What one contender's code took of the main thread in one round. */
interface ProfileReply {
  /** Of all that the main thread did, from 0 to 1. */
  readonly part: number
  /** Microseconds for each turn. */
  readonly own: number
  readonly error?: string
}

/** The rounds of one contender. */
export interface Measured {
  readonly name: string
  /** Until the program could go on. */
  readonly wall: Samples
  /** CPU time of the main thread until then. */
  readonly path: Samples
  /** CPU time of the whole process until nothing was left to do. */
  readonly total: Samples
  /** What the contender's own code and all that it calls took of the main thread, in microseconds; where it was asked for. */
  readonly own: Samples
  /** The same as a part of all that the main thread did, in per cent. */
  readonly part: Samples
}

/** Who takes turns with whom, and how often. */
export interface Race {
  /** A file of `child/`. */
  readonly file: string
  /** The arguments of each contender's process, by its name. */
  readonly contenders: Readonly<Record<string, readonly string[]>>
  readonly rounds: number
  /** Rounds before, which do not count. */
  readonly warmUps: number
  /** Turns or traces in one round. */
  readonly count: number
  readonly preload?: readonly string[]
  /** Rounds afterwards in which the main thread is looked at, and parts of the addresses of each contender's files. */
  readonly profile?: {
    readonly rounds: number
    readonly count: number
    readonly owners: Readonly<Record<string, readonly string[]>>
  }
}

/** Runs a file of `child/`, which may talk to this machine alone. */
export function startChild(
  file: string,
  args: readonly string[] = [],
  options: { readonly preload?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
): ChildProcess {
  const preload = ['loopback-only.mjs', ...(options.preload ?? [])]
  return fork(join(children, file), args, {
    execArgv: [
      '--expose-gc',
      '--disable-warning=ExperimentalWarning',
      ...preload.flatMap((name) => ['--import', join(children, name)]),
    ],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}

/** The next message of a child; a child that ends first is a failure that shows what it printed. */
export async function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  const over = new AbortController()
  const tooLong = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
  let printed = ''
  const keep = (data: unknown): void => {
    printed += String(data)
  }
  child.stderr?.on('data', keep)
  try {
    const [message] = await Promise.race([
      once(child, 'message', { signal: over.signal }),
      once(child, 'exit', { signal: over.signal }).then(([code, signal]) => {
        throw new Error(`a contender ended (${code ?? signal}): ${printed}`)
      }),
    ])
    return message as Message
  } finally {
    over.abort()
    clearTimeout(tooLong)
    child.stderr?.off('data', keep)
  }
}

interface Contender {
  readonly name: string
  readonly child: ChildProcess
  readonly replies: RoundReply[]
  readonly profiles: ProfileReply[]
}

async function ask<Reply extends { readonly error?: string }>(
  { name, child }: Contender,
  question: object,
): Promise<Reply> {
  child.send(question)
  const reply = await nextMessage<Reply>(child)
  if (reply.error !== undefined) throw new Error(`${name}: ${reply.error}`)
  return reply
}

/** Measures all contenders in one run: each in a process of its own, taking turns, so that what slows the machine slows all. */
export async function race(options: Race): Promise<Measured[]> {
  const started: Contender[] = []
  try {
    for (const [name, args] of Object.entries(options.contenders)) {
      const child = startChild(options.file, args, { preload: options.preload ?? [] })
      started.push({ name, child, replies: [], profiles: [] })
      const { error } = await nextMessage<{ error?: string }>(child)
      if (error !== undefined) throw new Error(`${name}: ${error}`)
    }
    for (let round = 0; round < options.warmUps + options.rounds; round += 1) {
      for (const contender of started) {
        contender.replies.push(await ask(contender, { kind: 'round', count: options.count }))
      }
    }
    const { rounds = 0, count = 0, owners = {} } = options.profile ?? {}
    for (let round = 0; round < rounds; round += 1) {
      for (const contender of started) {
        const question = { kind: 'profile', count, owners: owners[contender.name] ?? [] }
        contender.profiles.push(await ask(contender, question))
      }
    }
  } finally {
    for (const { child } of started) child.kill('SIGKILL')
  }
  return started.map(({ name, replies, profiles }) => {
    const counted = replies.slice(options.warmUps)
    return {
      name,
      wall: summary(counted.map((reply) => reply.wall)),
      path: summary(counted.map((reply) => reply.path)),
      total: summary(counted.map((reply) => reply.total)),
      own: summary(profiles.map(({ own }) => own)),
      part: summary(profiles.map(({ part }) => part * 100)),
    }
  })
}
