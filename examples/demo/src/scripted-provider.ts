import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the scripted model answers to one request: a text, or calls of tools. */
export type Reply = string | readonly { readonly name: string; readonly arguments: object }[]

/** Replies by the user's latest words: the first to those words, the next after the first round of tools, and so on. */
export type Script = Readonly<Record<string, readonly Reply[]>>

/** A provider on loopback that speaks OpenAI's chat completions, so that real clients of it can be used. */
export interface ScriptedProvider extends AsyncDisposable {
  /** What clients take as the base address. */
  readonly baseUrl: string
}

interface ChatMessage {
  readonly role: string
  readonly content?: unknown
}

interface ChatRequest {
  readonly model: string
  readonly stream?: boolean
  readonly messages: readonly ChatMessage[]
}

/** Starts the provider. It answers what the script says, whole or streamed, after a moment. */
export async function startScriptedProvider(script: Script): Promise<ScriptedProvider> {
  const server = createServer((request, response) => {
    respond(request, response, script).catch((error: unknown) => {
      response.writeHead(500).end(JSON.stringify({ error: { message: String(error) } }))
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  script: Script,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) {
    chunks.push(chunk as Buffer)
  }
  const chat = JSON.parse(Buffer.concat(chunks).toString()) as ChatRequest
  const reply = replyTo(chat, script)
  await pause(30)
  if (chat.stream === true) {
    await stream(response, chat, reply)
  } else {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(completion(chat, reply)))
  }
}

function replyTo(chat: ChatRequest, script: Script): Reply {
  const asked = chat.messages.findLastIndex((message) => message.role === 'user')
  const words = textOf(chat.messages[asked]?.content)
  const round = chat.messages.slice(asked).filter((message) => message.role === 'assistant').length
  const reply = script[words]?.[round]
  if (reply === undefined) {
    throw new Error(`the script has no reply ${round} to: ${words}`)
  }
  return reply
}

function textOf(content: unknown): string {
  if (typeof content === 'string') {
    return content
  }
  const parts = (Array.isArray(content) ? content : []) as { readonly text?: string }[]
  return parts.map((part) => part.text ?? '').join('')
}

function completion(chat: ChatRequest, reply: Reply): object {
  return {
    ...envelope(chat, 'chat.completion'),
    usage: usage(chat, reply),
    choices: [
      {
        index: 0,
        finish_reason: finishReason(reply),
        message: {
          role: 'assistant',
          content: typeof reply === 'string' ? reply : null,
          ...(typeof reply === 'string' ? {} : { tool_calls: toolCalls(chat, reply) }),
        },
      },
    ],
  }
}

async function stream(response: ServerResponse, chat: ChatRequest, reply: Reply): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const send = async (body: object): Promise<void> => {
    response.write(
      `data: ${JSON.stringify({ ...envelope(chat, 'chat.completion.chunk'), ...body })}\n\n`,
    )
    await pause(10)
  }
  const deltas =
    typeof reply === 'string'
      ? (reply.match(/\S+\s*/g) ?? []).map((content) => ({ content }))
      : toolCalls(chat, reply).map((call, index) => ({ tool_calls: [{ index, ...call }] }))
  for (const delta of deltas) {
    await send(choice({ role: 'assistant', ...delta }))
  }
  await send(choice({}, finishReason(reply)))
  await send({ choices: [], usage: usage(chat, reply) })
  response.end('data: [DONE]\n\n')
}

function choice(delta: object, finish_reason: string | null = null): object {
  return { choices: [{ index: 0, delta, finish_reason }] }
}

function envelope(chat: ChatRequest, object: string): object {
  return {
    id: `chatcmpl-${chat.messages.length}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model: `${chat.model}-2024-07-18`,
  }
}

function finishReason(reply: Reply): string {
  return typeof reply === 'string' ? 'stop' : 'tool_calls'
}

function toolCalls(chat: ChatRequest, reply: Exclude<Reply, string>): object[] {
  return reply.map((call, index) => ({
    id: `call_${chat.messages.length}_${index}`,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }))
}

/* About four characters a token, as with the real ones. */
function usage(chat: ChatRequest, reply: Reply): object {
  const prompt_tokens = Math.ceil(JSON.stringify(chat.messages).length / 4)
  const completion_tokens = Math.ceil(JSON.stringify(reply).length / 4)
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}
