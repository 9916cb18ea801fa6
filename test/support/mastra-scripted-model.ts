/** What a scripted model answers to one call. */
export interface ScriptedAnswer {
  readonly text?: string
  readonly reasoning?: string
  readonly tools?: readonly ScriptedToolCall[]
  /** Prompt and completion tokens. @defaultValue 10 and 5; `null` reports none */
  readonly tokens?: readonly [prompt: number, completion: number] | null
  readonly cachedTokens?: number
  readonly reasoningTokens?: number
  /** @defaultValue prompt and completion tokens */
  readonly totalTokens?: number
  /** What the provider reports beside the answer. */
  readonly providerMetadata?: object
  /** Thrown in place of an answer. */
  readonly error?: Error
  /** Told by the stream after what else there is. */
  readonly errorInStream?: Error
  /** Milliseconds before the first part. */
  readonly delay?: number
  /** Milliseconds before every part of a stream. */
  readonly partDelay?: number
}

/** A call that a scripted model asks for. */
export interface ScriptedToolCall {
  readonly id: string
  readonly name: string
  readonly args: unknown
  /** What the provider says came out, where it runs the tool itself. */
  readonly providerResult?: unknown
}

/** What scripted models answered for, as a provider's bill would have it. */
export interface Bill {
  promptTokens: number
  completionTokens: number
}

/** What a scripted model is made with. */
export interface ScriptedModelOptions {
  readonly modelId?: string
  readonly provider?: string
  readonly bill?: Bill
  /** One answer for each call, for a model that is asked for something else each time. @defaultValue false */
  readonly inSequence?: boolean
}

interface CallOptions {
  readonly abortSignal?: AbortSignal
}

/**
 * A model that goes through a script, one answer for each call since the user's latest message, and the last one again and
 * again; so that several turns may go on at once. It speaks version 2 of
 * the AI SDK's model interface, which every tested version of Mastra takes.
 */
export class ScriptedModel {
  readonly specificationVersion = 'v2'
  readonly provider: string
  readonly modelId: string
  readonly supportedUrls = {}
  readonly #script: readonly ScriptedAnswer[]
  readonly #bill: Bill | undefined
  readonly #inSequence: boolean
  #calls = 0

  constructor(script: readonly ScriptedAnswer[], options: ScriptedModelOptions = {}) {
    this.#inSequence = options.inSequence ?? false
    this.#script = script
    this.modelId = options.modelId ?? 'gpt-4o-mini'
    this.provider = options.provider ?? 'openai.chat'
    this.#bill = options.bill
  }

  async doGenerate(options: CallOptions & { readonly prompt?: unknown }) {
    const answer = await this.#answer(options)
    if (answer.errorInStream !== undefined) {
      throw answer.errorInStream
    }
    return {
      content: [
        ...(answer.reasoning === undefined ? [] : [{ type: 'reasoning', text: answer.reasoning }]),
        ...(answer.text === undefined ? [] : [{ type: 'text', text: answer.text }]),
        ...(answer.tools ?? []).flatMap(toolParts),
      ],
      finishReason: finishReasonOf(answer),
      usage: this.#charge(answer),
      providerMetadata: answer.providerMetadata,
      response: { id: 'response-1', modelId: `${this.modelId}-2026`, timestamp: new Date(0) },
      warnings: [],
    }
  }

  async doStream(options: CallOptions & { readonly prompt?: unknown }) {
    const answer = await this.#answer(options)
    const parts = [
      { type: 'stream-start', warnings: [] },
      {
        type: 'response-metadata',
        id: 'response-1',
        modelId: `${this.modelId}-2026`,
        timestamp: new Date(0),
      },
      ...blockParts('reasoning', answer.reasoning),
      ...blockParts('text', answer.text),
      ...(answer.tools ?? []).flatMap(streamedToolParts),
    ]
    const { abortSignal } = options
    let position = 0
    return {
      stream: new ReadableStream({
        pull: async (controller) => {
          await pause(answer.partDelay)
          if (abortSignal?.aborted === true) {
            controller.error(abortSignal.reason)
          } else if (position < parts.length) {
            controller.enqueue(parts[position])
            position += 1
          } else {
            controller.enqueue(this.#last(answer))
            controller.close()
          }
        },
      }),
    }
  }

  #last(answer: ScriptedAnswer) {
    return answer.errorInStream === undefined
      ? {
          type: 'finish',
          finishReason: finishReasonOf(answer),
          usage: this.#charge(answer),
          providerMetadata: answer.providerMetadata,
        }
      : { type: 'error', error: answer.errorInStream }
  }

  async #answer(options: CallOptions & { readonly prompt?: unknown }): Promise<ScriptedAnswer> {
    const position = this.#inSequence ? this.#calls : answersIn(options.prompt)
    this.#calls += 1
    const answer = this.#script[Math.min(position, this.#script.length - 1)] ?? {}
    await pause(answer.delay)
    options.abortSignal?.throwIfAborted()
    if (answer.error !== undefined) {
      throw answer.error
    }
    return answer
  }

  #charge(answer: ScriptedAnswer) {
    if (answer.tokens === null) {
      return { inputTokens: undefined, outputTokens: undefined, totalTokens: undefined }
    }
    const [inputTokens, outputTokens] = answer.tokens ?? [10, 5]
    if (this.#bill !== undefined) {
      this.#bill.promptTokens += inputTokens
      this.#bill.completionTokens += outputTokens
    }
    return {
      inputTokens,
      outputTokens,
      totalTokens: answer.totalTokens ?? inputTokens + outputTokens,
      cachedInputTokens: answer.cachedTokens,
      reasoningTokens: answer.reasoningTokens,
    }
  }
}

/* How often the model has answered since the user said something. */
function answersIn(prompt: unknown): number {
  const roles = Array.isArray(prompt)
    ? prompt.map((message: { role?: unknown }) => message.role)
    : []
  return roles.slice(roles.lastIndexOf('user') + 1).filter((role) => role === 'assistant').length
}

function finishReasonOf(answer: ScriptedAnswer): string {
  return answer.tools?.some((call) => call.providerResult === undefined) === true
    ? 'tool-calls'
    : 'stop'
}

function toolParts(call: ScriptedToolCall) {
  const providerExecuted = call.providerResult === undefined ? undefined : true
  const asked = {
    type: 'tool-call',
    toolCallId: call.id,
    toolName: call.name,
    input: JSON.stringify(call.args),
    providerExecuted,
  }
  return providerExecuted === undefined
    ? [asked]
    : [
        asked,
        {
          type: 'tool-result',
          toolCallId: call.id,
          toolName: call.name,
          result: call.providerResult,
          providerExecuted,
        },
      ]
}

function streamedToolParts(call: ScriptedToolCall): object[] {
  const providerExecuted = call.providerResult === undefined ? undefined : true
  return [
    { type: 'tool-input-start', id: call.id, toolName: call.name, providerExecuted },
    { type: 'tool-input-delta', id: call.id, delta: JSON.stringify(call.args) },
    { type: 'tool-input-end', id: call.id },
    ...toolParts(call),
  ]
}

function blockParts(type: 'text' | 'reasoning', text: string | undefined) {
  return text === undefined
    ? []
    : [
        { type: `${type}-start`, id: type },
        ...text.split(/(?<= )/).map((word) => ({ type: `${type}-delta`, id: type, delta: word })),
        { type: `${type}-end`, id: type },
      ]
}

/* Timers of the host's own: no fake clock is ever in place here. */
async function pause(milliseconds: number | undefined): Promise<void> {
  if (milliseconds !== undefined) {
    await new Promise((resolve) => {
      setTimeout(resolve, milliseconds)
    })
  }
}

/** The same for the methods that Mastra calls legacy, which take version 1 of the interface alone. */
export class LegacyScriptedModel {
  readonly specificationVersion = 'v1'
  readonly provider = 'openai.chat'
  readonly modelId = 'gpt-4o-mini'
  readonly defaultObjectGenerationMode = 'json'
  readonly #model: ScriptedModel

  constructor(script: readonly ScriptedAnswer[], options: ScriptedModelOptions = {}) {
    this.#model = new ScriptedModel(script, options)
  }

  async doGenerate(options: CallOptions & { readonly prompt?: unknown }) {
    const { content, finishReason, usage } = await this.#model.doGenerate(options)
    return {
      text: content.map((part) => ('text' in part ? part.text : '')).join(''),
      toolCalls: content.flatMap((part) =>
        'toolName' in part && 'input' in part
          ? [
              {
                toolCallType: 'function',
                toolCallId: part.toolCallId,
                toolName: part.toolName,
                args: part.input,
              },
            ]
          : [],
      ),
      finishReason,
      usage: { promptTokens: usage.inputTokens, completionTokens: usage.outputTokens },
      rawCall: { rawPrompt: undefined, rawSettings: {} },
    }
  }
}
