import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { TruLayer } from '../../src/client/client.ts'
import { startIngestServer } from '../../../../test/support/ingest-server.ts'
import { collectLog, recording } from '../support.ts'

const PROGRAM = fileURLToPath(new URL('local-program.ts', import.meta.url))

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

const plain = (lines: readonly string[]): string[] =>
  lines.map((line) => line.replaceAll(UUID, 'ID').replaceAll(/\d+ (ms|KB)/g, 'N $1'))

async function turn(client: TruLayer): Promise<void> {
  await client.trace('answer', async (trace) => {
    await trace.span('chat gpt-5-mini', 'llm', (span) =>
      span.setTokens({ promptTokens: 812, completionTokens: 64 }),
    )
    await trace.span('search', 'tool', () => Promise.reject(new TypeError('no'))).catch(() => {})
  })
}

const TREE = `[trulayer] trace ID, N ms
answer · ok · 812 in, 64 out
├─ llm chat gpt-5-mini · ok · 812 in, 64 out
└─ tool search · error (TypeError: no)`

test('debug prints the tree of each finished trace, and a line for each request', async () => {
  await using server = await startIngestServer()
  const { lines, logger } = collectLog()
  const client = new TruLayer({ apiKey: 'tl_test', endpoint: server.url, logger, debug: true })
  await turn(client)
  await client.shutdown()
  expect(plain(lines)).toEqual([TREE, '[trulayer] POST /v1/ingest/batch 201 1 traces N KB N ms'])
})

test('debug prints the tree of a trace that a test captures', async () => {
  const { lines, logger } = collectLog()
  const { client } = recording({ logger, debug: true })
  await turn(client)
  expect(plain(lines)).toEqual([TREE])
})

test('debug says of a trace that it was not sampled', async () => {
  const { lines, logger } = collectLog()
  const client = new TruLayer({ apiKey: 'tl_test', logger, debug: true, sampleRate: 0 })
  await client.trace('answer', () => 1)
  await client.flush()
  expect(plain(lines)).toEqual(['[trulayer] trace ID is not sampled, so it is not sent'])
})

describe('mode local', () => {
  const LINE =
    '[trulayer] mode local: traces stay in this process and nothing is sent. To see them set TRULAYER_DEBUG=1 or read them with `lastTrace()` or `captureTraces()` of @trulayer/core/testing.'

  function run(environment: Readonly<Record<string, string>>): string {
    const { VITEST: _vitest, NODE_ENV: _environment, ...outside } = process.env
    const { stderr } = spawnSync(process.execPath, ['--conditions=@trulayer/source', PROGRAM], {
      env: { ...outside, TRULAYER_MODE: 'local', ...environment },
      encoding: 'utf8',
    })
    return stderr
  }

  test('says once in a process that nothing is sent and how to look', () => {
    expect(run({})).toBe(`${LINE}\n`)
  })

  test.each(['VITEST', 'JEST_WORKER_ID', 'NODE_TEST_CONTEXT'])('is silent under %s', (variable) => {
    expect(run({ [variable]: '1' })).toBe('')
  })

  test('is silent under NODE_ENV=test', () => {
    expect(run({ NODE_ENV: 'test' })).toBe('')
  })
})

test("debug: 'payload' prints what is sent, after redaction", async () => {
  const { lines, logger } = collectLog()
  const client = new TruLayer({
    mode: 'local',
    logger,
    debug: 'payload',
    redact: (text) => text.replace('secret', '***'),
  })
  await client.trace('answer', () => 'a secret')
  await client.flush()
  const wire: unknown = JSON.parse(lines.at(-1)?.replace('[trulayer] ', '') ?? '')
  expect(wire).toMatchObject({ name: 'answer', output: 'a ***' })
  expect(lines.join('\n')).not.toContain('secret')
})
