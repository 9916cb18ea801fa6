/** What a scripted model answers to one call. */
export interface ScriptedAnswer {
  readonly text?: string
  readonly tools?: readonly ScriptedToolCall[]
  /** Prompt and completion tokens. @defaultValue 10 and 5; `null` reports none */
  readonly tokens?: readonly [prompt: number, completion: number] | null
  /** US dollars, as a gateway reports them. @defaultValue none */
  readonly cost?: number
  /** Thrown in place of an answer. */
  readonly error?: Error
  /** Thrown by the stream after its text. */
  readonly errorInStream?: Error
  /** What has to happen before it answers. */
  readonly gate?: Promise<unknown>
}

/** A call that a scripted model asks for. */
export interface ScriptedToolCall {
  readonly id: string
  readonly name: string
  readonly args: object
}

/** What scripted models answered for, as a provider's bill would have it. */
export interface Bill {
  promptTokens: number
  completionTokens: number
}

/** Answers by turn, the last one again and again; or a function of what the model is given. */
export type Script = readonly ScriptedAnswer[] | ((prompt: string) => ScriptedAnswer)

/** How a provider's class tells of its calls; LlamaIndex has all three kinds. */
export type Telling = 'caller' | 'events' | 'nothing'

/** How a model is made. */
export interface ScriptedModelOptions {
  readonly script: Script
  readonly name?: string
  readonly telling?: Telling
  /** True for a model whose completions are no chats, as Ollama's. @defaultValue false */
  readonly hasCompletions?: boolean
  readonly bill?: Bill
}

/** The little of LlamaIndex that a scripted model is made of. */
export interface ModelFoundation {
  readonly ToolCallLLM: new () => object
  readonly wrapLLMEvent: (method: Chat, context: object) => Chat
  readonly withEventCaller: <Result>(caller: object, work: () => Result) => Result
}

interface ChatParameters {
  readonly messages: readonly ChatMessage[]
  readonly stream?: boolean
}

interface ChatMessage {
  readonly role: string
  readonly content: unknown
  readonly options?: { readonly toolResult?: unknown }
}

type Chat = (this: object, parameters: ChatParameters) => Promise<unknown>

/** A model of LlamaIndex's own kind that goes through a script, one answer for each call since the user's latest message. */
export function createScriptedModel(
  foundation: ModelFoundation,
  {
    script,
    name = 'gpt-4o-mini',
    telling = 'caller',
    hasCompletions = false,
    bill,
  }: ScriptedModelOptions,
): object {
  const metadata = {
    model: name,
    temperature: 0.1,
    topP: 1,
    maxTokens: 256,
    contextWindow: 8000,
    tokenizer: undefined,
    structuredOutput: false,
  }
  const model = Object.assign(new foundation.ToolCallLLM(), { metadata, supportToolCall: true })

  const answer: Chat = async ({ messages, stream }) => {
    const scripted =
      typeof script === 'function'
        ? script(textOf(messages.at(-1)?.content))
        : (script[Math.min(answersIn(messages), script.length - 1)] ?? {})
    await scripted.gate
    if (scripted.error !== undefined) {
      throw scripted.error
    }
    return stream === true ? streamOf(scripted, name, bill) : wholeOf(scripted, name, bill)
  }
  const told = telling === 'nothing' ? answer : foundation.wrapLLMEvent(answer, {})
  const chat = (parameters: ChatParameters): unknown => Reflect.apply(told, model, [parameters])
  const complete = async ({ prompt, stream }: CompletionParameters): Promise<unknown> => {
    const messages = [{ role: 'user', content: prompt }]
    const given: unknown = await Reflect.apply(answer, model, [{ messages, stream }])
    return stream === true ? completionParts(given) : toCompletion(given)
  }
  return Object.assign(model, {
    chat:
      telling === 'caller'
        ? (parameters: ChatParameters) => foundation.withEventCaller(model, () => chat(parameters))
        : chat,
    ...(hasCompletions && { complete }),
  })
}

interface CompletionParameters {
  readonly prompt: unknown
  readonly stream?: boolean
}

function toCompletion(answer: unknown): object {
  const { message, raw } = answer as ReturnType<typeof wholeOf>
  return { text: message.content, raw }
}

async function* completionParts(stream: unknown) {
  for await (const { delta, raw } of stream as ReturnType<typeof streamOf>) {
    yield { text: delta, raw }
  }
}

async function* streamOf(answer: ScriptedAnswer, model: string, bill: Bill | undefined) {
  const toolCall = toolCallsOf(answer)
  for (const word of (answer.text ?? '').split(/(?<= )/).filter(Boolean)) {
    yield { delta: word, raw: { id: 'response-1', choices: [{ delta: { content: word } }] } }
  }
  if (answer.errorInStream !== undefined) {
    throw answer.errorInStream
  }
  if (toolCall.length > 0) {
    yield { delta: '', options: { toolCall }, raw: {} }
  }
  yield { delta: '', raw: { model: `${model}-2026`, ...charge(answer, bill) } }
}

function wholeOf(answer: ScriptedAnswer, model: string, bill: Bill | undefined) {
  const toolCall = toolCallsOf(answer)
  return {
    message: {
      role: 'assistant',
      content: answer.text ?? '',
      options: toolCall.length === 0 ? {} : { toolCall },
    },
    raw: {
      id: 'response-1',
      model: `${model}-2026`,
      choices: [{ finish_reason: toolCall.length === 0 ? 'stop' : 'tool_calls' }],
      ...charge(answer, bill),
    },
  }
}

function toolCallsOf(answer: ScriptedAnswer) {
  return (answer.tools ?? []).map(({ id, name, args }) => ({ id, name, input: args }))
}

function charge(answer: ScriptedAnswer, bill: Bill | undefined) {
  if (answer.tokens === null) {
    return {}
  }
  const [prompt, completion] = answer.tokens ?? [10, 5]
  if (bill !== undefined) {
    bill.promptTokens += prompt
    bill.completionTokens += completion
  }
  const cost = answer.cost === undefined ? {} : { cost: answer.cost }
  return { usage: { prompt_tokens: prompt, completion_tokens: completion, ...cost } }
}

/* How often the model has answered since the user said something. Answers of tools come as the user's too. */
function answersIn(messages: readonly ChatMessage[]): number {
  const asked = messages.findLastIndex(
    ({ role, options }) => role === 'user' && options?.toolResult === undefined,
  )
  return messages.slice(asked + 1).filter(({ role }) => role === 'assistant').length
}

function textOf(content: unknown): string {
  if (typeof content === 'string') {
    return content
  }
  return Array.isArray(content)
    ? content.map((part: { readonly text?: string }) => part.text ?? '').join('')
    : ''
}

/** An embedding that knows three words: what texts share of them is what makes them alike. */
export function createScriptedEmbedding(
  BaseEmbedding: new () => object,
  options: { readonly error?: Error } = {},
): object {
  const embed = async (text: string): Promise<number[]> => {
    if (options.error !== undefined) {
      throw options.error
    }
    return ['Paris', 'Rome', ''].map((word) => (text.includes(word) ? 1 : 0))
  }
  return Object.assign(new BaseEmbedding(), {
    model: 'text-embedding-3-small',
    getTextEmbedding: embed,
    getTextEmbeddings: (texts: readonly string[]) => Promise.all(texts.map(embed)),
  })
}
