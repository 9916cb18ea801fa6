import {
  attributes,
  failureEnd,
  guard,
  isObject,
  reasons,
  type Run,
  type RunEnd,
  stopEnd,
  withRun,
} from '@trulayer/core/internal'

import { type AbortListener, addAbortListener, removeAbortListener } from './abort-listeners.ts'
import { copyWith, overlay } from './copy-with.ts'
import { observe, observeAwaited } from './observe.ts'
import type { Operation } from './operation.ts'
import { toolEnd } from './outcome.ts'
import {
  fieldOf,
  type HostFunction,
  isAsyncIterable,
  isFunction,
  textOrUndefined,
} from './types.ts'

/** Where a recorded tool keeps the tool itself, the same in every copy of the library. */
const TOOL = Symbol.for('trulayer.tool')
/** Where a recorded function keeps the function that it calls, likewise. */
const EXECUTE = Symbol.for('trulayer.execute')

/** The same set of tools, in which those that the SDK executes are recorded. The user's own tools are not touched. */
export function instrumentTools(tools: unknown, operation: Operation): unknown {
  if (!isObject(tools)) {
    return tools
  }
  const instrumented: Record<string, unknown> = {}
  for (const [name, tool] of Object.entries(tools)) {
    const recorded = instrumentTool(originalTool(tool), name, operation)
    if (recorded !== undefined) {
      instrumented[name] = recorded
    }
  }
  return copyWith(tools, instrumented)
}

function instrumentTool(tool: unknown, name: string, operation: Operation): object | undefined {
  const execute = originalExecute(fieldOf(tool, 'execute'))
  if (!isObject(tool) || !isFunction(execute)) {
    return undefined
  }
  const recorded = markWith(EXECUTE, executeWith({ tool, execute, name, operation }), execute)
  const replacements = { execute: recorded, ...callerWith(tool, name, operation) }
  return isPlain(tool)
    ? markWith(TOOL, copyWith(tool, replacements), tool)
    : overlay(tool, { [TOOL]: tool, ...replacements })
}

/*
 * The SDK hands the tools of a call to the function that repairs its tool calls, and a program may pass them to a call
 * inside a tool: there the tool itself is recorded, once.
 */
function originalTool(tool: unknown): unknown {
  return fieldOf(tool, TOOL) ?? tool
}

/* A program may also have made its own tool with the function of a recorded one. */
function originalExecute(execute: unknown): unknown {
  return isFunction(execute) ? (Reflect.get(execute, EXECUTE) ?? execute) : undefined
}

/* Hidden, so that a copy of a recorded tool with other properties is not taken for the tool itself. */
function markWith<Target extends object>(mark: symbol, target: Target, original: object): Target {
  return Object.defineProperty(target, mark, { value: original })
}

function isPlain(tool: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(tool)
  return prototype === Object.prototype || prototype === null
}

/*
 * A tool that calls other tools (code mode of ai 7, `experimental_toolCaller`). In each step the SDK binds it to the tools
 * it may call, and executes what `bind` returns.
 */
function callerWith(tool: object, name: string, operation: Operation): object | undefined {
  const caller = fieldOf(tool, 'experimental_toolCaller')
  const bind = fieldOf(caller, 'bind')
  if (!isObject(caller) || !isFunction(bind)) {
    return undefined
  }
  const bindInstrumented = (...parameters: unknown[]): unknown => {
    const bound: unknown = Reflect.apply(bind, caller, parameters)
    return (
      guard('a tool that calls tools', () =>
        fieldOf(instrumentTools({ [name]: bound }, operation), name),
      ) ?? bound
    )
  }
  return { experimental_toolCaller: copyWith(caller, { bind: bindInstrumented }) }
}

interface ToolExecution {
  readonly tool: object
  readonly execute: HostFunction
  readonly name: string
  readonly operation: Operation
}

function executeWith({ tool, execute, name, operation }: ToolExecution): HostFunction {
  return (...parameters) => {
    const { recorder } = operation
    const [input, options] = parameters
    const callId = textOrUndefined(fieldOf(options, 'toolCallId'))
    operation.toolBegan({ id: callId, name, input })
    const run = recorder.start({
      name,
      type: 'tool',
      parent: callerOf(operation),
      input,
      metadata: {
        [attributes.operationName]: 'execute_tool',
        [attributes.toolCallId]: callId,
      },
    })
    const work = (): unknown => Reflect.apply(execute, tool, parameters)
    if (run === undefined) {
      return work()
    }
    const signal = fieldOf(options, 'abortSignal')
    // A tool that does not listen may go on for long, and what it returns then comes too late.
    const listener: AbortListener = { aborted: (fired) => recorder.end(run, stopEnd(fired)) }
    addAbortListener(signal, listener)
    run.onClose = () => {
      removeAbortListener(signal, listener)
      return {}
    }
    const ended = (end: RunEnd): void => {
      removeAbortListener(signal, listener)
      operation.toolEnded()
      recorder.end(run, end)
    }
    const failed = (error: unknown): void => ended(failureEnd(error, signal))
    return observeAwaited(() => withRun(run, work), {
      what: 'the result of a tool',
      done: (value) => {
        if (isAsyncIterable(value)) {
          return followIterable(value, { run, operation, ended, failed })
        }
        return ended(toolEnd(value))
      },
      failed,
    })
  }
}

/* The tool that calls this one, where the call comes from inside a tool of the same operation. */
function callerOf({ recorder, run }: Operation): Run {
  const active = recorder.active()
  return active?.isInside(run) === true ? active : run
}

interface ToolRun {
  readonly run: Run
  readonly operation: Operation
  readonly ended: (end: RunEnd) => void
  readonly failed: (error: unknown) => void
}

/* A tool that yields preliminary results. It runs when it is asked for the next one, and its last one is its result. */
function followIterable(values: AsyncIterable<unknown>, toolRun: ToolRun): AsyncIterable<unknown> {
  const { operation, run } = toolRun
  // Before 5.0.1 the SDK takes the generator itself for the result and never asks it for anything.
  operation.addUnread(run)
  const replacements = {
    [Symbol.asyncIterator]: () => {
      operation.read(run)
      return followIterator(values[Symbol.asyncIterator](), toolRun)
    },
  }
  // Those versions clone it as well, which no proxy can be.
  return isPlain(values) ? copyWith(values, replacements) : overlay(values, replacements)
}

function followIterator(
  iterator: AsyncIterator<unknown>,
  { run, operation, ended, failed }: ToolRun,
): AsyncIterator<unknown> {
  let last: unknown
  const step = (method: unknown, parameters: unknown[]): unknown =>
    observe(() => withRun(run, () => apply(method, iterator, parameters)), {
      what: 'the results of a tool',
      done: (result) => {
        operation.recorder.touch(operation.run)
        if (fieldOf(result, 'done') === true) {
          ended(toolEnd(last))
        } else {
          last = fieldOf(result, 'value')
        }
      },
      failed,
    })
  const leave: unknown = Reflect.get(iterator, 'return')
  return overlay(iterator, {
    next: (...parameters: unknown[]) => step(Reflect.get(iterator, 'next'), parameters),
    ...(isFunction(leave) && {
      return: (...parameters: unknown[]) => {
        operation.recorder.end(run, {
          status: 'cancelled',
          reason: reasons.readerLeft,
          output: last,
        })
        return step(leave, parameters)
      },
    }),
  })
}

/* What is no function throws here as it would throw in the SDK. */
function apply(method: unknown, self: object, parameters: unknown[]): unknown {
  if (!isFunction(method)) {
    throw new TypeError('the iterator of a tool has no method `next`')
  }
  return Reflect.apply(method, self, parameters)
}
