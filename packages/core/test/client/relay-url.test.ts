import { afterEach, expect, test, vi } from 'vitest'
import { init } from '../../src/browser/init.ts'
import { TruLayer } from '../../src/client/client.ts'
import { getClient } from '../../src/client/global-client.ts'
import { idOf } from '../deliver/support.ts'
import { KEY, ORIGIN, startRelay } from '../relay/support.ts'
import { collectLog } from '../support.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})

/* What makes a page of this process, which Node's own `process` would deny. */
function stubPage(variables: Record<string, string> = {}): void {
  vi.stubGlobal('window', new EventTarget())
  vi.stubGlobal('document', new EventTarget())
  vi.stubGlobal('location', { href: `${ORIGIN}/chat` })
  vi.stubGlobal('process', { versions: {}, env: variables })
}

test('a client in a page sends to the relay, without a key', async () => {
  await using rig = await startRelay({ allow: ['feedback', 'traces'] })
  stubPage({ TRULAYER_API_KEY: 'tl_a_bundler_put_this_here' })
  const requests: Request[] = []
  const client = init({
    relayUrl: '/api/trulayer',
    logger: collectLog().logger,
    fetch: (input, options) => {
      const request = new Request(input, options)
      request.headers.set('origin', ORIGIN)
      requests.push(request.clone())
      return rig.relay(request)
    },
  })
  expect(getClient()).toBe(client)
  // Both clients are in this process, in which an id is used once.
  const traceId = await client.trace('in the page', (trace) => trace.traceId)
  expect(await client.flush()).toEqual({ delivered: 0, pending: 0, dropped: 1 })
  expect(await client.submitFeedback({ traceId: idOf(3), label: 'bad' })).toEqual({
    accepted: true,
  })
  await client.shutdown()
  expect(requests.map(({ url }) => url)).toEqual([
    `${ORIGIN}/api/trulayer?to=/v1/ingest/batch`,
    `${ORIGIN}/api/trulayer?to=/v1/feedback`,
  ])
  expect(await requests[0]?.text()).toContain(traceId)
  expect(requests.map(({ headers }) => headers.get('authorization'))).toEqual([null, null])
  expect(rig.server.requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${KEY}`])
})

test('a page over plain http is served too, for no key is on the way', async () => {
  stubPage()
  vi.stubGlobal('location', { href: 'http://intranet.example/' })
  const urls: string[] = []
  const client = new TruLayer({
    relayUrl: '/relay',
    fetch: async (input) => {
      urls.push(new Request(input).url)
      return Response.json({}, { status: 201 })
    },
  })
  await client.trace('answer', () => 1)
  expect(await client.shutdown()).toMatchObject({ delivered: 1 })
  expect(urls).toEqual(['http://intranet.example/relay?to=/v1/ingest/batch'])
})

test('where there is a key it is used, so that server and page may share a module', async () => {
  await using rig = await startRelay()
  vi.stubEnv('TRULAYER_API_KEY', KEY)
  const client = new TruLayer({
    relayUrl: '/api/trulayer',
    endpoint: rig.server.url,
    exitHooks: false,
  })
  await client.trace('answer', () => 1)
  await client.shutdown()
  expect(rig.server.requests.map(({ path }) => path)).toEqual(['/v1/ingest/batch'])
})

test('a page without a relay, and a server without a key, record nothing and say so once', async () => {
  const { lines, logger } = collectLog()
  const server = new TruLayer({ relayUrl: '/api/trulayer', logger })
  await server.trace('answer', () => 1)
  stubPage()
  const page = new TruLayer({ logger })
  await page.trace('answer', () => 1)
  await page.trace('answer', () => 1)
  expect(lines).toEqual([
    expect.stringContaining('no API key, so nothing is recorded'),
    '[trulayer] no `relayUrl`, so nothing is recorded: mount `createRelay()` on your server and say where.',
  ])
})

test.each([
  ['a page', () => stubPage()],
  [
    'a worker of a page',
    () => {
      vi.stubGlobal('process', undefined)
      vi.stubGlobal('WorkerGlobalScope', EventTarget)
      vi.stubGlobal('navigator', { userAgent: 'Mozilla/5.0 (X11; Linux x86_64)' })
    },
  ],
])('a key in %s throws at once and says what to do', (_, stub) => {
  stub()
  expect(() => new TruLayer({ apiKey: KEY, relayUrl: '/api/trulayer' })).toThrow(
    expect.objectContaining({
      code: 'key-in-browser',
      message: expect.stringContaining('set `relayUrl` here'),
    }),
  )
})

test.each(['Cloudflare-Workers', 'Deno/2.9.6', undefined])(
  'a worker that calls itself %s is a server’s',
  (userAgent) => {
    vi.stubGlobal('process', undefined)
    vi.stubGlobal('WorkerGlobalScope', EventTarget)
    vi.stubGlobal('navigator', userAgent === undefined ? undefined : { userAgent })
    expect(new TruLayer({ apiKey: KEY, exitHooks: false }).stats().state).toBe('active')
  },
)
