import type { DropReason } from './delivery-report.ts'
import type { ExporterSettings } from './exporter-options.ts'

const MIB = 1024 * 1024
const LONG_ENOUGH_TO_SHOW = 16

/* What follows "3 traces were dropped:". */
const DROPS: Readonly<Record<DropReason, (detail: string, settings: ExporterSettings) => string>> =
  {
    overflow: (_, settings) =>
      `the delivery queue is full (${megabytes(settings)} MiB), and the oldest go first. Either ` +
      `${settings.endpoint} cannot be reached or traces are made faster than they can be sent; a larger ` +
      '`maxQueueBytes` keeps more.',
    rejected: (detail) => `refused because of what it holds (${detail}).`,
    too_large: (detail) =>
      `more than can be sent (${detail}). Record less with \`recordInputs\`, \`recordOutputs\` or \`limits\`.`,
    duplicate_id: (detail) =>
      `another trace with the same id is known to TruLayer (${detail}). Give each trace an id of its own.`,
    unserializable: (detail) => `not to be written as JSON (${detail}).`,
    expired: (detail) =>
      `not delivered within 15 minutes, or the \`maxAge\` of the spool (${detail}).`,
    unauthorized: (detail, settings) =>
      `TruLayer refuses the API key${keyHint(settings.apiKey)} (${detail}), so nothing is sent any more. ` +
      'Make a new key under Settings > API keys and set TRULAYER_API_KEY.',
    scope_forbidden: (detail, settings) =>
      `the API key${keyHint(settings.apiKey)} is read-only (${detail}), so nothing is sent any more. ` +
      'Make a key with the ingest scope under Settings > API keys and set TRULAYER_API_KEY.',
    archived: (detail) =>
      `the project is archived (${detail}), so nothing is sent any more. ` +
      'Restore it in TruLayer, or set TRULAYER_PROJECT and TRULAYER_API_KEY to another.',
    insecure_endpoint: (_, settings) =>
      `the endpoint ${settings.endpoint} is plain http, over which a key never travels to another machine. ` +
      'Set TRULAYER_ENDPOINT to an https address.',
    invalid_endpoint: (_, settings) =>
      `requests cannot be made to the endpoint '${settings.endpoint}'. ` +
      'Set TRULAYER_ENDPOINT to an address such as https://api.trulayer.ai.',
    invalid_header: () =>
      'the API key or one of `headers` has a character that no header may have. ' +
      'Look for a line break or a typographic quote in TRULAYER_API_KEY.',
    closed: () => 'the client was shut down before they ended.',
    spool_full: (detail) =>
      `the spool could not keep them (${detail}). Give it a larger \`maxBytes\`, or look at its folder.`,
    spool_damaged: (detail) =>
      `the spool could not be read (${detail}). Does another program write to its folder?`,
    exit: (detail, settings) =>
      detail === ''
        ? 'the process ended first. Await flush() or shutdown() before it ends, set the option `spool`, ' +
          "or set `exitFlush: 'sync'`."
        : `the process ended while nothing could be delivered to ${settings.endpoint} (${detail}). ` +
          'Set the option `spool`, and the next start delivers what is left.',
    shutdown: (detail, settings) =>
      detail === ''
        ? 'still undelivered when the time of shutdown() was over. Give it a longer `timeout`.'
        : `shutdown() could not deliver them to ${settings.endpoint} (${detail}). ` +
          'Set the option `spool`, and the next start delivers what is left.',
  }

/** What happened to traces that were dropped, and what to do about it. `detail` is what the service or the error said. */
export function explainDrop(
  reason: DropReason,
  detail: string,
  settings: ExporterSettings,
): string {
  return DROPS[reason](detail, settings)
}

/** That the service cannot be reached. */
export function explainUnreachable(detail: string, settings: ExporterSettings): string {
  return (
    `${settings.endpoint} cannot be reached (${detail}). Traces are kept, up to ${megabytes(settings)} MiB, ` +
    'and sent when it can be.'
  )
}

/** That traces could not be written to disk. */
export function explainSpool(detail: string): string {
  return `The spool cannot be written (${detail}). Traces stay in memory as long as it has room.`
}

/** That the service asked to wait; `wait` in milliseconds. */
export function explainLimited(detail: string, wait: number): string {
  return `TruLayer asks to wait (${detail}). Traces are kept; the next request is in ${seconds(wait)} s.`
}

/** That the quota of the account is used up; `wait` in milliseconds. */
export function explainQuota(detail: string, wait: number, settings: ExporterSettings): string {
  const where = settings.hasSpool ? 'on disk' : `up to ${megabytes(settings)} MiB`
  return (
    `The quota of this TruLayer account is used up (${detail}). Traces are kept, ${where}, and sent when it is renewed. ` +
    `The next request is in ${Math.round(wait / 60_000)} minutes. Upgrade the plan under Settings > Plan.`
  )
}

/** That something refuses what is sent and no code of the service says why; `wait` in milliseconds. */
export function explainRefused(
  verdict: {
    readonly detail: string
    readonly lacksPlan?: boolean
    readonly isNotFound?: boolean
  },
  wait: number,
  settings: ExporterSettings,
): string {
  return `${explainRefusal(verdict, settings)} Traces are kept; the next try is in ${seconds(wait)} s.`
}

function explainRefusal(
  { detail, lacksPlan, isNotFound }: Parameters<typeof explainRefused>[0],
  { endpoint }: ExporterSettings,
): string {
  if (lacksPlan === true) {
    return `The plan of this TruLayer account does not include this (${detail}). Upgrade it under Settings > Plan.`
  }
  if (isNotFound === true) {
    const advice = /\/v\d+$/.test(endpoint)
      ? `The path \`/v1\` is added to the endpoint: set TRULAYER_ENDPOINT to ${endpoint.replace(/\/v\d+$/, '')}.`
      : 'Look for a mistake in TRULAYER_ENDPOINT.'
    return `There is nothing at ${endpoint}/v1/ingest/batch (${detail}). ${advice}`
  }
  return (
    `${endpoint} refuses traces (${detail}), and not in TruLayer's own words: look for a proxy, ` +
    'a firewall or a mistake in TRULAYER_ENDPOINT.'
  )
}

/* Enough to tell which key it is, too little to use it. */
function keyHint(apiKey = ''): string {
  return apiKey.length < LONG_ENOUGH_TO_SHOW ? '' : ` tl_…${apiKey.slice(-4)}`
}

function megabytes(settings: ExporterSettings): number {
  return Math.round((settings.maxQueueBytes / MIB) * 10) / 10
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10
}
