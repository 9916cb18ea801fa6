import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager'
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BaseChatModelParams,
  type BindToolsInput,
} from '@langchain/core/language_models/chat_models'
import {
  AIMessage,
  AIMessageChunk,
  type AIMessageChunkFields,
  type AIMessageFields,
  type BaseMessage,
  type UsageMetadata,
} from '@langchain/core/messages'
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs'

/** A call that a scripted reply asks for. */
export interface ScriptedToolCall {
  readonly id: string
  readonly name: string
  readonly args: Record<string, unknown>
}

/** What a scripted model answers. */
export interface ScriptedReply {
  /** @defaultValue an empty text */
  readonly text?: string | undefined
  readonly toolCalls?: readonly ScriptedToolCall[] | undefined
  /** @defaultValue 20 tokens in, 4 of them from the cache and 2 into it; 5 out, 3 of them reasoning */
  readonly usage?: UsageMetadata | undefined
  /** US dollars, as a gateway reports them. @defaultValue none */
  readonly cost?: number | undefined
  /** Milliseconds before the reply, and before each word of a stream. @defaultValue 0 */
  readonly delay?: number | undefined
  /** Thrown in place of the reply; of a stream, after its words. */
  readonly error?: Error | undefined
}

/** Replies in order, or a function of the messages that the model sees. */
export type Script =
  | readonly ScriptedReply[]
  | ((messages: readonly BaseMessage[]) => ScriptedReply)

/** How to make a scripted model. */
export interface ScriptedChatModelFields extends BaseChatModelParams {
  readonly script: Script
  /** @defaultValue `gpt-4o-mini` */
  readonly model?: string | undefined
}

interface ScriptedCallOptions extends BaseChatModelCallOptions {
  readonly tools?: readonly BindToolsInput[]
}

const USAGE: UsageMetadata = {
  input_tokens: 20,
  output_tokens: 5,
  total_tokens: 25,
  input_token_details: { cache_read: 4, cache_creation: 2 },
  output_token_details: { reasoning: 3 },
}

/** What of `@langchain/core` a scripted model is made of, in whichever version. */
export interface ScriptedModelParts {
  readonly BaseChatModel: typeof BaseChatModel
  readonly AIMessage: typeof AIMessage
  readonly AIMessageChunk: typeof AIMessageChunk
  readonly ChatGenerationChunk: typeof ChatGenerationChunk
}

/**
 * The class of a chat model that needs no network. The place in a list of replies is how often the model has spoken since the user last
 * did, so that one model may serve many turns at once and each turn goes through the script from its beginning.
 */
export function scriptedChatModel(core: ScriptedModelParts) {
  return class ScriptedChatModel extends core.BaseChatModel<ScriptedCallOptions> {
    readonly script: Script
    readonly model: string

    constructor(fields: ScriptedChatModelFields) {
      super(fields)
      this.script = fields.script
      this.model = fields.model ?? 'gpt-4o-mini'
    }

    static override lc_name(): string {
      return 'ScriptedChatModel'
    }

    override _llmType(): string {
      return 'scripted'
    }

    override getLsParams(): {
      ls_provider: string
      ls_model_name: string
      ls_model_type: 'chat'
      ls_temperature: number
    } {
      return {
        ls_provider: 'openai',
        ls_model_name: this.model,
        ls_model_type: 'chat',
        ls_temperature: 0.2,
      }
    }

    override invocationParams(): Record<string, unknown> {
      return { model: this.model, temperature: 0.2, max_tokens: 256, api_key: 'sk-secret' }
    }

    override bindTools(
      tools: BindToolsInput[],
      options?: Partial<ScriptedCallOptions>,
    ): ReturnType<this['withConfig']> {
      return this.withConfig({ ...options, tools }) as ReturnType<this['withConfig']>
    }

    override async _generate(
      messages: BaseMessage[],
      options: this['ParsedCallOptions'],
    ): Promise<ChatResult> {
      const reply = this.#replyTo(messages)
      await pause(reply.delay, options.signal)
      if (reply.error !== undefined) {
        throw reply.error
      }
      const text = reply.text ?? ''
      const message = new core.AIMessage({
        content: text,
        tool_calls: toolCallsOf(reply),
        usage_metadata: reply.usage ?? USAGE,
        response_metadata: this.#details(reply),
      } as AIMessageFields)
      return { generations: [{ text, message }] }
    }

    override async *_streamResponseChunks(
      messages: BaseMessage[],
      options: this['ParsedCallOptions'],
      runManager?: CallbackManagerForLLMRun,
    ): AsyncGenerator<ChatGenerationChunk> {
      const reply = this.#replyTo(messages)
      for (const chunk of this.#chunksOf(reply)) {
        await pause(reply.delay, options.signal)
        yield chunk
        await runManager?.handleLLMNewToken(
          chunk.text,
          undefined,
          undefined,
          undefined,
          undefined,
          {
            chunk,
          },
        )
      }
      if (reply.error !== undefined) {
        throw reply.error
      }
    }

    *#chunksOf(reply: ScriptedReply): Iterable<ChatGenerationChunk> {
      for (const word of reply.text?.match(/\S+\s*/g) ?? []) {
        yield chunkOf(core, { content: word })
      }
      const calls = toolCallsOf(reply)
      if (calls.length > 0) {
        yield chunkOf(core, {
          content: '',
          tool_call_chunks: calls.map(({ id, name, args }, index) => ({
            type: 'tool_call_chunk',
            id,
            name,
            args: JSON.stringify(args),
            index,
          })),
        })
      }
      yield chunkOf(core, {
        content: '',
        usage_metadata: reply.usage ?? USAGE,
        response_metadata: this.#details(reply),
      } as AIMessageChunkFields)
    }

    #replyTo(messages: readonly BaseMessage[]): ScriptedReply {
      if (typeof this.script === 'function') {
        return this.script(messages)
      }
      const lastUser = messages.findLastIndex((message) => message.getType() === 'human')
      const spoken = messages.slice(lastUser + 1).filter((message) => message.getType() === 'ai')
      const reply = this.script[spoken.length]
      if (reply === undefined) {
        throw new Error(`the script of ${this.model} has no reply number ${spoken.length + 1}`)
      }
      return reply
    }

    #details(reply: ScriptedReply): Record<string, unknown> {
      return {
        model_name: `${this.model}-2024-07-18`,
        finish_reason: reply.toolCalls === undefined ? 'stop' : 'tool_calls',
        ...(reply.cost === undefined ? {} : { usage: { cost: reply.cost } }),
      }
    }
  }
}

/** A scripted model of the newest version. */
export const ScriptedChatModel = scriptedChatModel({
  BaseChatModel,
  AIMessage,
  AIMessageChunk,
  ChatGenerationChunk,
})

/** A scripted model of the newest version. */
export type ScriptedChatModel = InstanceType<typeof ScriptedChatModel>

function chunkOf(core: ScriptedModelParts, fields: AIMessageChunkFields): ChatGenerationChunk {
  const message = new core.AIMessageChunk(fields)
  return new core.ChatGenerationChunk({
    text: typeof fields.content === 'string' ? fields.content : '',
    message,
  })
}

function toolCallsOf(
  reply: ScriptedReply,
): { id: string; name: string; args: Record<string, unknown>; type: 'tool_call' }[] {
  return (reply.toolCalls ?? []).map(({ id, name, args }) => ({
    id,
    name,
    args,
    type: 'tool_call',
  }))
}

/* Rejects with the reason of the signal, as a provider's client does. */
async function pause(delay = 0, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  if (delay === 0) {
    return
  }
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, delay)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason instanceof Error ? signal.reason : new Error('Aborted'))
    })
  })
}
