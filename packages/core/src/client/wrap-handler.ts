import { withCall } from '../record/context.ts'
import { monotonicClock } from '../runtime/clock.ts'
import { sleep } from '../runtime/timers.ts'
import { findWaitUntil, type WaitUntil } from '../runtime/wait-until.ts'
import { kinds, type OptionKind } from '../shape/check-options.ts'
import { isObject } from '../shape/read.ts'
import { probe } from '../shape/readable.ts'
import { TruLayerError } from '../shape/trulayer-error.ts'
import { checkAdapterOptions, clientKind } from './adapter-options.ts'
import type { TruLayer } from './client.ts'
import { getClient } from './global-client.ts'
import { internalsOf } from './client-internals.ts'

/** How a handler is wrapped. */
export interface WrapHandlerOptions {
  /** @defaultValue the global client at the time of the call */
  readonly client?: TruLayer | undefined
  /**
   * Milliseconds that delivery may take after the handler, at most what is left of the time of the platform.
   * @defaultValue 2000 where the answer waits for it, 10000 where it does not
   */
  readonly timeout?: number | undefined
}

const WRAP_OPTIONS = {
  client: [clientKind],
  timeout: [kinds.number],
} as const satisfies Readonly<Record<keyof WrapHandlerOptions, readonly OptionKind[]>>

const ANSWER_WAITS = 2000
const ANSWER_HAS_LEFT = 10_000
/* Left to the platform, for its own end of the call. */
const SPARE = 200
const POLL = 20
const REMAINING = 'getRemainingTimeInMillis'

/**
 * Wraps the handler of a serverless function so that what it recorded is delivered before the platform stops the program:
 * after the answer where the platform has a `waitUntil`, else before the answer's promise resolves or the callback of a
 * Lambda handler is called. The turns of this very call are closed then, and no others.
 *
 * @returns a function that takes, returns and throws what the handler does
 * @throws TruLayerError `invalid-argument` when the handler is not a function, `invalid-option` for an option of the wrong
 *   type; both when it is wrapped
 *
 * @example
 * ```ts
 * export const handler = wrapHandler(async (event: { question: string }) => await agent(event.question))
 * ```
 */
export function wrapHandler<This, Parameters extends unknown[], Result>(
  handler: (this: This, ...parameters: Parameters) => Result,
  options: WrapHandlerOptions = {},
): (this: This, ...parameters: Parameters) => Result {
  if (typeof handler !== 'function') {
    throw new TruLayerError(
      'invalid-argument',
      'wrapHandler() needs the handler, a function: `export const handler = wrapHandler(async (event) => …)`.',
    )
  }
  checkAdapterOptions('wrapHandler()', options, WRAP_OPTIONS)
  return function (this: This, ...parameters: Parameters): Result {
    const call = {}
    let ending: Promise<void> | undefined
    const end = (): Promise<void> => (ending ??= endCall(call, options, parameters))
    const callback = callbackIn(parameters)
    const handed = callback === undefined ? parameters : endFirst(parameters, callback, end)
    const result = withCall(call, () => {
      try {
        return handler.apply(this, handed)
      } catch (error) {
        // Nothing can be waited for on the way of an exception, but what can be sent meanwhile is.
        void end()
        throw error
      }
    })
    if (!isPromise(result)) {
      // With a callback the call is over when that is called.
      if (callback === undefined || result !== undefined) {
        void end()
      }
      return result
    }
    const ended = result.then(
      async (value) => {
        await end()
        return value
      },
      async (error: unknown) => {
        await end()
        throw error
      },
    )
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a promise of the same, which is all that is promised
    return ended as Result
  }
}

type Callback = (...results: readonly unknown[]) => unknown

/* The third parameter of a handler of Lambda, which it had up to Node 22. */
const CALLBACK = 2

/* Lambda alone: elsewhere a function in this place may be something else (`next`). */
function callbackIn(parameters: readonly unknown[]): Callback | undefined {
  const callback = parameters[CALLBACK]
  return isFunction(callback) && isFunction(read(parameters[1], REMAINING)) ? callback : undefined
}

/* The same parameters with a callback that delivers before it answers. */
function endFirst<Parameters extends unknown[]>(
  parameters: Parameters,
  callback: Callback,
  end: () => Promise<void>,
): Parameters {
  const answer = async (...results: readonly unknown[]): Promise<void> => {
    await end()
    callback(...results)
  }
  const handed: unknown[] = [...parameters]
  handed[CALLBACK] = (...results: readonly unknown[]): void => void answer(...results)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same but for a function in a function's place
  return handed as Parameters
}

/* Resolves when the answer may leave. Never rejects. */
async function endCall(
  call: object,
  options: WrapHandlerOptions,
  parameters: readonly unknown[],
): Promise<void> {
  try {
    const client = options.client ?? getClient()
    const waitUntil =
      internalsOf(client).waitUntil ?? findInParameters(parameters) ?? findWaitUntil()
    const timeout = options.timeout ?? (waitUntil === undefined ? ANSWER_WAITS : ANSWER_HAS_LEFT)
    const delivered = deliver(client, call, Math.min(timeout, timeLeft(parameters)))
    if (waitUntil === undefined) {
      await delivered
    } else {
      waitUntil(delivered)
    }
  } catch {
    // A platform whose `waitUntil` throws. The handler's answer is not the place to tell.
  }
}

async function deliver(client: TruLayer, call: object, timeout: number): Promise<void> {
  const internals = internalsOf(client)
  const deadline = monotonicClock() + timeout
  await sleep(0, { keepAlive: true })
  // An answer that is a stream goes on after the handler, and its turn with it.
  while (internals.recorder.isHeld(call) && monotonicClock() < deadline) {
    // oxlint-disable-next-line no-await-in-loop -- until it is over
    await sleep(POLL, { keepAlive: true })
  }
  internals.recorder.closeCall(call)
  await internals.flush(Math.max(0, deadline - monotonicClock()))
}

/* Workers hand it over with the context, the middleware of Next.js with the event. */
function findInParameters(parameters: readonly unknown[]): WaitUntil | undefined {
  const context = parameters.find((parameter) => isFunction(read(parameter, 'waitUntil')))
  const waitUntil = read(context, 'waitUntil')
  return isFunction(waitUntil) ? (promise) => void waitUntil.call(context, promise) : undefined
}

/* Lambda tells it by its second parameter. */
function timeLeft(parameters: readonly unknown[]): number {
  for (const parameter of parameters) {
    const ask = read(parameter, REMAINING)
    const left = isFunction(ask) ? ask.call(parameter) : undefined
    if (typeof left === 'number') {
      return Math.max(0, left - SPARE)
    }
  }
  return Number.POSITIVE_INFINITY
}

function read(value: unknown, key: string): unknown {
  return isObject(value) ? probe(value, key) : undefined
}

function isFunction(value: unknown): value is (...parameters: readonly unknown[]) => unknown {
  return typeof value === 'function'
}

function isPromise(value: unknown): value is Promise<unknown> {
  return isFunction(read(value, 'then'))
}
