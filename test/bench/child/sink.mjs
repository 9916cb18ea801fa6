/*
 * A receiver that takes everything that the systems send and counts, by the marks in the payloads, which spans arrived.
 * Its faults are set by the parent. It answers the few questions that clients ask before they send.
 */
import { createServer } from 'node:http'
import { gunzipSync, brotliDecompressSync, inflateSync, zstdDecompressSync } from 'node:zlib'

const MARK = /~m(\d+)\.(\d)~/g
/* How the clients that have no counting exporter say that a span is over. */
const ENDED = /"end_time":\s*"|"end_time":\s*\d|"metrics":\{[^{}]*"end":\d/g
const DECODERS = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  deflate: inflateSync,
  zstd: zstdDecompressSync,
}
/* What clients ask for that is no delivery. */
const QUESTION = /\/(?:info|version|api\/apikey\/login|api\/project\/register)$/

let fault = { kind: 'none' }
let server
let port
const attempts = new Map()
const marks = new Map()
const counts = { requests: 0, bytes: 0, open: 0, mostOpen: 0, atFault: 0, ended: 0 }
const hanging = new Set()

function read(body, encoding) {
  try {
    return (DECODERS[encoding]?.(body) ?? body).toString('latin1')
  } catch {
    return ''
  }
}

function take(text) {
  counts.ended += text.match(ENDED)?.length ?? 0
  for (const [, trace, span] of text.matchAll(MARK)) {
    marks.set(Number(trace), (marks.get(Number(trace)) ?? 0) | (1 << Number(span)))
  }
}

function question(url, origin) {
  if (url.endsWith('/info')) {
    return {
      version: '0.12.0',
      batch_ingest_config: {
        use_multipart_endpoint: true,
        size_limit: 100,
        size_limit_bytes: 25_165_824,
        scale_up_nthreads_limit: 16,
        scale_up_qsize_trigger: 1000,
        scale_down_nempty_trigger: 4,
      },
      instance_flags: { gzip_body_enabled: true, zstd_compression_enabled: true },
    }
  }
  if (url.endsWith('/login')) {
    const urls = { api_url: origin, proxy_url: origin, git_metadata: null }
    return { org_info: [{ id: 'org', name: 'org', ...urls }] }
  }
  return url.endsWith('/register')
    ? { project: { id: 'project', name: 'bench', org_id: 'org' }, org_id: 'org' }
    : { version: '1.0.0' }
}

function accepted(url, text) {
  // Each in the shape that its client expects of a success.
  if (url.endsWith('/v1/ingest/batch')) {
    const ids = JSON.parse(text).traces.map((trace) => trace.id)
    return { status: 201, body: { ingested: ids.length, ids } }
  }
  if (url.includes('/v1/traces')) return { status: 200, body: {} }
  if (url.includes('/batch')) return { status: 200, body: { status: 1 } }
  return { status: url.includes('/runs') ? 202 : 200, body: {} }
}

/* What the fault makes of a delivery; nothing where it is taken. */
function failure(body, text) {
  switch (fault.kind) {
    case 'status':
      return { status: fault.status, body: { error: 'no' }, headers: fault.headers }
    case 'too-large':
      return body.length > fault.bytes ? { status: 413, body: { error: 'too large' } } : undefined
    case 'twice': {
      // By the payload, for only one client gives its batches a name.
      const first = /~m\d+\.\d~/.exec(text)?.[0] ?? text.slice(0, 200)
      const seen = (attempts.get(first) ?? 0) + 1
      attempts.set(first, seen)
      return seen <= 2 ? { status: fault.status, body: { error: 'again' } } : undefined
    }
    default:
      return undefined
  }
}

function handle(request, response) {
  const chunks = []
  counts.open += 1
  counts.mostOpen = Math.max(counts.mostOpen, counts.open)
  response.on('close', () => {
    counts.open -= 1
  })
  request.on('error', () => {})
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const url = request.url.split('?')[0]
    if (url === '/counts') {
      send(response, { status: 200, body: counts })
      return
    }
    const body = Buffer.concat(chunks)
    if (fault.kind === 'hang') {
      counts.requests += 1
      counts.atFault += 1
      hanging.add(response)
      return
    }
    if (QUESTION.test(url)) {
      send(response, { status: 200, body: question(url, `http://127.0.0.1:${port}`) })
      return
    }
    counts.requests += 1
    counts.bytes += body.length
    const text = read(body, request.headers['content-encoding'])
    const failed = failure(body, text)
    if (failed === undefined) {
      take(text)
      send(response, accepted(url, text))
    } else {
      counts.atFault += 1
      send(response, failed)
    }
  })
}

function send(response, { status, body, headers }) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

function listen() {
  server = createServer(handle)
  server.keepAliveTimeout = 60_000
  return new Promise((resolve) => {
    server.listen(port ?? 0, '127.0.0.1', () => {
      port = server.address().port
      resolve()
    })
  })
}

async function close() {
  const closing = server
  server = undefined
  await new Promise((resolve) => {
    closing.close(resolve)
    closing.closeAllConnections()
  })
}

async function set(next) {
  if (fault.kind === 'refused') await listen()
  fault = next
  if (next.kind === 'refused') await close()
  if (next.kind === 'none') {
    for (const response of hanging) response.destroy()
    hanging.clear()
  }
}

function tell({ from = 0, to = Number.POSITIVE_INFINITY } = {}) {
  let whole = 0
  let torn = 0
  for (const [trace, spans] of marks) {
    if (trace >= from && trace < to) {
      if (spans === 0b1111) whole += 1
      else torn += 1
    }
  }
  return { whole, torn, ...counts }
}

process.on('message', (message) => void answer(message))

async function answer(message) {
  if (message.kind === 'fault') await set(message.fault)
  process.send({ id: message.id, ...tell(message), port })
}

// The parent is gone.
process.on('disconnect', () => process.exit())

await listen()
process.send({ port })
