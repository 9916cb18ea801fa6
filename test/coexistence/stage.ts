import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

import type { WireTrace } from '@trulayer/core/internal'

import { type IngestRequest, startIngestServer } from '../support/ingest-server.ts'
import { type ProviderRequest, startProviderServer } from '../support/provider-server.ts'

/** A request that another tracer or a tool made. */
export interface SinkRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

/** The services that a program talks to, all of them on this machine. */
export interface Stage extends AsyncDisposable {
  readonly environment: Readonly<Record<string, string>>
  readonly traces: readonly WireTrace[]
  readonly requests: readonly IngestRequest[]
  readonly sunk: readonly SinkRequest[]
}

/** Starts a provider of models, the TruLayer service, and a sink for other tracers and for tools. */
export async function startStage(): Promise<Stage> {
  const provider = await startProviderServer(replyTo)
  const ingest = await startIngestServer()
  const sink = await startSink()
  return {
    environment: {
      PROVIDER_URL: provider.baseUrl,
      SINK_URL: sink.url,
      TRULAYER_API_KEY: 'tl_0123456789abcdef',
      TRULAYER_ENDPOINT: ingest.url,
    },
    traces: ingest.traces,
    requests: ingest.requests,
    sunk: sink.requests,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([provider.close(), ingest.close(), sink.close()])
    },
  }
}

/* Two tools in the first answer, then a text. All of it names the user, so that a turn shows what it has of another's. */
function replyTo({ body }: ProviderRequest) {
  const text = JSON.stringify(body['messages'])
  const user = /user-\d+/.exec(text)?.[0] ?? 'user'
  if (text.includes('"role":"tool"')) {
    return { text: `It is sunny for ${user}.`, tokens: { fresh: 30, answer: 10 }, delay: 1 }
  }
  return {
    toolCalls: [
      { id: `weather-${user}`, name: 'weather', arguments: { city: user } },
      { id: `lookup-${user}`, name: 'lookup', arguments: { item: user } },
    ],
    tokens: { fresh: 20, answer: 5 },
    delay: 1,
  }
}

/* What a client must be answered before it sends anything. */
function answerTo(path: string, url: string): object {
  switch (path.replace(/\?.*/, '')) {
    case '/weather':
      return { sky: 'sunny' }
    case '/langsmith/info':
      return { version: '0.10.0', batch_ingest_config: { use_multipart_endpoint: false } }
    case '/api/apikey/login':
      return {
        org_info: [
          { id: 'program', name: 'program', api_url: `${url}/braintrust`, proxy_url: url },
        ],
      }
    case '/braintrust/api/project/register':
    case '/api/project/register':
      return { project: { id: 'program', name: 'program', org_id: 'program' } }
    case '/braintrust/version':
      return { logs3_payload_max_bytes: 6_000_000 }
    default:
      return {}
  }
}

interface Sink {
  readonly url: string
  readonly requests: SinkRequest[]
  close(): Promise<void>
}

async function startSink(): Promise<Sink> {
  const requests: SinkRequest[] = []
  let url = ''
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? ''
    requests.push({ path, headers: request.headers, body: await readBody(request) })
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answerTo(path, url)))
  }
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)))
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  url = `http://127.0.0.1:${port}`
  return {
    url,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) {
    chunks.push(chunk as Buffer)
  }
  const raw = Buffer.concat(chunks)
  const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString()
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
