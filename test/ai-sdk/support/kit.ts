import type { Agent, Host, SDKSet, Zod } from './host.ts'
import { majorOf } from './host.ts'
import {
  embeddingModel,
  type ModelSettings,
  rerankingModel,
  type ScriptedAnswer,
  scriptedModel,
} from './model.ts'

/** What a program of a scenario is written with: the SDK, recorded or not, and what differs from version to version. */
export interface Kit {
  readonly sdk: Host
  /** False for the SDK as it is. */
  readonly isRecorded: boolean
  readonly z: Zod
  readonly major: 4 | 5 | 6 | 7
  /** False where the iterator of a stream has no `return`, so that nobody sees a `break`. */
  readonly isBreakSeen: boolean
  readonly model: (script: readonly ScriptedAnswer[], settings?: ModelSettings) => object
  readonly embeddings: (size: number) => object
  /** A model that turns the order of documents round. */
  readonly reranking: () => object
  /** A tool; `schema` goes where the version wants it. */
  readonly tool: (definition: {
    readonly schema: unknown
    readonly [key: string]: unknown
  }) => object
  /** The option that allows so many steps. */
  readonly steps: (count: number) => object
  /** The option of that name that changes a step. */
  readonly prepareStep: (prepare: (step: object) => unknown) => object
  agent(settings: object): Agent
  /** An error of a provider that may be tried again. */
  readonly overloaded: () => Error
}

/** The kit of a set, with the SDK as it is or recorded. */
export function kitOf(set: SDKSet, ai: object = set.ai): Kit {
  const sdk = ai as Host
  const major = majorOf(set)
  return {
    sdk,
    isRecorded: ai !== set.ai,
    z: set.z,
    major,
    isBreakSeen: major !== 4 && set.name !== '5.0.0',
    model: (script, settings) => scriptedModel(set, script, settings),
    embeddings: (size) => embeddingModel(set, size),
    reranking: () => rerankingModel(set),
    tool: ({ schema, ...definition }) =>
      sdk.tool({ ...definition, [major === 4 ? 'parameters' : 'inputSchema']: schema }),
    steps: (count) =>
      major === 4
        ? { maxSteps: count }
        : { stopWhen: sdk.isStepCount?.(count) ?? sdk.stepCountIs?.(count) },
    prepareStep: (prepare) => ({
      [major === 4 ? 'experimental_prepareStep' : 'prepareStep']: prepare,
    }),
    agent: (settings) => {
      const AgentClass = sdk.ToolLoopAgent ?? sdk.Experimental_Agent
      if (AgentClass === undefined) {
        throw new Error('version 4 has no agents')
      }
      return new AgentClass(settings)
    },
    overloaded: () =>
      new sdk.APICallError({
        message: 'overloaded',
        url: 'http://localhost',
        requestBodyValues: {},
        statusCode: 529,
        isRetryable: true,
        responseHeaders: { 'retry-after-ms': '5' },
      }),
  }
}

/** Every value of a stream, and the name of what it ended with. */
export async function readAll<Part>(
  stream: AsyncIterable<Part>,
): Promise<{ parts: Part[]; thrown: string | undefined }> {
  const parts: Part[] = []
  try {
    for await (const part of stream) {
      parts.push(part)
    }
    return { parts, thrown: undefined }
  } catch (error) {
    return { parts, thrown: nameOf(error) }
  }
}

/** The name of what a piece of work throws. */
export async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work()
    return 'nothing'
  } catch (error) {
    return error
  }
}

export function nameOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
