import { guard, shared } from '@trulayer/core/internal'
import type { TruLayer } from '@trulayer/core'

import { instrumentAgent } from './agent.ts'
import { copyWith } from './copy-with.ts'
import {
  type Instrumentation,
  instrumentGenerate,
  instrumentStream,
} from './instrument-function.ts'
import { createModelResolver } from './model.ts'
import { isClass, isFunction } from './types.ts'

/** How the AI SDK is instrumented. */
export interface AISDKOptions {
  /** Where runs are recorded. @defaultValue the global client, looked up at each call */
  readonly client?: TruLayer | undefined
}

/* What was made here, by any copy of the library: instrumenting it again changes nothing. */
const instrumented = shared('ai-sdk:instrumented', () => new WeakSet<object>())

type Instrument = (original: unknown, name: string, instrumentation: Instrumentation) => unknown

/* What is wrapped, by its name in the namespace. */
const PIECES: Readonly<Record<string, Instrument>> = {
  generateText: (original, name, instrumentation) =>
    isFunction(original) ? instrumentGenerate(original, name, instrumentation) : undefined,
  streamText: (original, name, instrumentation) =>
    isFunction(original) ? instrumentStream(original, name, instrumentation) : undefined,
  ToolLoopAgent: (original, _name, instrumentation) =>
    isClass(original) ? instrumentAgent(original, instrumentation) : undefined,
}

/**
 * The AI SDK, recorded: each call of `generateText`, `streamText` or an agent is one turn (or, inside of another, a span
 * of that), with its model calls and its tools. Types, results, errors and streams are the SDK's own.
 *
 * @param ai - the namespace, or the part of it that is used; it is not changed
 * @returns a copy of it with recorded functions
 * @example
 * ```ts
 * import * as ai from 'ai'
 * import { instrumentAISDK } from '@trulayer/ai-sdk'
 *
 * export const { generateText, streamText, ToolLoopAgent } = instrumentAISDK(ai)
 * ```
 */
export function instrumentAISDK<T extends object>(ai: T, options: AISDKOptions = {}): T {
  const instrumentation: Instrumentation = {
    client: options.client,
    resolveModel: createModelResolver(ai),
  }
  const replacements: Record<string, unknown> = {}
  for (const [name, instrument] of Object.entries(PIECES)) {
    const piece = guard(`the function ${name}`, () => {
      const original: unknown = Reflect.get(ai, name)
      return isInstrumented(original) ? undefined : instrument(original, name, instrumentation)
    })
    if (isFunction(piece)) {
      instrumented.add(piece)
      replacements[name] = piece
    }
  }
  return copyWith(ai, replacements)
}

function isInstrumented(value: unknown): boolean {
  return isFunction(value) && instrumented.has(value)
}
