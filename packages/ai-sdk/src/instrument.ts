import { type TruLayer, TruLayerError } from '@trulayer/core'
import { checkAdapterOptions, guard, isObject, readExport, shared } from '@trulayer/core/internal'

import { instrumentAgent } from './agent.ts'
import { copyNamespace } from './copy-with.ts'
import {
  embedding,
  embeddingOfMany,
  objectGeneration,
  objectStream,
  rerank,
  textGeneration,
  textStream,
  textStreamOfOneReader,
} from './function-kinds.ts'
import {
  type FunctionKind,
  instrumentFunction,
  type Instrumentation,
} from './instrument-function.ts'
import { majorOf } from './major.ts'
import { createModelResolver } from './model.ts'
import { instrumentWrapper } from './model-request.ts'
import { isClass, isFunction } from './types.ts'
import { warnOnce } from './warn.ts'

/** How the AI SDK is instrumented. */
export interface AISDKOptions {
  /** Where runs are recorded. @defaultValue the global client, looked up at each call */
  readonly client?: TruLayer | undefined
}

/* What was made here, by any copy of the library: instrumenting it again changes nothing. */
const instrumented = shared('ai-sdk:instrumented', () => new WeakSet<object>())

/* What is wrapped, by its name in the namespace. */
const FUNCTIONS: Readonly<Record<string, FunctionKind>> = {
  generateText: textGeneration,
  streamText: textStream,
  experimental_streamTextLowMemory: textStreamOfOneReader,
  generateObject: objectGeneration,
  streamObject: objectStream,
  embed: embedding,
  embedMany: embeddingOfMany,
  rerank,
}
/* What puts middleware around a model, under either of its names. */
const WRAPPERS = ['wrapLanguageModel', 'experimental_wrapLanguageModel']
const AGENTS = ['ToolLoopAgent', 'Experimental_Agent']

/**
 * The AI SDK, recorded: each call of a function that calls models, or of an agent, is one turn (or, inside of another, a
 * span of that), with its model calls and its tools. Types, results, errors and streams are the SDK's own.
 *
 * @param ai - the namespace, or the part of it that is used; it is not changed
 * @returns a copy of it with recorded functions
 * @throws TruLayerError `invalid-argument` for what is no object, as a default import of `ai` is; `invalid-option` for an
 *   option of the wrong type
 * @example
 * ```ts
 * import * as ai from 'ai'
 * import { instrumentAISDK } from '@trulayer/ai-sdk'
 *
 * export const { generateText, streamText, ToolLoopAgent } = instrumentAISDK(ai)
 * ```
 */
export function instrumentAISDK<T extends object>(ai: T, options: AISDKOptions = {}): T {
  if (!isObject(ai)) {
    throw new TruLayerError(
      'invalid-argument',
      'instrumentAISDK() needs the namespace of the AI SDK, which has no default export: `import * as ai from "ai"`.',
    )
  }
  checkAdapterOptions('instrumentAISDK()', options)
  const instrumentation: Instrumentation = {
    client: options.client,
    resolveModel: createModelResolver(ai),
    major: majorOf(ai),
  }
  const replacements: Record<string, unknown> = {}
  // Two names of one class stay one class.
  const agents = new Map<unknown, unknown>()
  let found = 0
  const replace = (name: string, instrument: (original: unknown) => unknown): void => {
    guard(`the function ${name}`, () => {
      const original = readExport(ai, name)
      found += original === undefined ? 0 : 1
      const piece = isInstrumented(original) ? undefined : instrument(original)
      if (isFunction(piece)) {
        instrumented.add(piece)
        replacements[name] = piece
      }
    })
  }
  for (const [name, kind] of Object.entries(FUNCTIONS)) {
    replace(name, (original) =>
      isFunction(original)
        ? instrumentFunction(original, functionName(name), { kind, instrumentation })
        : undefined,
    )
  }
  for (const name of AGENTS) {
    replace(name, (original) => {
      if (!isClass(original)) {
        return undefined
      }
      const agent = agents.get(original) ?? instrumentAgent(original, instrumentation)
      agents.set(original, agent)
      return agent
    })
  }
  for (const name of WRAPPERS) {
    guard(`the function ${name}`, () => {
      const original = readExport(ai, name)
      if (isFunction(original) && !isInstrumented(original)) {
        const wrapper = instrumentWrapper(original)
        instrumented.add(wrapper)
        replacements[name] = wrapper
      }
    })
  }
  if (found === 0) {
    warnOnce(
      hasReportingAgent(ai)
        ? 'instrumentAISDK() does not record WorkflowAgent and HarnessAgent: call registerTruLayer(ai) with the namespace of ai 7, which they report to.'
        : 'instrumentAISDK() found nothing to record in what it was given: pass the namespace, `import * as ai from "ai"`.',
    )
  }
  return copyNamespace(ai, replacements)
}

/* True for the namespaces of `@ai-sdk/workflow` and `@ai-sdk/harness`, whose agents report to integrations of ai 7. */
function hasReportingAgent(namespace: object): boolean {
  return ['WorkflowAgent', 'HarnessAgent'].some((name) => readExport(namespace, name) !== undefined)
}

/* Experimental functions are called what they will be called. */
function functionName(name: string): string {
  return name === 'experimental_streamTextLowMemory' ? 'streamText' : name
}

function isInstrumented(value: unknown): boolean {
  return isFunction(value) && instrumented.has(value)
}
