import { builtinModule } from './environment.ts'
import { method, property } from './members.ts'
import { outsideContext } from './root-context.ts'

/* Calls what it is given, once and before it returns, with a tracer switched off. */
type Switch = (work: () => void) => unknown

/**
 * Calls `work` outside the caller's async context and with the tracers of other vendors switched off, so that our own
 * requests and files appear in no other trace and our requests carry no propagation headers. It covers everything that
 * `work` starts. The tracers are read by shape, since core depends on none of them.
 */
export function untraced<Result>(work: () => Result): Result {
  return outsideContext(() => {
    let guarded = work
    for (const turnOff of switches()) {
      const inner = guarded
      guarded = () => through(turnOff, inner)
    }
    return guarded()
  })
}

/* A fault of the tracer must neither reach us nor keep `work` from being called; what `work` throws is thrown. */
function through<Result>(turnOff: Switch, work: () => Result): Result {
  const outcomes: (() => Result)[] = []
  const attempt = (): void => {
    try {
      const result = work()
      outcomes.push(() => result)
    } catch (error) {
      outcomes.push(() => {
        throw error
      })
    }
  }
  try {
    turnOff(attempt)
  } catch {
    // Its own fault, see above.
  }
  const [outcome] = outcomes
  return outcome === undefined ? work() : outcome()
}

function switches(): Switch[] {
  try {
    return [...openTelemetry(), ...sentry(), ...datadog()]
  } catch {
    // A tracer of another shape than the known ones.
    return []
  }
}

/* The key of `suppressTracing` in `@opentelemetry/core`, which the tracer and the propagators of its SDK respect. */
const SUPPRESS_TRACING = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

function openTelemetry(): Switch[] {
  const api: unknown = Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1'))
  const manager = property(api, 'context')
  const active = method(manager, 'active')
  const use = method(manager, 'with')
  if (active === undefined || use === undefined) {
    return []
  }
  return [
    (work) => {
      const context = active()
      return use(method(context, 'setValue')?.(SUPPRESS_TRACING, true) ?? context, work)
    },
  ]
}

/*
 * Not by `suppressTracing`, which leaves the headers of `fetch` in place from version 11 on. In a scope of its own the
 * key that it sets switches spans off, and a client without targets adds no headers. The client must stay otherwise: a
 * connection that is opened here may serve a request of the host later, whose span ends in this scope. Each version
 * that is loaded has its own carrier, under its number.
 */
function sentry(): Switch[] {
  const carriers: unknown = Reflect.get(globalThis, '__SENTRY__')
  return typeof carriers === 'object' && carriers !== null
    ? Object.values(carriers).flatMap((carrier: unknown) => {
        const withScope = method(
          property(carrier, 'acs') ?? property(carrier, 'stack'),
          'withScope',
        )
        return withScope === undefined
          ? []
          : [(work: () => void) => withScope((scope: unknown) => (suppressIn(scope), work()))]
      })
    : []
}

function suppressIn(scope: unknown): void {
  method(scope, 'setSDKProcessingMetadata')?.({ __SENTRY_SUPPRESS_TRACING__: true })
  const client = method(scope, 'getClient')?.()
  if (typeof client === 'object' && client !== null) {
    const getOptions = (): object => ({
      ...Object(method(client, 'getOptions')?.()),
      tracePropagationTargets: [],
    })
    method(scope, 'setClient')?.(Object.create(client, { getOptions: { value: getOptions } }))
  }
}

/*
 * dd-trace has no public switch. It skips what runs with `noop` in its storage, as its own requests do. The storage is
 * reached through the channels of Node that it is bound to.
 */
const DATADOG_CHANNELS = [
  'apm:http:client:request:start',
  'tracing:apm:fetch:request:start',
  'tracing:apm:undici:fetch:start',
]

function datadog(): Switch[] {
  const channel =
    '_ddtrace' in globalThis
      ? method(builtinModule('node:diagnostics_channel'), 'channel')
      : undefined
  if (channel === undefined) {
    return []
  }
  const find = (): unknown[] => DATADOG_CHANNELS.flatMap((name) => storagesOf(channel(name)))
  let storages = find()
  if (storages.length === 0) {
    // Its instrumentation of `fetch` is bound by the first request, which would be ours, unless this binds it before.
    method(channel('dd-trace:instrumentation:load'), 'publish')?.({ name: 'global:fetch' })
    storages = find()
  }
  return [...new Set(storages)].flatMap((storage) => {
    const run = method(storage, 'run')
    return run === undefined ? [] : [(work: () => void) => run({ noop: true }, work)]
  })
}

function storagesOf(channel: unknown): unknown[] {
  // A map of Node's own kind, which is no instance of `Map`.
  const storages: unknown = method(property(channel, '_stores'), 'keys')?.()
  return isIterable(storages) ? [...storages] : []
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}
