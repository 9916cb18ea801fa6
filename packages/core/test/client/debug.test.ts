import { expect, test } from 'vitest'
import { TruLayer } from '../../src/client/client.ts'
import { internalsOf } from '../../src/client/client-internals.ts'
import { startIngestServer } from '../../../../test/support/ingest-server.ts'
import { collectLog } from '../support.ts'

test('debug prints a line for each span that starts or ends, and for each request', async () => {
  await using server = await startIngestServer()
  const { lines, logger } = collectLog()
  const client = new TruLayer({ apiKey: 'tl_test', endpoint: server.url, logger, debug: true })
  await client.trace('answer', async (trace) => {
    await trace.span('chat gpt-5-mini', 'llm', (span) =>
      span.setTokens({ promptTokens: 812, completionTokens: 64 }),
    )
    await trace.span('search', 'tool', () => Promise.reject(new TypeError('no'))).catch(() => {})
  })
  internalsOf(client).recorder.end(undefined)
  await client.shutdown()
  const plain = lines.map((line) => line.replace(/\d+ (ms|KB)/g, 'N $1'))
  expect(plain).toEqual([
    '[trulayer] → other answer',
    '[trulayer]   → llm chat gpt-5-mini',
    '[trulayer]   ← llm chat gpt-5-mini N ms 812/64',
    '[trulayer]   → tool search',
    '[trulayer]   ← tool search N ms TypeError: no',
    '[trulayer] ← other answer N ms',
    '[trulayer] POST /v1/ingest/batch 201 1 traces N KB N ms',
  ])
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
