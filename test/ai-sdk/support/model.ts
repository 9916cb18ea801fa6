import type { SDKSet } from './host.ts'
import { majorOf } from './host.ts'

/** A call that a scripted turn asks for. */
export interface ScriptedCall {
  readonly id: string
  readonly name: string
  readonly input: unknown
  /** The result, where the provider itself executes it. */
  readonly providerResult?: unknown
  /** True where the provider executes it and answers in a later step. */
  readonly isDeferred?: boolean
}

/** What a scripted model answers. */
export interface ScriptedAnswer {
  /** The text, in the pieces that it is streamed in. */
  readonly text?: readonly string[]
  readonly calls?: readonly ScriptedCall[]
  /** The input of the first call, in the pieces that it is streamed in. */
  readonly inputDeltas?: readonly string[]
  /** Results of the provider for calls of earlier steps. */
  readonly results?: readonly {
    readonly id: string
    readonly name: string
    readonly result: unknown
  }[]
  /** Milliseconds before an answer, and before each part of a stream. Without it a stream is there at once. */
  readonly delay?: number
  /** The index of the part of a stream that never comes. */
  readonly stallsAt?: number
  /** Thrown in place of the answer, one for each attempt; the attempt after the last one succeeds. */
  readonly errors?: readonly unknown[]
  /** An `error` part after the text; the stream goes on to its end. */
  readonly errorPart?: unknown
  /** What the stream breaks with after the text. */
  readonly breaksWith?: unknown
  readonly finishReason?: string
  /** What the provider reports beside the answer. */
  readonly providerMetadata?: object
  /** Parts of a stream before the text, in place of the one with the id and the model of the response. */
  readonly opening?: readonly Fields[]
}

/** What may be asked about a model. */
export interface ModelSettings {
  readonly modelId?: string
  readonly provider?: string
  /** A specification version other than the newest that the SDK has. */
  readonly specification?: 1 | 2 | 3 | 4
  /** Hears what the SDK does with the model and its streams: `ask`, `pull`, `finish`, `end`, `cancel`. */
  readonly log?: (event: string) => void
}

interface CallOptions {
  readonly prompt: readonly { readonly role: string }[]
  readonly abortSignal?: AbortSignal
}

type Fields = Record<string, unknown>

/**
 * A language model that needs no network, of the specification version that the SDK of the set has a mock of. The place
 * in the script is how often the model has spoken since the user last did.
 */
export function scriptedModel(
  set: SDKSet,
  script: readonly ScriptedAnswer[],
  settings: ModelSettings = {},
): object {
  const { modelId = 'gpt-4o-mini', provider = 'openai.responses', log } = settings
  const version = settings.specification ?? ((majorOf(set) - 3) as 1 | 2 | 3 | 4)
  const Mock = Reflect.get(set.mocks, `MockLanguageModelV${version}`) as new (
    model: Fields,
  ) => object
  const attempts = new Map<ScriptedAnswer, number>()
  const answer = async (options: CallOptions): Promise<ScriptedAnswer> => {
    log?.('ask')
    const lastUser = options.prompt.findLastIndex(({ role }) => role === 'user')
    const spoken = options.prompt.slice(lastUser).filter(({ role }) => role === 'assistant').length
    const turn = script[spoken] ?? script.at(-1) ?? {}
    await pause(turn.delay, options.abortSignal)
    const attempt = attempts.get(turn) ?? 0
    attempts.set(turn, attempt + 1)
    if (attempt < (turn.errors?.length ?? 0)) {
      throw turn.errors?.[attempt]
    }
    return turn
  }
  const response = { id: 'resp_1', modelId: `${modelId}-2024-07-18`, timestamp: new Date(0) }
  const raw = version === 1 ? { rawCall: { rawPrompt: null, rawSettings: {} } } : {}
  return new Mock({
    modelId,
    provider,
    ...(version === 1 && { defaultObjectGenerationMode: 'json' }),
    doGenerate: async (options: CallOptions) => {
      const turn = await answer(options)
      const common = {
        ...raw,
        finishReason: finishReasonOf(turn, version),
        usage: usageOf(version),
        providerMetadata: turn.providerMetadata,
        response,
      }
      return version === 1
        ? {
            ...common,
            text: turn.text?.join(''),
            toolCalls: (turn.calls ?? []).map((call) => firstCall(call)),
          }
        : { ...common, content: contentOf(turn), warnings: [] }
    },
    doStream: async (options: CallOptions) => {
      const turn = await answer(options)
      return {
        ...raw,
        stream: streamOf(partsOf(turn, version, response), {
          turn,
          log,
          signal: options.abortSignal,
        }),
      }
    },
  })
}

/** A model that streams the parts, and breaks with the error where one is given. For the newest specification alone. */
export function streamingModel(
  set: SDKSet,
  parts: readonly object[],
  error: Error | undefined,
): object {
  const Mock = Reflect.get(set.mocks, 'MockLanguageModelV4') as new (model: Fields) => object
  return new Mock({
    modelId: 'gpt-4o-mini',
    provider: 'openai.responses',
    doStream: async () => ({
      stream: new ReadableStream({
        start: (controller) => {
          for (const part of [{ type: 'stream-start', warnings: [] }, ...parts]) {
            controller.enqueue(part)
          }
        },
        pull: async (controller) => {
          await pause(2)
          if (error === undefined) {
            controller.close()
          } else {
            controller.error(error)
          }
        },
      }),
    }),
  })
}

/** A model that embeds texts, `size` of them at a time. */
export function embeddingModel(set: SDKSet, size: number): object {
  const version = Math.max(1, majorOf(set) - 3)
  const Mock = (Reflect.get(set.mocks, `MockEmbeddingModelV${version}`) ??
    Reflect.get(set.mocks, `MockEmbeddingModelV${version - 1}`)) as new (model: Fields) => object
  return new Mock({
    modelId: 'text-embedding-3-small',
    provider: 'openai.embedding',
    maxEmbeddingsPerCall: size,
    supportsParallelCalls: true,
    doEmbed: async ({ values }: { values: readonly string[] }) => ({
      embeddings: values.map((value) => [value.length, 1, 2]),
      usage: { tokens: 3 * values.length },
      warnings: [],
    }),
  })
}

/** A model that finds the last document the best. */
export function rerankingModel(set: SDKSet): object {
  const Mock = Reflect.get(set.mocks, `MockRerankingModelV${majorOf(set) - 3}`) as new (
    model: Fields,
  ) => object
  return new Mock({
    modelId: 'rerank-v3',
    provider: 'cohere.reranking',
    doRerank: async ({ documents }: { documents: { values: readonly unknown[] } }) => ({
      ranking: documents.values
        .map((_, index) => ({ index, relevanceScore: 0.1 + 0.8 * index }))
        .toReversed(),
    }),
  })
}

function usageOf(version: number): unknown {
  switch (version) {
    case 1:
      return { promptTokens: 20, completionTokens: 5 }
    case 2:
      return {
        inputTokens: 20,
        outputTokens: 5,
        totalTokens: 25,
        cachedInputTokens: 4,
        reasoningTokens: 3,
      }
    default:
      return {
        inputTokens: { total: 20, noCache: 14, cacheRead: 4, cacheWrite: 2 },
        outputTokens: { total: 5, text: 2, reasoning: 3 },
      }
  }
}

function finishReasonOf(turn: ScriptedAnswer, version: number): unknown {
  const isCalling = turn.calls?.some((call) => !('providerResult' in call)) === true
  const unified = turn.finishReason ?? (isCalling ? 'tool-calls' : 'stop')
  return version < 3 ? unified : { unified, raw: unified }
}

function contentOf(turn: ScriptedAnswer): Fields[] {
  const text = turn.text?.join('') ?? ''
  return [
    ...resultParts(turn),
    ...(text === '' ? [] : [{ type: 'text', text }]),
    ...(turn.calls ?? []).flatMap(callParts),
  ]
}

function resultParts(turn: ScriptedAnswer): Fields[] {
  return (turn.results ?? []).map(({ id, name, result }) => ({
    type: 'tool-result',
    toolCallId: id,
    toolName: name,
    result,
    providerExecuted: true,
  }))
}

function callParts({ id, name, input, ...call }: ScriptedCall): Fields[] {
  const part = { type: 'tool-call', toolCallId: id, toolName: name, input: JSON.stringify(input) }
  if (call.isDeferred === true) {
    return [{ ...part, providerExecuted: true }]
  }
  return 'providerResult' in call
    ? [
        { ...part, providerExecuted: true },
        {
          type: 'tool-result',
          toolCallId: id,
          toolName: name,
          result: call.providerResult,
          providerExecuted: true,
        },
      ]
    : [part]
}

function firstCall({ id, name, input }: ScriptedCall): Fields {
  return {
    type: 'tool-call',
    toolCallType: 'function',
    toolCallId: id,
    toolName: name,
    args: JSON.stringify(input),
  }
}

function partsOf(turn: ScriptedAnswer, version: number, response: Fields): Fields[] {
  const text = turn.text ?? []
  const finish = {
    type: 'finish',
    finishReason: finishReasonOf(turn, version),
    usage: usageOf(version),
    providerMetadata: turn.providerMetadata,
  }
  const opening: Fields[] = [...(turn.opening ?? [{ type: 'response-metadata', ...response }])]
  const errorPart = 'errorPart' in turn ? [{ type: 'error', error: turn.errorPart }] : []
  return version === 1
    ? [
        ...opening,
        ...text.map((textDelta) => ({ type: 'text-delta', textDelta })),
        ...errorPart,
        ...(turn.calls ?? []).map((call) => firstCall(call)),
        finish,
      ]
    : [
        { type: 'stream-start', warnings: [] },
        ...opening,
        ...resultParts(turn),
        ...(text.length === 0 ? [] : [{ type: 'text-start', id: '0' }]),
        ...text.map((delta) => ({ type: 'text-delta', id: '0', delta })),
        ...errorPart,
        ...(text.length === 0 ? [] : [{ type: 'text-end', id: '0' }]),
        ...inputParts(turn),
        ...(turn.calls ?? []).flatMap(callParts),
        finish,
      ]
}

function inputParts({ calls, inputDeltas }: ScriptedAnswer): Fields[] {
  const call = calls?.[0]
  return call === undefined || inputDeltas === undefined
    ? []
    : [
        { type: 'tool-input-start', id: call.id, toolName: call.name },
        ...inputDeltas.map((delta) => ({ type: 'tool-input-delta', id: call.id, delta })),
        { type: 'tool-input-end', id: call.id },
      ]
}

interface StreamSettings {
  readonly turn: ScriptedAnswer
  readonly log: ((event: string) => void) | undefined
  readonly signal: AbortSignal | undefined
}

function streamOf(
  parts: readonly Fields[],
  { turn, log, signal }: StreamSettings,
): ReadableStream<Fields> {
  const texts = turn.text?.length ?? 0
  const breakAt =
    'breaksWith' in turn ? parts.findIndex(({ type }) => type === 'text-delta') + texts : -1
  let index = 0
  const step = (controller: ReadableStreamDefaultController<Fields>): boolean => {
    const part = parts[index]
    if (index === breakAt) {
      controller.error(turn.breaksWith)
      return false
    }
    if (part === undefined) {
      log?.('end')
      controller.close()
      return false
    }
    if (part['type'] === 'finish') {
      log?.('finish')
    }
    controller.enqueue(part)
    index += 1
    return true
  }
  const cancel = (): void => log?.('cancel')
  if (turn.delay === undefined && breakAt < 0) {
    return new ReadableStream({
      start: (controller) => {
        while (step(controller)) {
          // Everything is there at once, as from a provider that answers in one piece.
        }
      },
      cancel,
    })
  }
  return new ReadableStream(
    {
      pull: async (controller) => {
        log?.('pull')
        try {
          await pause(index === turn.stallsAt ? 600_000 : turn.delay, signal)
        } catch (error) {
          controller.error(error)
          return
        }
        step(controller)
      },
      cancel,
    },
    { highWaterMark: 0 },
  )
}

/** Waits, unless the signal fires. */
export async function pause(milliseconds = 0, signal?: AbortSignal): Promise<void> {
  if (milliseconds === 0) {
    return
  }
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    if (signal?.aborted === true) {
      stop()
    } else {
      signal?.addEventListener('abort', stop, { once: true })
    }
  })
}
