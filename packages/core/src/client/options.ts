import type { TraceExporter } from '../deliver/exporter.ts'
import type { SpoolOptions } from '../deliver/spool.ts'
import type { Redaction } from '../policy/redaction.ts'
import type { SampleBy, SampleRate } from '../policy/sampling.ts'
import type { AsyncStorageConstructor } from '../runtime/async-context.ts'
import { environmentNames, environmentVariable, isBrowser } from '../runtime/environment.ts'
import type { WaitUntil } from '../runtime/wait-until.ts'
import type { Usage } from '../shape/usage.ts'
import {
  checkOptions,
  kinds,
  oneOf,
  type OptionKind,
  ignoredOption,
  similarName,
} from '../shape/check-options.ts'
import { isList, isRecord, read } from '../shape/read.ts'
import type { Logger } from './logger.ts'

/**
 * Where traces go: `live` to the service and the exporters, `local` into memory, `replay` nowhere (a file is loaded into
 * memory instead), `off` nowhere, for nothing is recorded.
 */
export type Mode = 'live' | 'local' | 'replay' | 'off'

/** Bounds of what is kept and sent. */
export interface LimitOptions {
  /** Turns that are open at the same time. @defaultValue 10000 */
  readonly openTurns?: number | undefined
  /** Bytes that open turns hold. @defaultValue 67108864 (64 MiB) */
  readonly openTurnBytes?: number | undefined
  /** Spans of one trace; those beyond are counted and left out. @defaultValue 5000 */
  readonly spansPerTrace?: number | undefined
  /** Bytes of one input, output or metadata value as it is captured. @defaultValue 4194304 (4 MiB) */
  readonly fieldBytes?: number | undefined
  /** Bytes of one span as it is sent. @defaultValue 1000000, the service's own limit */
  readonly spanBytes?: number | undefined
  /**
   * Bytes of the tool definitions of one model call, and of its response schema. Beyond, schemas of parameters are left out
   * first, then descriptions. 0 records neither. @defaultValue 8192 (8 KiB)
   */
  readonly toolDefinitionBytes?: number | undefined
  /** Milliseconds that a trace waits for what is open in it after its root has ended. @defaultValue 1000 */
  readonly grace?: number | undefined
  /** Milliseconds without an event after which a stream that the host holds counts as left. @defaultValue 600000 */
  readonly streamIdle?: number | undefined
  /** Milliseconds without an event after which an open turn counts as left. @defaultValue 3600000 */
  readonly turnIdle?: number | undefined
}

/** A model call, as `costOf` is asked about it. */
export interface CostQuestion {
  readonly model: string | undefined
  readonly provider: string | undefined
  readonly usage: Usage | undefined
  /** What the provider or its gateway reported besides, as the framework passes it on: `{ openrouter: { usage } }`. */
  readonly providerMetadata: unknown
  /** The cost in US dollars that the provider or its gateway reported. It stands where `costOf` returns `undefined`. */
  readonly reportedCost: number | undefined
}

/** Everything that a client can be told. An option wins over the environment, the environment over the default. */
export interface TruLayerOptions {
  /** The key, which begins with `tl_`. Environment: `TRULAYER_API_KEY`. Without one nothing is recorded in mode `live`. */
  readonly apiKey?: string | undefined
  /** The project by its name. Environment: `TRULAYER_PROJECT`. */
  readonly projectName?: string | undefined
  /** Such as `production`; stands in the metadata of each trace. Environment: `TRULAYER_ENVIRONMENT`. */
  readonly environment?: string | undefined
  /** The base address of the service. Environment: `TRULAYER_ENDPOINT`. @defaultValue `https://api.trulayer.ai` */
  readonly endpoint?: string | undefined
  /** Environment: `TRULAYER_MODE`. @defaultValue `live` */
  readonly mode?: Mode | undefined
  /** Part of the traces that is sent, 0 to 1, or a function of the finished trace. Environment: `TRULAYER_SAMPLE_RATE`. @defaultValue 1 */
  readonly sampleRate?: SampleRate | undefined
  /** What the rate is applied to: each trace, or whole sessions. @defaultValue `trace` */
  readonly sampleBy?: SampleBy | undefined
  /** Takes secrets out of every text before it leaves: a `Redactor`, a function, or `false` for nothing of the kind. @defaultValue the pack `secrets` */
  readonly redact?: Redaction | undefined
  /** False leaves every input out, and the messages of errors, which quote them. @defaultValue true */
  readonly recordInputs?: boolean | undefined
  /** False leaves every output out, and the messages of errors. @defaultValue true */
  readonly recordOutputs?: boolean | undefined
  /** Bounds of what is kept and sent. */
  readonly limits?: LimitOptions | undefined
  /** The cost in US dollars of a call of a model. Where it returns `undefined`, the cost that the provider reports stands. */
  readonly costOf?: ((question: CostQuestion) => number | undefined) | undefined
  /** Where traces go besides the service, or instead of it where no key is set. */
  readonly exporters?: readonly TraceExporter[] | undefined
  /**
   * The address of a relay on your server, for browsers, where no key may be; from the page's own where it is relative, such
   * as `/api/trulayer`. Where there is a key it is not used, so that server and page may share a module.
   */
  readonly relayUrl?: string | undefined
  /** A `fetch` to use instead of the global one. */
  readonly fetch?: typeof fetch | undefined
  /** Headers added to every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Where the few lines of this library go. @defaultValue the console */
  readonly logger?: Logger | undefined
  /**
   * True prints the tree of each finished trace and a line for each request; `'payload'` prints each trace as it is sent too.
   * Environment: `TRULAYER_DEBUG=1|payload`.
   *
   * @defaultValue false
   */
  readonly debug?: boolean | 'payload' | undefined
  /** Milliseconds that one request may take. @defaultValue 10000 */
  readonly timeout?: number | undefined
  /** Traces in one request, 1 to 100. @defaultValue 50 */
  readonly batchSize?: number | undefined
  /** Milliseconds that a trace waits for others to leave with. @defaultValue 2000 */
  readonly flushInterval?: number | undefined
  /** Bytes of traces that wait to be sent; beyond, the oldest are dropped and counted. @defaultValue 33554432 (32 MiB) */
  readonly maxQueueBytes?: number | undefined
  /** `gzip` compresses requests over 8 KB, unless the service refuses that. @defaultValue none */
  readonly compression?: 'gzip' | undefined
  /** A folder in which traces are kept that memory cannot hold or that the process leaves behind. @defaultValue none */
  readonly spool?: SpoolOptions | string | undefined
  /** False keeps the client from delivering when the process ends, by itself or by a signal. @defaultValue true */
  readonly exitHooks?: boolean | undefined
  /**
   * `sync` delivers at `process.exit` and after an uncaught error too, by a process of its own that takes at most three seconds;
   * `off` tells only how many traces were left. @defaultValue `off`
   */
  readonly exitFlush?: 'sync' | 'off' | undefined
  /** Lets a promise finish after the answer has left, on serverless platforms where it is not found by itself. */
  readonly waitUntil?: WaitUntil | undefined
  /** The class `AsyncLocalStorage`, for runtimes where it cannot be found. */
  readonly asyncLocalStorage?: AsyncStorageConstructor | undefined
  /** `block` makes `flush` and `shutdown` reject when traces were lost. Environment: `TRULAYER_FAIL_MODE`. @defaultValue `drop` */
  readonly failMode?: 'drop' | 'block' | undefined
}

const rateKind: OptionKind = {
  name: 'a number from 0 to 1',
  accepts: (value) => kinds.number.accepts(value) && Number(value) >= 0 && Number(value) <= 1,
}

const redactor: OptionKind = {
  name: 'a Redactor, as `new Redactor({ packs, rules })` makes one',
  accepts: (value) => hasMethod(value, 'redact'),
}

const spoolOptions: OptionKind = {
  name: 'an object with a `directory`',
  accepts: (value) => kinds.string.accepts(read(value, 'directory')),
}

const headerRecord: OptionKind = {
  name: 'an object of header names and values that a request can carry',
  accepts: canBeSent,
}

const duration: OptionKind = {
  name: 'a number of milliseconds, not below 0',
  accepts: (value) => kinds.number.accepts(value) && Number(value) >= 0,
}

const exporterList: OptionKind = {
  name: 'a list of exporters, each with a function `export`',
  accepts: (value) => isList(value) && value.every((entry) => hasMethod(entry, 'export')),
}

/** What each option of a client may be. */
export const CLIENT_OPTIONS = {
  apiKey: [kinds.string],
  projectName: [kinds.string],
  environment: [kinds.string],
  endpoint: [kinds.string],
  mode: [oneOf('live', 'local', 'replay', 'off')],
  sampleRate: [rateKind, kinds.syncFunction],
  sampleBy: [oneOf('trace', 'session')],
  redact: [kinds.boolean, kinds.syncFunction, redactor],
  recordInputs: [kinds.boolean],
  recordOutputs: [kinds.boolean],
  limits: [kinds.object],
  costOf: [kinds.syncFunction],
  exporters: [exporterList],
  relayUrl: [kinds.string],
  fetch: [kinds.function],
  headers: [headerRecord],
  logger: [kinds.object],
  debug: [kinds.boolean, oneOf('payload')],
  timeout: [duration],
  batchSize: [kinds.number],
  flushInterval: [duration],
  maxQueueBytes: [kinds.number],
  compression: [oneOf('gzip')],
  spool: [kinds.string, spoolOptions],
  exitHooks: [kinds.boolean],
  exitFlush: [oneOf('sync', 'off')],
  waitUntil: [kinds.function],
  asyncLocalStorage: [kinds.function],
  failMode: [oneOf('drop', 'block')],
} as const satisfies Readonly<Record<keyof TruLayerOptions, readonly OptionKind[]>>

/* Not imported, since a program without a Redactor does not load its packs. */
const REDACTOR_OPTIONS: ReadonlySet<string> = new Set(['packs', 'exclude', 'rules', 'salt'])

const LIMITS: Readonly<Record<keyof LimitOptions, readonly OptionKind[]>> = {
  openTurns: [kinds.number],
  openTurnBytes: [kinds.number],
  spansPerTrace: [kinds.number],
  fieldBytes: [kinds.number],
  spanBytes: [kinds.number],
  toolDefinitionBytes: [kinds.number],
  grace: [kinds.number],
  streamIdle: [kinds.number],
  turnIdle: [kinds.number],
}

/**
 * Checks the options of a client.
 *
 * @returns a message for each name that is not an option
 * @throws TruLayerError `invalid-option` for an option of the wrong type
 */
export function checkClientOptions(options: unknown): string[] {
  const unknown = checkOptions(options, CLIENT_OPTIONS).map((name) =>
    REDACTOR_OPTIONS.has(name)
      ? `\`${name}\` is an option of a Redactor and is ignored here: pass \`redact: new Redactor({ ${name} })\`.`
      : ignoredOption(name, CLIENT_OPTIONS),
  )
  const limits = read(options, 'limits') ?? {}
  return [
    ...unknown,
    ...checkOptions(limits, LIMITS, { prefix: 'limits.' }).map((name) =>
      ignoredOption(name, LIMITS),
    ),
  ]
}

/* A `Headers` object has no entries of its own that could be added to a request. */
function canBeSent(value: unknown): boolean {
  if (!isRecord(value) || value instanceof Headers) {
    return false
  }
  const headers = new Headers()
  return Object.entries(value).every(
    ([name, text]) => typeof text === 'string' && canSet(headers, name, text),
  )
}

/* A line break, or a character that HTTP does not have, makes `set` throw. */
function canSet(headers: Headers, name: string, text: string): boolean {
  try {
    headers.set(name, text)
    return true
  } catch {
    return false
  }
}

function hasMethod(value: unknown, name: string): boolean {
  return typeof read(value, name) === 'function'
}

const PREFIX = 'TRULAYER_'

/** The variables of the environment, by the option that each sets. */
export const VARIABLES: Readonly<Record<string, string>> = {
  apiKey: 'TRULAYER_API_KEY',
  projectName: 'TRULAYER_PROJECT',
  environment: 'TRULAYER_ENVIRONMENT',
  endpoint: 'TRULAYER_ENDPOINT',
  mode: 'TRULAYER_MODE',
  replayFile: 'TRULAYER_REPLAY_FILE',
  sampleRate: 'TRULAYER_SAMPLE_RATE',
  failMode: 'TRULAYER_FAIL_MODE',
  debug: 'TRULAYER_DEBUG',
}

/* Only what resembles one of ours, since other programs of the service have variables of their own. */
function warnOfMisspelled(warn: (message: string) => void): void {
  const known = Object.values(VARIABLES).map((name) => name.slice(PREFIX.length))
  for (const name of environmentNames()) {
    const rest = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : ''
    const meant = known.includes(rest) ? undefined : similarName(rest, known)
    if (meant !== undefined) {
      warn(`the variable ${name} does not exist and is ignored. Did you mean ${PREFIX}${meant}?`)
    }
  }
}

/** What the environment says, without what it says wrongly, which is told and never thrown. */
export function readEnvironment(warn: (message: string) => void): TruLayerOptions & {
  readonly replayFile?: string | undefined
} {
  const choose = <Choice extends string>(
    name: string,
    choices: readonly Choice[],
  ): Choice | undefined => {
    const value = environmentVariable(name)
    const choice = choices.find((word) => word === value?.toLowerCase())
    if (value !== undefined && choice === undefined) {
      warn(`${name} is '${value}' and is ignored: it may be ${choices.join(', ')}.`)
    }
    return choice
  }
  warnOfMisspelled(warn)
  const debug = choose('TRULAYER_DEBUG', ['1', 'true', 'payload', '0', 'false'])
  return {
    apiKey: environmentKey(),
    projectName: environmentVariable('TRULAYER_PROJECT'),
    environment: environmentVariable('TRULAYER_ENVIRONMENT'),
    endpoint: environmentVariable('TRULAYER_ENDPOINT'),
    mode: choose('TRULAYER_MODE', ['live', 'local', 'replay', 'off']),
    replayFile: environmentVariable('TRULAYER_REPLAY_FILE'),
    sampleRate: rateFrom(environmentVariable('TRULAYER_SAMPLE_RATE'), warn),
    failMode: choose('TRULAYER_FAIL_MODE', ['drop', 'block']),
    debug: debug === undefined || debug === 'payload' ? debug : debug === '1' || debug === 'true',
  }
}

/** The key of the environment. That of a page is none, whatever a bundler has put there. */
export function environmentKey(): string | undefined {
  return isBrowser() ? undefined : environmentVariable('TRULAYER_API_KEY')
}

function rateFrom(value: string | undefined, warn: (message: string) => void): number | undefined {
  if (value === undefined) {
    return undefined
  }
  const rate = Number(value)
  if (Number.isNaN(rate) || rate < 0 || rate > 1) {
    warn(`TRULAYER_SAMPLE_RATE is '${value}' and is ignored: it must be a number from 0 to 1.`)
    return undefined
  }
  return rate
}
