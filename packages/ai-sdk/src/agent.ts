import { guard, isObject } from '@trulayer/core/internal'

import { copyWith } from './copy-with.ts'
import { callSettings, hasEngine, warnOfIgnored } from './call-settings.ts'
import { textGeneration, textStream } from './function-kinds.ts'
import { type Instrumentation, runOperation } from './instrument-function.ts'
import { mapInput } from './map-input.ts'
import { observe } from './observe.ts'
import { activeOperation, Operation, startOperation } from './operation.ts'
import { instrumentCall } from './prepare-call.ts'
import { registeredEngine } from './register-trulayer.ts'
import { fieldOf, type HostClass, type HostFunction, isFunction, textOrUndefined } from './types.ts'

/* Takes the operation of a call from the agent's method to its settings, through the options of the call. */
const OPERATION: unique symbol = Symbol('trulayer.operation')

/**
 * An agent class whose instances record their calls. An instance keeps the user's own settings; model and tools are
 * replaced call by call in `prepareCall`, so that one agent serves any number of runs at the same time.
 */
export function instrumentAgent(agent: HostClass, instrumentation: Instrumentation): HostClass {
  return new Proxy(agent, {
    construct: (target, [settings, ...rest]: unknown[], newTarget) => {
      const recorded =
        isObject(settings) && preparesCalls(target)
          ? copyWith(settings, { prepareCall: prepareCallWith(settings, instrumentation) })
          : settings
      const instance: object = Reflect.construct(target, [recorded, ...rest], newTarget)
      guard('an agent', () => instrumentInstance(instance, settings, instrumentation))
      return instance
    },
  })
}

/* The agent of version 5 has no such hook, and its calls may bring anything along that its settings hold. */
function preparesCalls(agent: HostClass): boolean {
  return isFunction(fieldOf(agent.prototype, 'prepareCall'))
}

function prepareCallWith(settings: object, instrumentation: Instrumentation): HostFunction {
  const prepareCall = fieldOf(settings, 'prepareCall')
  return function (this: unknown, call, ...rest) {
    const operation = takeOperation(call) ?? activeOperation(instrumentation.client)
    const work = isFunction(prepareCall)
      ? (): unknown => Reflect.apply(prepareCall, this, [call, ...rest])
      : (): unknown => call
    return operation === undefined
      ? work()
      : observe(work, {
          what: 'the call of an agent',
          done: (prepared) => {
            const used = prepared ?? call
            operation.addInput(() => mapInput(used))
            warnOfIgnored(used, instrumentation.major)
            return instrumentCall(used, operation, instrumentation.resolveModel)
          },
          failed: () => {},
        })
  }
}

/* The SDK makes the object anew for each call, and the user's own function must not find ours in it. */
function takeOperation(call: unknown): Operation | undefined {
  if (!isObject(call) || !Object.hasOwn(call, OPERATION)) {
    return undefined
  }
  const operation = call[OPERATION]
  Reflect.deleteProperty(call, OPERATION)
  return Operation.isOwn(operation) ? operation : undefined
}

/* Own properties and no subclass: a method that the user's subclass overrides is recorded as well, and once. */
function instrumentInstance(
  instance: object,
  settings: unknown,
  instrumentation: Instrumentation,
): void {
  for (const method of ['generate', 'stream']) {
    const original: unknown = Reflect.get(instance, method)
    if (isFunction(original)) {
      Object.defineProperty(instance, method, {
        value: instrumentMethod(original, method === 'stream', { settings, instrumentation }),
        configurable: true,
        writable: true,
      })
    }
  }
}

function instrumentMethod(
  original: HostFunction,
  isStream: boolean,
  { settings, instrumentation }: { settings: unknown; instrumentation: Instrumentation },
): HostFunction {
  const kind = isStream ? textStream : textGeneration
  return new Proxy(original, {
    apply: (target, self: unknown, parameters: unknown[]) => {
      const [options, ...rest] = parameters
      const agentId = textOrUndefined(fieldOf(self, 'id'))
      const own = callSettings(options, settings)
      const operation = startOperation({
        client: instrumentation.client,
        name: agentId ?? own.name ?? 'agent',
        settings: own,
        readInput: () => mapInput(options),
        model: fieldOf(settings, 'model'),
        messages: fieldOf(options, 'messages') ?? fieldOf(options, 'prompt'),
        agentId,
        abortSignal: fieldOf(options, 'abortSignal'),
        held: isStream,
        hasEngine: hasEngine(registeredEngine(instrumentation.major), options, settings),
      })
      return operation === undefined
        ? Reflect.apply(target, self, parameters)
        : runOperation(operation, kind, () => {
            const call = callOf(self, options, { settings, operation, instrumentation })
            return Reflect.apply(target, self, [call, ...rest])
          })
    },
  })
}

function callOf(
  agent: unknown,
  options: unknown,
  {
    settings,
    operation,
    instrumentation,
  }: { settings: unknown; operation: Operation; instrumentation: Instrumentation },
): unknown {
  if (!isObject(options)) {
    return options
  }
  if (isFunction(fieldOf(agent, 'prepareCall'))) {
    return copyWith(options, { [OPERATION]: operation })
  }
  const inherited: Record<string, unknown> = {}
  for (const key of ['model', 'tools', 'prepareStep']) {
    const value = options[key] ?? fieldOf(settings, key)
    if (value !== undefined) {
      inherited[key] = value
    }
  }
  return instrumentCall(copyWith(options, inherited), operation, instrumentation.resolveModel)
}
