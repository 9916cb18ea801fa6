import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'

import { anthropicMessages } from './provider/anthropic-messages.ts'
import { bedrockConverse } from './provider/bedrock-converse.ts'
import { googleGenerative } from './provider/google-generative.ts'
import { ollamaChat } from './provider/ollama-chat.ts'
import { openaiChat } from './provider/openai-chat.ts'
import { openaiResponses } from './provider/openai-responses.ts'
import type {
  ProviderReply,
  ProviderRequest,
  ProviderTokens,
  ProviderWire,
} from './provider/provider-wire.ts'

export type {
  ProviderReply,
  ProviderRequest,
  ProviderTokens,
  ProviderToolCall,
} from './provider/provider-wire.ts'

/** One answer, as a provider's invoice would list it. */
export interface BilledCall {
  readonly wire: string
  readonly model: string
  readonly isStreamed: boolean
  readonly tokens: ProviderTokens
}

/** Replies in order, the last one again and again; or a function of the request. */
export type ProviderPlan =
  | readonly ProviderReply[]
  | ((request: ProviderRequest, index: number) => ProviderReply)

/** A stand-in for model providers on this machine, for their real clients. */
export interface ProviderServer extends AsyncDisposable {
  /** What clients of OpenAI take as the base address; those of Anthropic want it without the `/v1`. */
  readonly baseUrl: string
  /** The address without a path. */
  readonly origin: string
  /** Every request that was understood, in order. */
  readonly requests: readonly ProviderRequest[]
  /** What was billed: every answer but refusals, in order. */
  readonly billed: readonly BilledCall[]
  close(): Promise<void>
}

/* A wire is a path and two ways to write a reply; another API of a provider is one more entry. */
const WIRES: readonly ProviderWire[] = [
  openaiChat,
  openaiResponses,
  anthropicMessages,
  googleGenerative,
  ollamaChat,
  bedrockConverse,
]

/**
 * Starts a server on the loopback interface that speaks OpenAI's chat completions and responses, Anthropic's messages, Gemini,
 * Ollama and Bedrock, whole and streamed, and bills what the plan says.
 */
export async function startProviderServer(plan: ProviderPlan): Promise<ProviderServer> {
  const requests: ProviderRequest[] = []
  const billed: BilledCall[] = []

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = message.url?.split('?')[0] ?? ''
    const wire = WIRES.find((known) => isAt(known, path))
    const body = parse(await readBody(message))
    if (wire === undefined || body === undefined) {
      sendJson(response, 404, { error: { message: `nothing at ${message.url ?? ''}` } })
      return
    }
    const request: ProviderRequest = { wire: wire.name, headers: message.headers, body }
    const index = requests.push(request) - 1
    const reply = typeof plan === 'function' ? plan(request, index) : replyAt(plan, index)
    if (reply.status !== undefined) {
      sendJson(response, reply.status, wire.refusal(reply))
      return
    }
    const model = typeof body['model'] === 'string' ? body['model'] : modelIn(wire, path)
    const isStreamed = wire.isStreamed?.(path, body) ?? body['stream'] === true
    const call = { model, id: `${index + 1}`, body }
    billed.push({ wire: wire.name, model, isStreamed, tokens: reply.tokens ?? {} })
    if (!isStreamed) {
      await setTimeout(reply.delay ?? 0)
      sendJson(response, 200, wire.answer(reply, call))
      return
    }
    response.writeHead(200, { 'content-type': wire.streamType ?? 'text/event-stream' })
    for (const event of wire.events(reply, call)) {
      if (response.destroyed) {
        return
      }
      response.write(event)
      await setTimeout(reply.delay ?? 0)
    }
    response.end()
  }

  const server = createServer((message, response) => {
    handle(message, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)))
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return {
    baseUrl: `${origin}/v1`,
    origin,
    requests,
    billed,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function isAt(wire: ProviderWire, path: string): boolean {
  return typeof wire.path === 'string' ? wire.path === path : wire.path.test(path)
}

function modelIn(wire: ProviderWire, path: string): string {
  const model = typeof wire.path === 'string' ? undefined : wire.path.exec(path)?.groups?.['model']
  return decodeURIComponent(model ?? '')
}

function replyAt(replies: readonly ProviderReply[], index: number): ProviderReply {
  const reply = replies[Math.min(index, replies.length - 1)]
  if (reply === undefined) {
    throw new Error('the plan of the provider is empty')
  }
  return reply
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  // A real client would try again after a refusal, and again.
  response.writeHead(status, { 'content-type': 'application/json', 'x-should-retry': 'false' })
  response.end(JSON.stringify(body))
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message) {
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}
