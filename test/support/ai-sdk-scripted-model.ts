import { MockLanguageModelV4 } from 'ai/test'

type GenerateResult = Awaited<ReturnType<MockLanguageModelV4['doGenerate']>>
type StreamResult = Awaited<ReturnType<MockLanguageModelV4['doStream']>>
type StreamPart = StreamResult['stream'] extends ReadableStream<infer Part> ? Part : never
type Content = GenerateResult['content']
type CallOptions = Parameters<MockLanguageModelV4['doGenerate']>[0]
type Usage = GenerateResult['usage']
type FinishReason = GenerateResult['finishReason']

/** A call that a scripted turn asks for. */
export interface ScriptedToolCall {
  readonly id: string
  readonly name: string
  readonly input: unknown
}

/** What a scripted model answers to one call. */
export interface ScriptedTurn {
  /** The text, in the pieces that it is streamed in. */
  readonly text?: string | readonly string[] | undefined
  readonly reasoning?: string | undefined
  readonly toolCalls?: readonly ScriptedToolCall[] | undefined
  /** @defaultValue 20 tokens in, 4 of them from the cache and 2 into it; 5 out, 3 of them reasoning */
  readonly usage?: Usage | undefined
  /** @defaultValue `tool-calls` with tool calls, else `stop` */
  readonly finishReason?: FinishReason['unified'] | undefined
  /** Milliseconds before an answer begins. */
  readonly wait?: number | undefined
  /** Milliseconds before an answer, and before each part of a stream. Without it a stream is there at once. */
  readonly delay?: number | undefined
  /** Thrown in place of the answer, one for each attempt; the attempt after the last one succeeds. */
  readonly errors?: readonly unknown[] | undefined
  /** An `error` part after the text; the stream goes on to its end. */
  readonly errorPart?: unknown
  /** What the stream breaks with after the text. */
  readonly breaksWith?: unknown
}

/** Turns in order, or a function of the prompt. */
export type Script = readonly ScriptedTurn[] | ((prompt: CallOptions['prompt']) => ScriptedTurn)

/** What the program that calls a scripted model may be asked about afterwards. */
export interface ScriptedModelOptions {
  /** @defaultValue `gpt-4o-mini` */
  readonly modelId?: string | undefined
  /** @defaultValue `openai.responses` */
  readonly provider?: string | undefined
  /** Hears what the SDK does with the streams: `pull`, `cancel`. */
  readonly log?: ((event: string) => void) | undefined
}

const USAGE: Usage = {
  inputTokens: { total: 20, noCache: 14, cacheRead: 4, cacheWrite: 2 },
  outputTokens: { total: 5, text: 2, reasoning: 3 },
}

/**
 * A language model that needs no network. The place in a list of turns is how often the model has spoken since the user
 * last did, so that one model may serve many turns at once and each goes through the script from its beginning.
 */
export function scriptedModel(
  script: Script,
  options: ScriptedModelOptions = {},
): MockLanguageModelV4 {
  const { modelId = 'gpt-4o-mini', provider = 'openai.responses', log } = options
  const attempts = new Map<ScriptedTurn, number>()
  const answer = async (call: CallOptions): Promise<ScriptedTurn> => {
    const turn = turnFor(script, call.prompt)
    await pause(turn.wait ?? turn.delay, call.abortSignal)
    const attempt = attempts.get(turn) ?? 0
    attempts.set(turn, attempt + 1)
    if (turn.errors !== undefined && attempt < turn.errors.length) {
      throw turn.errors[attempt]
    }
    return turn
  }
  const response = { id: 'resp_1', modelId: `${modelId}-2024-07-18`, timestamp: new Date(0) }
  return new MockLanguageModelV4({
    modelId,
    provider,
    doGenerate: async (call) => {
      const turn = await answer(call)
      return {
        content: contentOf(turn),
        finishReason: finishReasonOf(turn),
        usage: turn.usage ?? USAGE,
        warnings: [],
        response,
      }
    },
    doStream: async (call) => {
      const turn = await answer(call)
      const parts: StreamPart[] = [
        { type: 'stream-start', warnings: [] },
        { type: 'response-metadata', ...response },
        ...partsOf(turn),
      ]
      return { stream: streamOf(parts, { turn, log, signal: call.abortSignal }) }
    },
  })
}

function turnFor(script: Script, prompt: CallOptions['prompt']): ScriptedTurn {
  if (typeof script === 'function') {
    return script(prompt)
  }
  const lastUser = prompt.findLastIndex((message) => message.role === 'user')
  const spoken = prompt.slice(lastUser).filter((message) => message.role === 'assistant').length
  return script[spoken] ?? script.at(-1) ?? {}
}

function contentOf(turn: ScriptedTurn): Content {
  const text = chunksOf(turn).join('')
  return [
    ...(turn.reasoning === undefined ? [] : [{ type: 'reasoning' as const, text: turn.reasoning }]),
    ...(text === '' ? [] : [{ type: 'text' as const, text }]),
    ...toolCallsOf(turn),
  ]
}

function partsOf(turn: ScriptedTurn): StreamPart[] {
  const chunks = chunksOf(turn)
  return [
    ...(turn.reasoning === undefined
      ? []
      : [
          { type: 'reasoning-start' as const, id: 'thought' },
          { type: 'reasoning-delta' as const, id: 'thought', delta: turn.reasoning },
          { type: 'reasoning-end' as const, id: 'thought' },
        ]),
    ...(chunks.length === 0 ? [] : [{ type: 'text-start' as const, id: 'text' }]),
    ...chunks.map((delta) => ({ type: 'text-delta' as const, id: 'text', delta })),
    ...(turn.errorPart === undefined ? [] : [{ type: 'error' as const, error: turn.errorPart }]),
    ...(chunks.length === 0 ? [] : [{ type: 'text-end' as const, id: 'text' }]),
    ...toolCallsOf(turn),
    { type: 'finish', finishReason: finishReasonOf(turn), usage: turn.usage ?? USAGE },
  ]
}

interface StreamSettings {
  readonly turn: ScriptedTurn
  readonly log: ((event: string) => void) | undefined
  readonly signal: AbortSignal | undefined
}

function streamOf(
  parts: readonly StreamPart[],
  { turn, log, signal }: StreamSettings,
): ReadableStream<StreamPart> {
  const breakAt = 'breaksWith' in turn ? parts.findIndex((part) => part.type === 'text-end') : -1
  let index = 0
  const step = (controller: ReadableStreamDefaultController<StreamPart>): boolean => {
    const part = parts[index]
    if (index === breakAt) {
      controller.error(turn.breaksWith)
      return false
    }
    if (part === undefined) {
      controller.close()
      return false
    }
    controller.enqueue(part)
    index += 1
    return true
  }
  const cancel = (reason: unknown): void => log?.(`cancel ${String(reason)}`)
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
          await pause(turn.delay, signal)
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

function chunksOf({ text }: ScriptedTurn): readonly string[] {
  return typeof text === 'string' ? [text] : (text ?? [])
}

function toolCallsOf(turn: ScriptedTurn): {
  type: 'tool-call'
  toolCallId: string
  toolName: string
  input: string
}[] {
  return (turn.toolCalls ?? []).map(({ id, name, input }) => ({
    type: 'tool-call',
    toolCallId: id,
    toolName: name,
    input: JSON.stringify(input),
  }))
}

function finishReasonOf(turn: ScriptedTurn): FinishReason {
  const unified = turn.finishReason ?? ((turn.toolCalls ?? []).length > 0 ? 'tool-calls' : 'stop')
  return { unified, raw: unified }
}

async function pause(
  milliseconds: number | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (milliseconds === undefined) {
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
