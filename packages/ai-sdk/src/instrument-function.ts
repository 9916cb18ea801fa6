import type { TruLayer } from '@trulayer/core'
import { withRun } from '@trulayer/core/internal'

import { mapInput } from './map-input.ts'
import type { ModelResolver } from './model.ts'
import { observe } from './observe.ts'
import { functionIdOf, type Operation, startOperation } from './operation.ts'
import { instrumentCall } from './prepare-call.ts'
import { followResult } from './result-stream.ts'
import { rememberTraceId } from './trace-id.ts'
import { fieldOf, type HostFunction, isObject, textOrUndefined } from './types.ts'

/** What every instrumented piece of one namespace has in common. */
export interface Instrumentation {
  readonly client: TruLayer | undefined
  readonly resolveModel: ModelResolver
}

/** `generateText`, recorded. */
export function instrumentGenerate(
  generate: HostFunction,
  name: string,
  instrumentation: Instrumentation,
): HostFunction {
  return instrumentFunction(generate, instrumentation, { name, isStream: false })
}

/** `streamText`, recorded: the operation ends with the readers of its result. */
export function instrumentStream(
  stream: HostFunction,
  name: string,
  instrumentation: Instrumentation,
): HostFunction {
  return instrumentFunction(stream, instrumentation, { name, isStream: true })
}

function instrumentFunction(
  original: HostFunction,
  { client, resolveModel }: Instrumentation,
  { name, isStream }: { readonly name: string; readonly isStream: boolean },
): HostFunction {
  return new Proxy(original, {
    apply: (target, self: unknown, parameters: unknown[]) => {
      const [options, ...rest] = parameters
      const operation = startOperation({
        client,
        name: textOrUndefined(functionIdOf(options)) ?? name,
        readInput: () => mapInput(options),
        abortSignal: fieldOf(options, 'abortSignal'),
        held: isStream,
      })
      return operation === undefined
        ? Reflect.apply(target, self, parameters)
        : runOperation(operation, isStream, () => {
            const call = instrumentCall(options, operation, resolveModel)
            return Reflect.apply(target, self, [call, ...rest])
          })
    },
  })
}

/** Runs the work of an operation inside its run, and ends it with the result or, for a stream, with its readers. */
export function runOperation(
  operation: Operation,
  isStream: boolean,
  work: () => unknown,
): unknown {
  return observe(() => withRun(operation.run, work), {
    what: 'the result of an operation',
    done: (result) => {
      if (isObject(result)) {
        rememberTraceId(result, operation)
      }
      if (isStream) {
        followResult(result, operation)
      } else {
        operation.end()
      }
    },
    failed: (error) => operation.fail(error),
  })
}
