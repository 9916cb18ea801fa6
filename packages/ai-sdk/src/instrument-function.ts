import type { TruLayer } from '@trulayer/core'
import { isObject, withRun } from '@trulayer/core/internal'

import { callSettings, hasEngine, type Major, warnOfIgnored } from './call-settings.ts'
import { mapInput } from './map-input.ts'
import type { ModelResolver } from './model.ts'
import { observe } from './observe.ts'
import { type Operation, startOperation } from './operation.ts'
import { registeredEngine } from './register-trulayer.ts'
import { rememberTraceId } from './trace-id.ts'
import { fieldOf, type HostFunction } from './types.ts'

/** What every instrumented piece of one namespace has in common. */
export interface Instrumentation {
  readonly client: TruLayer | undefined
  readonly resolveModel: ModelResolver
  /** `undefined` where the part of the namespace that is at hand does not tell. */
  readonly major: Major | undefined
}

/** How the calls of one function are recorded. */
export interface FunctionKind {
  /** True for a stream, which goes on as long as somebody reads. */
  readonly isStream: boolean
  /** The options of a call, with its model and its tools recorded. */
  prepare(options: unknown, operation: Operation, resolve: ModelResolver): unknown
  /**
   * Hears the result, and ends the operation with it or with whoever reads it. What it returns, if anything, takes the
   * place of the result.
   */
  finish(result: unknown, operation: Operation): unknown
}

/** A function of the SDK, recorded. */
export function instrumentFunction(
  original: HostFunction,
  name: string,
  {
    kind,
    instrumentation,
  }: { readonly kind: FunctionKind; readonly instrumentation: Instrumentation },
): HostFunction {
  return new Proxy(original, {
    apply: (target, self: unknown, parameters: unknown[]) => {
      const [options, ...rest] = parameters
      const settings = callSettings(options)
      const operation = startOperation({
        client: instrumentation.client,
        name: settings.name ?? name,
        settings,
        readInput: () => mapInput(options),
        model: fieldOf(options, 'model'),
        messages: fieldOf(options, 'messages') ?? fieldOf(options, 'prompt'),
        abortSignal: fieldOf(options, 'abortSignal'),
        held: kind.isStream,
        hasEngine: hasEngine(registeredEngine(instrumentation.major, name), options),
      })
      if (operation === undefined) {
        return Reflect.apply(target, self, parameters)
      }
      warnOfIgnored(options, instrumentation.major)
      return runOperation(operation, kind, () => {
        const call = kind.prepare(options, operation, instrumentation.resolveModel)
        return Reflect.apply(target, self, [call, ...rest])
      })
    },
  })
}

/** Runs the work of an operation inside its run, and ends it with the result or, for a stream, with its readers. */
export function runOperation(
  operation: Operation,
  kind: Pick<FunctionKind, 'finish'>,
  work: () => unknown,
): unknown {
  return observe(() => withRun(operation.run, work), {
    what: 'the result of an operation',
    done: (result) => {
      const shown = kind.finish(result, operation) ?? result
      if (isObject(shown)) {
        rememberTraceId(shown, operation)
      }
      return shown
    },
    failed: (error) => operation.fail(error),
  })
}
