import type { PlainSpan } from './forest.ts'
import type { SinkRequest } from './stage.ts'

/** A set of versions, a folder of its own. */
export type VersionSet = 'newest' | 'ai-6'

/** A host program, `programs/hosts`. */
export type Host = 'langchain' | 'ai-sdk' | 'ai-sdk-registered' | 'mastra' | 'deliveries'

/** Where spans of another tracer are read that its program does not hand in. */
export interface SpanSources {
  readonly stdout: string
  readonly sunk: readonly SinkRequest[]
}

/** Another tracer, `programs/peers`. */
export interface Peer {
  readonly name: string
  /** Where it is tried. */
  readonly hosts: Readonly<Partial<Record<VersionSet, readonly Host[]>>>
  /** A module that must be loaded before the program. */
  readonly preload?: string
  readonly environment?: Readonly<Record<string, string>>
  /** True for one that copies tools without what a class gives them, so that ours is not the `execute` that is called. */
  readonly copiesTools?: boolean
  readonly readSpans?: (sources: SpanSources) => PlainSpan[]
}

const EVERY_HOST = {
  newest: ['langchain', 'ai-sdk', 'ai-sdk-registered', 'mastra'],
  'ai-6': ['ai-sdk'],
} as const

/** The tracers that ours is tried beside. */
export const peers: readonly Peer[] = [
  { name: 'opentelemetry', hosts: EVERY_HOST },
  { name: 'sentry', hosts: EVERY_HOST },
  {
    name: 'datadog',
    hosts: EVERY_HOST,
    preload: 'dd-trace/initialize.mjs',
    environment: {
      DD_TRACE_EXPERIMENTAL_EXPORTER: 'log',
      // Whether a connection is open already is chance.
      DD_TRACE_DISABLED_PLUGINS: 'net,dns',
      DD_TRACE_STARTUP_LOGS: 'false',
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
      DD_REMOTE_CONFIGURATION_ENABLED: 'false',
      DD_CRASHTRACKING_ENABLED: 'false',
      DD_TRACE_AGENT_URL: 'http://127.0.0.1:9',
    },
    readSpans: ({ stdout }) => stdout.split('\n').flatMap((line) => datadogSpans(line)),
  },
  { name: 'vercel-otel', hosts: EVERY_HOST },
  { name: 'langfuse', hosts: { newest: EVERY_HOST.newest } },
  { name: 'openinference', hosts: { newest: ['langchain'] } },
  {
    name: 'langsmith',
    hosts: { newest: ['langchain', 'ai-sdk', 'ai-sdk-registered'], 'ai-6': ['ai-sdk'] },
    copiesTools: true,
    readSpans: ({ sunk }) => langsmithSpans(sunk),
  },
  {
    name: 'braintrust',
    hosts: { newest: ['langchain', 'ai-sdk', 'ai-sdk-registered'], 'ai-6': ['ai-sdk'] },
    readSpans: ({ sunk }) => braintrustSpans(sunk),
  },
  { name: 'mastra-own', hosts: { newest: ['mastra'] } },
]

/** The environment variable that names the tracers to try, with commas between them, or is `sample`. */
export const PEERS_VARIABLE = 'COEXISTENCE_PEERS'

/** A few combinations of every kind, in less than a minute. */
export const SAMPLE = 'sample'

/** One combination to try. */
export interface Combination {
  readonly peer: string
  readonly set: VersionSet
  readonly host: Host
}

type Kind = 'beside' | 'agents' | 'load' | 'exits' | 'delivery'

const SAMPLES: Readonly<Record<Kind, readonly string[]>> = {
  beside: [
    'opentelemetry newest ai-sdk',
    'sentry ai-6 ai-sdk',
    'openinference newest langchain',
    'mastra-own newest mastra',
  ],
  agents: ['braintrust newest ai-sdk'],
  load: ['sentry ai-6 ai-sdk'],
  exits: ['opentelemetry ai-6 ai-sdk'],
  delivery: ['opentelemetry newest ai-sdk', 'sentry newest ai-sdk', 'datadog newest ai-sdk'],
}

/** The combinations that a kind of test tries: those of the tracers that were asked for, or all. */
export function combinations(kind: Kind): readonly Combination[] {
  const wanted = process.env[PEERS_VARIABLE] ?? ''
  const all = peers.flatMap(({ name: peer, hosts }) =>
    (['newest', 'ai-6'] as const).flatMap((set) =>
      (hosts[set] ?? []).map((host) => ({ peer, set, host })),
    ),
  )
  if (wanted === SAMPLE) {
    return all.filter(({ peer, set, host }) => SAMPLES[kind].includes(`${peer} ${set} ${host}`))
  }
  const names = wanted.split(',').filter((name) => name !== '')
  return names.length === 0 ? all : all.filter(({ peer }) => names.includes(peer))
}

/** The combinations in which agents of the AI SDK are wrapped. */
export function agentCombinations(): readonly Combination[] {
  return combinations('agents').filter(({ host }) => host === 'ai-sdk')
}

/** Tracers of HTTP requests, those of them that were asked for, or all. */
export function tracersTried(): readonly string[] {
  const tried = new Set(combinations('delivery').map(({ peer }) => peer))
  return ['opentelemetry', 'sentry', 'datadog', 'vercel-otel'].filter((name) => tried.has(name))
}

interface DatadogSpan {
  readonly span_id: string
  readonly parent_id: string
  readonly name: string
  readonly resource: string
  readonly error: number
  readonly meta: Readonly<Record<string, unknown>>
  readonly metrics: Readonly<Record<string, unknown>>
}

/* dd-trace writes its traces as lines of JSON. */
function datadogSpans(line: string): PlainSpan[] {
  if (!line.startsWith('{"traces":')) {
    return []
  }
  const { traces } = JSON.parse(line) as { traces: DatadogSpan[][] }
  return traces.flat().map(({ span_id, parent_id, name, resource, error, meta, metrics }) => ({
    id: span_id,
    parentId: parent_id,
    name: `${name} ${resource}`,
    attributes: { ...meta, ...metrics, error },
  }))
}

interface LangSmithRun {
  readonly id: string
  readonly parent_run_id?: string
  readonly name?: string
}

/* A run comes whole, or its start and its end one after the other. */
function langsmithSpans(sunk: readonly SinkRequest[]): PlainSpan[] {
  const runs = new Map<string, LangSmithRun>()
  for (const { path, body } of sunk) {
    if (path.startsWith('/langsmith/runs/batch')) {
      const { post = [], patch = [] } = body as Readonly<Record<string, LangSmithRun[]>>
      for (const run of [...post, ...patch]) {
        runs.set(run.id, { ...runs.get(run.id), ...run })
      }
    }
  }
  return [...runs.values()].map(({ id, parent_run_id: parentId, name = '', ...attributes }) => ({
    id,
    parentId,
    name,
    attributes,
  }))
}

interface BraintrustRow {
  readonly span_id: string
  readonly span_parents?: readonly string[]
  readonly span_attributes?: { readonly name?: string; readonly type?: string }
  readonly input?: unknown
  readonly output?: unknown
  readonly metadata?: object
  readonly metrics?: object
  readonly error?: unknown
}

/* A span may be reported in several parts. */
function merged(row: BraintrustRow | undefined, piece: BraintrustRow): BraintrustRow {
  return {
    ...row,
    ...piece,
    span_attributes: { ...row?.span_attributes, ...piece.span_attributes },
    metadata: { ...row?.metadata, ...piece.metadata },
    metrics: { ...row?.metrics, ...piece.metrics },
  }
}

function braintrustSpans(sunk: readonly SinkRequest[]): PlainSpan[] {
  const rows = new Map<string, BraintrustRow>()
  for (const { path, body } of sunk) {
    if (path.endsWith('/logs3')) {
      for (const row of (body as { rows: readonly BraintrustRow[] }).rows) {
        rows.set(row.span_id, merged(rows.get(row.span_id), row))
      }
    }
  }
  return [...rows.values()].map(
    ({ span_id, span_parents, span_attributes, input, output, metadata, metrics, error }) => ({
      id: span_id,
      parentId: span_parents?.[0],
      name: `${span_attributes?.type} ${span_attributes?.name}`,
      attributes: { input, output, metadata, metrics, error },
    }),
  )
}
