/*
 * A service that misbehaves as it is told, in a process of its own. The rules come and its facts are asked for over a
 * second port, so that a script on any runtime can ask.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'

import { traceProblem } from '../support/contract.ts'

/** What a request meets with. */
type Reply =
  | { kind: 'take'; leaveOut?: number }
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: unknown }
  /** An answer of so many bytes, which goes on for as long as somebody reads it. */
  | { kind: 'huge'; bytes: number }
  | { kind: 'hang' | 'stall' | 'reset' | 'cut' }
  /** Stores what came, and then replies otherwise. */
  | { kind: 'take-and'; reply: Reply }
  /** Any of these, drawn by a generator with this seed. */
  | { kind: 'chaos'; seed: number; latency: number; odds: { part: number; reply: Reply }[] }

interface Rule {
  reply: Reply
  /** Requests that it is for: the next so many. All where nothing is said. */
  times?: number
  /** Those alone whose body contains the text, is longer, or which are no later attempt of their batch. */
  contains?: string
  longerThan?: number
  attempts?: number
  /** Milliseconds before the reply. */
  latency?: number
}

interface Fact {
  /** Names of the batch, as its headers say. */
  batch: string | undefined
  attempt: number
  path: string
  traces: number
  bytes: number
  hash: string
  dropped: string | undefined
  status: number | string
  at: number
}

const MOST_KEPT = 200
const MOST_CHECKED = 2000
const LONGEST_KEPT = 32 * 1024 * 1024
const LARGEST_BATCH = 100
const PATIENCE = 30_000
const PIECE = 65_536

const facts: Fact[] = []
const problems: string[] = []
const stored = new Map<string, string>()
const texts: string[] = []
const counts = { open: 0, mostOpen: 0, hanging: 0, repeats: 0, elsewhere: 0, keysElsewhere: 0 }
let textBytes = 0
let sentBytes = 0
let rules: Rule[] = []
let random = (): number => 0.5

function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function ruleFor(body: string, attempt: number): Rule | undefined {
  const rule = rules.find(
    ({ times, contains, longerThan, attempts }) =>
      times !== 0 &&
      (contains === undefined || body.includes(contains)) &&
      (longerThan === undefined || Buffer.byteLength(body) > longerThan) &&
      (attempts === undefined || attempt <= attempts),
  )
  if (rule?.times !== undefined) rule.times -= 1
  return rule
}

/* What the real one does: all of a batch or nothing. */
function take(path: string, body: string, leaveOut = 0): Reply {
  if (path === '/v1/feedback') return { kind: 'answer', status: 201, body: {} }
  const { traces } = JSON.parse(body) as { traces: { id: string }[] }
  if (traces.length === 0 || traces.length > LARGEST_BATCH) {
    problems.push(`${traces.length} traces in a batch`)
    return { kind: 'answer', status: 400, body: { error: 'too many' } }
  }
  const known = traces.filter(({ id }) => stored.has(id))
  if (known.length > 0) {
    counts.repeats += known.length
    for (const trace of known) {
      const text = JSON.stringify(trace)
      // One that was told to be too large comes back shorter.
      if (stored.get(trace.id) !== hashOf(text) && !text.includes('"trulayer.truncated"')) {
        problems.push(`two traces with the id ${trace.id}`)
      }
    }
    return { kind: 'answer', status: 409, body: { error: 'known already' } }
  }
  const taken = traces.slice(0, traces.length - leaveOut)
  for (const trace of taken) store(trace)
  const ids = taken.map(({ id }) => id)
  return { kind: 'answer', status: 201, body: { ingested: ids.length, ids } }
}

function store(trace: { id: string }): void {
  // Of many that are alike some will do, lest the service be what is slow.
  const isLookedAt = stored.size < MOST_CHECKED || stored.size % 50 === 0
  const problem = isLookedAt ? traceProblem(trace) : undefined
  if (problem !== undefined && problems.length < MOST_KEPT) problems.push(problem)
  const text = JSON.stringify(trace)
  stored.set(trace.id, hashOf(text))
  texts.push(text)
  textBytes += text.length
  while (texts.length > MOST_KEPT || textBytes > LONGEST_KEPT)
    textBytes -= texts.shift()?.length ?? 0
}

function hashOf(text: string): string {
  return createHash('sha1').update(text).digest('base64')
}

async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
  if (rules.some(({ reply, times }) => reply.kind === 'cut' && times !== 0)) {
    ruleFor('', 1)
    message.once('data', () => message.socket.resetAndDestroy())
    return
  }
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk)
  const body = Buffer.concat(chunks).toString('utf8')
  const { headers } = message
  const attempt = Number(headers['x-trulayer-attempt'] ?? 1)
  const fact: Fact = {
    batch: textOf(headers['x-trulayer-batch']),
    attempt,
    path: message.url ?? '',
    traces: body.split('"external_id":').length - 1,
    bytes: Buffer.byteLength(body),
    hash: hashOf(body),
    dropped: textOf(headers['x-trulayer-dropped']),
    status: 'open',
    at: performance.now(),
  }
  facts.push(fact)
  const rule = ruleFor(body, attempt)
  if (rule?.latency !== undefined) await sleep(rule.latency)
  await give(rule?.reply ?? { kind: 'take' }, { message, response, body, fact })
}

interface Exchange {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  readonly body: string
  readonly fact: Fact
}

async function give(reply: Reply, exchange: Exchange): Promise<void> {
  const { message, response, body, fact } = exchange
  switch (reply.kind) {
    case 'take':
      return give(take(fact.path, body, reply.leaveOut), exchange)
    case 'take-and':
      take(fact.path, body)
      return give(reply.reply, exchange)
    case 'chaos': {
      await sleep(random() * reply.latency)
      let drawn = random()
      const hit = reply.odds.find(({ part }) => (drawn -= part) < 0)
      return give(hit?.reply ?? { kind: 'take' }, exchange)
    }
    case 'reset':
      fact.status = 'reset'
      message.socket.resetAndDestroy()
      return
    case 'cut':
      return
    case 'hang':
    case 'stall':
      fact.status = reply.kind
      // Somebody may have given up before it began.
      if (response.closed) return
      counts.hanging += 1
      response.once('close', () => (counts.hanging -= 1))
      if (reply.kind === 'stall') {
        response.writeHead(201, { 'content-type': 'application/json', 'content-length': '100' })
        response.write('{"ingested": ')
      }
      return
    case 'huge': {
      fact.status = 201
      take(fact.path, body)
      response.writeHead(201, { 'content-type': 'application/json' })
      await pipeline(spaces(reply.bytes), response).catch(() => undefined)
      return
    }
    case 'answer':
      break
  }
  fact.status = reply.status
  const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {})
  const type = typeof reply.body === 'string' ? 'text/html' : 'application/json'
  response.writeHead(reply.status, { 'content-type': type, ...reply.headers }).end(text)
}

/* A piece is asked for when there is room for it, so what is counted is nearly what was read. */
function* spaces(bytes: number): Generator<Buffer> {
  for (; sentBytes < bytes; sentBytes += PIECE) yield Buffer.alloc(PIECE, ' ')
}

function textOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

let ingest: Server | undefined
let port: number | undefined

async function open(): Promise<void> {
  const server = createServer((message, response) => {
    counts.open += 1
    counts.mostOpen = Math.max(counts.mostOpen, counts.open)
    response.once('close', () => (counts.open -= 1))
    handle(message, response).catch((error: unknown) => {
      if (!message.socket.destroyed) problems.push(String(error))
    })
  })
  server.keepAliveTimeout = 60_000
  await listen(server, port)
  port = portOf(server)
  ingest = server
}

async function close(): Promise<void> {
  const closing = ingest
  ingest = undefined
  await new Promise((resolve) => {
    closing?.close(resolve)
    closing?.closeAllConnections()
  })
}

/* A port that was given up may serve somebody as the other end of a connection for a moment. */
async function listen(server: Server, wanted: number | undefined): Promise<void> {
  const end = performance.now() + PATIENCE
  for (;;) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(wanted ?? 0, '127.0.0.1', () => {
          server.off('error', reject)
          resolve()
        })
      })
      return
    } catch (error) {
      if (performance.now() > end) throw error
      await sleep(50)
    }
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/* Another host, to which a redirect leads and where a key must never go. */
const elsewhere = createServer((message, response) => {
  counts.elsewhere += 1
  if (message.headers.authorization !== undefined) counts.keysElsewhere += 1
  response.writeHead(201, { 'content-type': 'application/json' }).end('{}')
})

async function obey(url: string, body: string): Promise<unknown> {
  switch (url) {
    case '/rules':
      rules = JSON.parse(body)
      for (const { reply } of rules) if (reply.kind === 'chaos') random = mulberry(reply.seed)
      break
    case '/close':
      await close()
      break
    case '/open':
      await open()
      break
    case '/ids':
      return [...stored.keys()]
    case '/texts':
      return texts
  }
  return {
    url: `http://127.0.0.1:${port}`,
    elsewhereUrl: `http://127.0.0.1:${portOf(elsewhere)}`,
    requests: facts,
    problems,
    stored: stored.size,
    sentBytes,
    now: Date.now(),
    ...counts,
  }
}

const control = createServer((message, response) => {
  const chunks: Buffer[] = []
  message.on('data', (chunk) => chunks.push(chunk))
  message.on('end', () => {
    obey(message.url ?? '', Buffer.concat(chunks).toString('utf8')).then(
      (answer) => response.end(JSON.stringify(answer)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
})

process.on('disconnect', () => process.exit())

await listen(elsewhere, undefined)
await listen(control, undefined)
await open()
process.send?.({ control: `http://127.0.0.1:${portOf(control)}` })
