import { describe, expect, test } from 'vitest'
import { TruLayer } from '../../src/client/client.ts'
import type { TraceOptions } from '../../src/client/span.ts'
import { pseudonym } from '../../src/policy/pseudonym.ts'
import { Redactor } from '../../src/policy/redactor.ts'
import type { FinishedTrace } from '../../src/shape/trace.ts'
import { collectLog } from '../support.ts'

/* Two turns with the same options, the warnings that they gave, and what left. */
async function recordTwice(
  options: TraceOptions,
): Promise<{ warnings: string[]; traces: FinishedTrace[] }> {
  const { lines, logger } = collectLog()
  const client = new TruLayer({
    apiKey: 'tl_test',
    exitHooks: false,
    logger,
    fetch: () => Promise.resolve(Response.json({}, { status: 201 })),
  })
  const traces: FinishedTrace[] = []
  client.onTrace((trace) => traces.push(trace))
  await client.trace('answer', () => 1, options)
  await client.trace('answer', (trace) => trace.span('tool', 'tool', () => 1), options)
  await client.shutdown()
  return { warnings: lines, traces }
}

function tagsOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `tag${index}`)
}

describe('one warning, however often', () => {
  test.each<[string, TraceOptions, string]>([
    [
      'for an e-mail address in a metadata key',
      { metadata: { 'quota of ada@example.com': 3 } },
      '[trulayer] a metadata key holds an e-mail address: keys are shown and indexed, so put it into a value, or better `pseudonym(address)`.',
    ],
    [
      'for an e-mail address in a session id',
      { sessionId: 'chat of ada@example.com' },
      '[trulayer] a session id holds an e-mail address: use the conversation for the session, and `userId: pseudonym(address)` for the person.',
    ],
    [
      'for a metadata value over 2 KB',
      { metadata: { page: 'x'.repeat(2100) } },
      '[trulayer] the metadata value `page` is larger than 2 KB and is cut: metadata is indexed, so put what is large into an input or an output.',
    ],
    [
      'for more than 20 tags',
      { tags: tagsOf(21) },
      '[trulayer] a trace has 21 tags; the 20 that were set last are kept, since the service takes no more.',
    ],
  ])('%s', async (_, options, warning) => {
    expect((await recordTwice(options)).warnings).toEqual([warning])
  })

  test('for a key of a span and of an event', async () => {
    const { lines, logger } = collectLog()
    const client = new TruLayer({ mode: 'local', logger })
    await client.trace('answer', (trace) =>
      trace.event('asked', { metadata: { 'ada@example.com': true } }),
    )
    await client.flush()
    expect(lines).toEqual([expect.stringContaining('a metadata key holds an e-mail address')])
    await client.trace('answer', (trace) =>
      trace.span('tool', { metadata: { 'bob@example.com': true } }, () => 1),
    )
    await client.shutdown()
    expect(lines).toHaveLength(1)
  })
})

test('what is within bounds is not told', async () => {
  const { warnings } = await recordTwice({
    sessionId: 'chat-42',
    userId: 'ada@example.com',
    metadata: { contact: 'ada@example.com', page: 'x'.repeat(2000) },
    tags: tagsOf(20),
  })
  expect(warnings).toEqual([])
})

test('a value over 2 KB is cut, and only the latest 20 tags leave', async () => {
  const { traces } = await recordTwice({ metadata: { page: 'x'.repeat(9000) }, tags: tagsOf(25) })
  expect(JSON.stringify(traces[0]?.metadata['page']).length).toBeLessThanOrEqual(2050)
  expect(Object.keys(traces[0]?.tags ?? {})).toEqual(tagsOf(25).slice(5))
})

test('flags at creation reach the trace, wherever they were given', async () => {
  const client = new TruLayer({ mode: 'local', environment: 'test' })
  const traces: FinishedTrace[] = []
  client.onTrace((trace) => traces.push(trace))
  await client.withSession({ metadata: { arm: 'b' }, tags: { tier: 'gold' } }, () =>
    client.trace(
      'answer',
      (trace) => {
        trace.setMetadata({ ranker: 'v2' })
        trace.setTag('late', 'yes')
      },
      { metadata: { flags: { newRanker: true }, ranker: 'v1' }, tags: ['beta', 'region:eu'] },
    ),
  )
  await client.shutdown()
  expect(traces[0]?.metadata).toEqual({
    arm: 'b',
    flags: { newRanker: true },
    ranker: 'v2',
    'deployment.environment.name': 'test',
    'trulayer.status': 'ok',
  })
  expect(traces[0]?.tags).toEqual({ tier: 'gold', beta: 'true', region: 'eu', late: 'yes' })
})

describe('pseudonyms', () => {
  test('are the same for the same value and key, and tell nothing', () => {
    const one = pseudonym('ada@example.com', { salt: 'a key' })
    expect(one).toMatch(/^psn_[a-p]{32}$/)
    expect(pseudonym('ada@example.com', { salt: 'a key' })).toBe(one)
    expect(pseudonym('ada@example.com', { salt: 'another' })).not.toBe(one)
    expect(pseudonym('bob@example.com', { salt: 'a key' })).not.toBe(one)
    expect(new Redactor({ salt: 'a key' }).pseudonym('ada@example.com')).toBe(one)
  })

  test('without a key belong to this process', () => {
    const one = pseudonym('ada@example.com')
    expect(pseudonym('ada@example.com')).toBe(one)
    expect(one).not.toBe(pseudonym('ada@example.com', { salt: '' }))
  })

  test('no redaction takes them for something else', () => {
    const id = pseudonym('ada@example.com')
    const redactor = new Redactor({ packs: ['secrets', 'strict', 'phi', 'finance'] })
    expect(redactor.redact(id)).toBe(id)
  })
})
