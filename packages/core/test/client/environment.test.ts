import { afterEach, expect, test, vi } from 'vitest'

import { startIngestServer } from '../../../../test/support/ingest-server.ts'
import { TruLayer } from '../../src/client/client.ts'
import { collectLog } from '../support.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

test('a client can be told everything that matters by the environment alone', async () => {
  await using server = await startIngestServer()
  vi.stubEnv('TRULAYER_API_KEY', ' tl_environment ')
  vi.stubEnv('TRULAYER_PROJECT', 'support')
  vi.stubEnv('TRULAYER_ENVIRONMENT', 'staging')
  vi.stubEnv('TRULAYER_ENDPOINT', `${server.url}/`)
  const client = new TruLayer({ exitHooks: false })
  await client.trace('answer', () => 1)
  expect(await client.flush()).toEqual({ delivered: 1, pending: 0, dropped: 0 })
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer tl_environment',
  ])
  expect(server.traces).toMatchObject([
    { project_id: 'support', metadata: { 'deployment.environment.name': 'staging' } },
  ])
})

test('an option wins over each of its variables', async () => {
  await using server = await startIngestServer()
  vi.stubEnv('TRULAYER_API_KEY', 'tl_environment')
  vi.stubEnv('TRULAYER_PROJECT', 'support')
  vi.stubEnv('TRULAYER_ENVIRONMENT', 'staging')
  vi.stubEnv('TRULAYER_ENDPOINT', 'http://127.0.0.1:9')
  vi.stubEnv('TRULAYER_MODE', 'off')
  vi.stubEnv('TRULAYER_SAMPLE_RATE', '0')
  const client = new TruLayer({
    apiKey: 'tl_option',
    projectName: 'sales',
    environment: 'production',
    endpoint: server.url,
    mode: 'live',
    sampleRate: 1,
    exitHooks: false,
  })
  await client.trace('answer', () => 1)
  await client.flush()
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer tl_option'])
  expect(server.traces).toMatchObject([
    { project_id: 'sales', metadata: { 'deployment.environment.name': 'production' } },
  ])
})

test('TRULAYER_SAMPLE_RATE and TRULAYER_FAIL_MODE are followed', async () => {
  await using server = await startIngestServer({
    answer: () => ({ status: 401, body: { error: 'invalid_api_key' } }),
  })
  vi.stubEnv('TRULAYER_API_KEY', 'tl_environment')
  vi.stubEnv('TRULAYER_ENDPOINT', server.url)
  vi.stubEnv('TRULAYER_FAIL_MODE', 'block')
  const logger = { warn: () => {}, error: () => {} }
  const strict = new TruLayer({ exitHooks: false, logger })
  await strict.trace('answer', () => 1)
  await expect(strict.flush()).rejects.toMatchObject({ code: 'delivery-failed' })
  vi.stubEnv('TRULAYER_SAMPLE_RATE', '0')
  const sampled = new TruLayer({ exitHooks: false, logger })
  await sampled.trace('answer', () => 1)
  await sampled.flush()
  expect(sampled.stats().traces).toMatchObject({ recorded: 1, sampledOut: 1 })
})

test('a misspelled variable is named once, and a variable of another program is not', () => {
  vi.stubEnv('TRULAYER_PROJECT_NAME', 'shop')
  vi.stubEnv('TRULAYER_KEY', 'tl_secret')
  vi.stubEnv('TRULAYER_API_URL', 'https://mcp.example')
  vi.stubEnv('TRULAYER_LOCAL_VERBOSE', '1')
  vi.stubEnv('TRULAYER_MODE', 'off')
  vi.stubEnv('MY_TRULAYER_PROJECT', 'shop')
  const { lines, logger } = collectLog()
  expect(new TruLayer({ logger }).stats().state).toBe('off')
  expect(lines.toSorted()).toEqual([
    '[trulayer] the variable TRULAYER_KEY does not exist and is ignored. Did you mean TRULAYER_API_KEY?',
    '[trulayer] the variable TRULAYER_PROJECT_NAME does not exist and is ignored. Did you mean TRULAYER_PROJECT?',
  ])
})

test('an environment that cannot be listed is not listed', () => {
  const env = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('not allowed')
      },
    },
  )
  vi.stubGlobal('process', { versions: {}, env })
  try {
    expect(new TruLayer().stats().state).toBe('disabled')
  } finally {
    vi.unstubAllGlobals()
  }
})
