import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { TruLayer } from '@trulayer/core'
import { fromWireTrace, type WireTrace } from '@trulayer/core/internal'
import { createRelay, type RelayOptions } from '@trulayer/core/relay'
import { spanTree } from '@trulayer/core/testing'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import { type IngestServer, startIngestServer } from '../support/ingest-server.ts'
import { buildPages, type Files } from './build-pages.ts'
import { findChromium } from './chromium.ts'
import { type Host, hosts } from './hosts.ts'

const KEY = 'tl_this_is_the_key_of_the_server'

let browser: Browser
let folder: string
let files: Files

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trulayer-pages-'))
  files = await buildPages(folder)
  const executablePath = findChromium()
  if (executablePath === undefined) {
    throw new Error('there is no Chromium; `npm run test:browser` installs one')
  }
  browser = await chromium.launch({
    executablePath,
    // Nothing but this machine is asked for.
    args: ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost'],
  })
})

afterAll(async () => {
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

interface Rig extends AsyncDisposable {
  readonly server: IngestServer
  readonly client: TruLayer
  readonly host: RelayHost
  readonly page: Page
  readonly context: BrowserContext
  /** Everything that the pages sent and got. */
  readonly traffic: readonly string[]
}

interface RelayHost extends Host {
  /** What the relay was asked, and what it answered: `POST 201`. */
  readonly relayed: readonly string[]
}

/* A service, a host with a relay and an agent, and a page of it that is open. */
async function open(
  path: string,
  options: RelayOptions & { readonly host?: string; readonly sampleRate?: number } = {},
): Promise<Rig> {
  const { host: kind = 'node:http', sampleRate, ...relayOptions } = options
  const server = await startIngestServer()
  const client = new TruLayer({
    apiKey: KEY,
    endpoint: server.url,
    projectName: 'support',
    sampleRate,
    exitHooks: false,
  })
  const host = await startHost(kind, client, relayOptions)
  const context = await browser.newContext()
  const page = await context.newPage()
  const traffic = listenTo(context)
  await page.goto(`${host.origin}${path}`)
  return {
    server,
    client,
    host,
    page,
    context,
    traffic,
    async [Symbol.asyncDispose]() {
      await context.close()
      await host[Symbol.asyncDispose]()
      await client.shutdown({ timeout: 5000 })
      await server.close()
    },
  }
}

async function startHost(
  kind: string,
  client: TruLayer,
  options: RelayOptions = {},
): Promise<RelayHost> {
  const start = hosts[kind]
  if (start === undefined) {
    throw new Error(`no host ${kind}`)
  }
  const relay = createRelay({ client, ...options })
  const relayed: string[] = []
  const host = await start({
    files,
    relay: async (request, ...context) => {
      const response = await relay(request, ...context)
      relayed.push(`${request.method} ${response.status}`)
      return response
    },
    chat: () =>
      client.trace('support', async (trace) => {
        trace.setInput('Where is my order?')
        await trace.span('orders', 'tool', () => 'shipped')
        return { answer: 'It is on its way.', traceId: trace.traceId }
      }),
  })
  return { ...host, relayed }
}

function listenTo(context: BrowserContext): string[] {
  const texts: string[] = []
  context.on('request', (request) => {
    texts.push(request.url(), JSON.stringify(request.headers()), request.postData() ?? '')
  })
  context.on('response', (response) => {
    texts.push(JSON.stringify(response.headers()))
    response.text().then(
      (text) => texts.push(text),
      // A redirect has no body that could be read.
      () => undefined,
    )
  })
  context.on('console', (message) => texts.push(message.text()))
  return texts
}

async function thumbsUp(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Good answer' }).click()
  await page.getByText('Thank you!').waitFor()
}

/* What the page's own `submitFeedback` answers. */
function submit(page: Page, feedback: object, relayUrl = '/api/trulayer'): Promise<unknown> {
  return page.evaluate(
    ([one, url]) =>
      Reflect.apply(Reflect.get(window, 'submitFeedback'), undefined, [one, { relayUrl: url }]),
    [feedback, relayUrl] as const,
  )
}

/* The status that the relay answers a page of the host with; 0 where the browser does not let the page ask or know. */
function post(page: Page, url: string, body: string, options: object = {}): Promise<number> {
  return page.evaluate(
    async ([address, text, more]) => {
      const headers = { 'content-type': 'application/json' }
      try {
        const init = { method: 'POST', headers, body: text, ...more }
        return (await fetch(address, init)).status
      } catch {
        return 0
      }
    },
    [url, body, options] as const,
  )
}

function treeOf(wire: WireTrace | undefined): string {
  const trace = fromWireTrace(wire)
  return trace === undefined ? '' : spanTree(trace)
}

describe.each(Object.keys(hosts))('behind %s', (kind) => {
  test('a thumb reaches the service, after its trace and with its id', async () => {
    await using rig = await open('/chat', { host: kind })
    await thumbsUp(rig.page)
    const [trace] = rig.server.traces
    expect(treeOf(trace)).toBe('support · ok\n└─ tool orders · ok')
    expect(rig.server.feedback).toEqual([
      { trace_id: trace?.id, label: 'good', metadata: { source: 'thumbs_button' } },
    ])
    expect(rig.server.requests.map(({ path }) => path)).toEqual([
      '/v1/ingest/batch',
      '/v1/feedback',
    ])
    for (const { headers } of rig.server.requests) {
      expect(headers.authorization).toBe(`Bearer ${KEY}`)
    }
  })

  test('what is malformed or too large is refused', async () => {
    await using rig = await open('/chat', { host: kind, limits: { bodyBytes: 20_000 } })
    const traceId = '0190f5fe-7c00-7a00-8080-000000000000'
    expect(await submit(rig.page, { traceId, label: 'good', score: 'much' })).toMatchObject({
      reason: 'rejected',
    })
    expect(
      await submit(rig.page, { traceId, label: 'bad', comment: 'x'.repeat(20_000) }),
    ).toMatchObject({ accepted: false, reason: 'too_large' })
    expect(rig.server.feedback).toEqual([])
  })
})

test('neither the code of the page nor anything that it sends or gets holds a key', async () => {
  await using rig = await open('/chat')
  await thumbsUp(rig.page)
  const html = await rig.page.content()
  const stored = await rig.page.evaluate(() =>
    JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]),
  )
  const cookies = JSON.stringify(await rig.context.cookies())
  // What a response held is read after the page has got it.
  await vi.waitFor(() => {
    const all = rig.traffic.join('\n')
    expect(
      ['submitFeedback', 'It is on its way.', 'thumbs_button'].filter(
        (text) => !all.includes(text),
      ),
    ).toEqual([])
  }, 60_000)
  expect(rig.host.relayed).toEqual(['POST 201'])
  const texts = [...rig.traffic, html, stored, cookies]
  expect(texts.filter((text) => /"authorization":/i.test(text))).toEqual([])
  expect(texts.filter((text) => text.includes(KEY) || /\btl_[a-z0-9]/i.test(text))).toEqual([])
})

test('a page of a foreign origin can send nothing', async () => {
  await using rig = await open('/chat')
  await thumbsUp(rig.page)
  await using foreign = await startHost('node:http', rig.client)
  const page = await rig.context.newPage()
  await page.goto(`${foreign.origin.replace('127.0.0.1', 'localhost')}/agent`)
  const url = `${rig.host.origin}/api/trulayer`
  const body = JSON.stringify({ trace_id: rig.server.traces[0]?.id, label: 'bad' })
  // As JSON the browser asks first; what it need not ask for is no JSON; and a form goes where it likes.
  expect(await post(page, url, body)).toBe(0)
  expect(
    await post(page, url, body, { mode: 'no-cors', headers: { 'content-type': 'text/plain' } }),
  ).toBe(0)
  await page.evaluate(
    ([address, text]) => {
      const form = document.createElement('form')
      form.method = 'post'
      form.enctype = 'text/plain'
      form.action = address
      const field = document.createElement('input')
      field.name = text
      form.append(field)
      document.body.append(form)
      form.submit()
    },
    [url, body] as const,
  )
  await page.waitForURL(url)
  expect(rig.host.relayed).toEqual(['POST 201', 'OPTIONS 403', 'POST 403', 'POST 403'])
  expect(rig.server.feedback).toHaveLength(1)
})

test('a page of an origin that is allowed can, and reads the answer', async () => {
  await using rig = await open('/chat')
  await thumbsUp(rig.page)
  // The relay of another host, which lets the pages of the first one in.
  await using other = await startHost('node:http', rig.client, {
    allowedOrigins: [rig.host.origin],
  })
  const traceId = rig.server.traces[0]?.id
  const relayUrl = `${other.origin}/api/trulayer`
  expect(await submit(rig.page, { traceId, label: 'bad' }, relayUrl)).toEqual({ accepted: true })
  expect(other.relayed).toEqual(['OPTIONS 204', 'POST 201'])
  expect(rig.server.feedback).toMatchObject([{ label: 'good' }, { label: 'bad' }])
})

test('a forged trace is refused, and the real one arrives', async () => {
  await using rig = await open('/agent', { allow: ['feedback', 'traces'] })
  const now = new Date().toISOString()
  const forged = (details: object): string =>
    JSON.stringify({
      traces: [
        {
          id: '0190f5fe-7c00-7a00-8080-000000000000',
          session_id: 'page-42',
          spans: [],
          started_at: now,
          ended_at: now,
          ...details,
        },
      ],
    })
  const relay = '/api/trulayer'
  expect(await post(rig.page, relay, forged({ project_id: 'payroll' }))).toBe(422)
  expect(await post(rig.page, relay, forged({ spans: [{ id: 'x' }] }))).toBe(422)
  // One of the server's that is under way, of which the page knows the id already.
  const id = await rig.client.trace('real', async ({ traceId }) => {
    expect(await post(rig.page, relay, forged({ id: traceId }))).toBe(422)
    return traceId
  })
  await rig.client.flush()
  expect(rig.server.traces).toMatchObject([{ id, name: 'real', project_id: 'support' }])
})

test('traces are refused where only feedback may be sent', async () => {
  await using rig = await open('/agent')
  expect(await post(rig.page, '/api/trulayer', '{"traces":[{}]}')).toBe(403)
})

test('a turn of the page is one trace, with feedback on it', async () => {
  await using rig = await open('/agent', { allow: ['feedback', 'traces'] })
  const traceId = await rig.page.evaluate(() => Reflect.get(globalThis, 'turn')('in the page'))
  const result = await rig.page.evaluate(
    (id) => Reflect.get(globalThis, 'trulayer').submitFeedback({ traceId: id, label: 'good' }),
    traceId,
  )
  expect(result).toEqual({ accepted: true })
  await rig.client.flush()
  expect(rig.server.refused).toEqual([])
  expect(rig.server.traces).toMatchObject([
    {
      id: traceId,
      project_id: 'support',
      session_id: 'page-42',
      input: 'What is the weather in Rome?',
      output: 'Take a hat.',
      metadata: { 'trulayer.relayed': true },
    },
  ])
  expect(treeOf(rig.server.traces[0])).toBe(
    'in the page · ok · 20 in, 5 out\n├─ tool weather · ok\n└─ llm chat local-model · ok · 20 in, 5 out',
  )
  expect(rig.server.feedback).toMatchObject([{ trace_id: traceId, label: 'good' }])
  expect(rig.traffic.filter((text) => text.includes(KEY))).toEqual([])
})

test('a page that is left delivers what it has recorded', async () => {
  await using rig = await open('/agent', { allow: ['traces'] })
  const traceId = await rig.page.evaluate(() => Reflect.get(globalThis, 'turn')('the last'))
  // `goto` waits until the page is left. A context that is closed during a navigation sometimes never closes.
  await rig.page.goto('about:blank')
  await vi.waitFor(() => expect(rig.client.stats().traces.recorded).toBe(1), 60_000)
  await rig.client.flush()
  expect(rig.server.traces).toMatchObject([{ id: traceId, name: 'the last' }])
})

test('feedback on a trace that was not sampled is told so', async () => {
  await using rig = await open('/chat', { sampleRate: 0 })
  await rig.page.getByRole('button', { name: 'Bad answer' }).click()
  await rig.page.getByText('Not taken: sampled_out').waitFor()
  expect(rig.server.requests).toEqual([])
})

test('a key in a page, or in a worker of it, throws at once', async () => {
  await using rig = await open('/agent')
  expect(await rig.page.evaluate(() => Reflect.get(globalThis, 'tryKey')())).toBe('key-in-browser')
  const told = await rig.page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const worker = new Worker('/worker.js', { type: 'module' })
        worker.addEventListener('message', ({ data }) => resolve(String(data)))
      }),
  )
  expect(told).toContain('an API key in a browser can be read by everybody')
})
