import { describe, expect, expectTypeOf, test } from 'vitest'
import { TruLayer } from '../../src/index.ts'
import { spanTree } from '../../src/testing/index.ts'
import { collectLog, recording } from '../support.ts'

/* Calls as programs without a type checker make them. */
function call(target: object, method: string, ...parameters: readonly unknown[]): unknown {
  const found: unknown = Reflect.get(target, method)
  return typeof found === 'function' ? Reflect.apply(found, target, parameters) : expect.fail()
}

describe('span without options', () => {
  test('is of the type other, on the client, on a span and where nothing is recorded', async () => {
    const { client, capture } = recording()
    const result = await client.trace('answer', async (trace) => {
      const inner = await client.span('load', async (span) => {
        await span.span('parse', () => 1)
        return 2
      })
      return inner + (await trace.span('store', () => 3))
    })
    expect(result).toBe(5)
    expect(spanTree(capture.traces[0] ?? expect.fail())).toBe(
      'answer · ok\n├─ other load · ok\n│  └─ other parse · ok\n└─ other store · ok',
    )
    const silent = new TruLayer({ mode: 'off' })
    expect(await silent.span('load', (span) => span.span('parse', () => 1))).toBe(1)
    expectTypeOf(silent.span('load', () => 1)).toEqualTypeOf<Promise<number>>()
    expectTypeOf(silent.span('load', 'tool', async () => 'a')).toEqualTypeOf<Promise<string>>()
  })
})

describe('without a function there is a clear rejection, and nothing is recorded', () => {
  const work = (): number => 1

  test.each([
    [
      'trace',
      ['answer', {}, work],
      '`trace(name, work, options)` needs a function as `work`, not object.',
    ],
    ['trace', [work], '`trace(name, work, options)` needs a function as `work`, not undefined.'],
    [
      'trace',
      ['answer', Promise.resolve(1)],
      '`trace(name, work, options)` needs a function as `work`, not a promise, whose work has begun already: pass `() => …`.',
    ],
    ['span', ['load'], '`span(name, options, work)` needs a function as `work`, not undefined.'],
    [
      'span',
      ['load', 'tool'],
      '`span(name, options, work)` needs a function as `work`, not undefined.',
    ],
    [
      'span',
      ['load', work, 'tool'],
      '`span(name, options, work)` needs a function as `work`, not string.',
    ],
    [
      'span',
      ['load', {}, {}],
      '`span(name, options, work)` needs a function as `work`, not object.',
    ],
    ['span', [work], '`span(name, options, work)` needs a function as `work`, not undefined.'],
  ])('%s %j', async (method, parameters, message) => {
    const error = expect.objectContaining({
      code: 'invalid-argument',
      message: `[trulayer] ${message}`,
    })
    const { client, capture } = recording()
    await expect(call(client, method, ...parameters)).rejects.toEqual(error)
    expect(capture.traces).toEqual([])
    const silent = new TruLayer({ mode: 'off' })
    await expect(call(silent, method, ...parameters)).rejects.toEqual(error)
    if (method === 'span') {
      for (const target of [client, silent]) {
        const inner = target.trace('answer', (trace) => call(trace, 'span', ...parameters))
        await expect(inner).rejects.toEqual(error)
      }
    }
  })

  test.each([
    [
      'withSession',
      [{}],
      '`withSession(session, work)` needs a function as `work`, not undefined.',
    ],
    ['suppress', [{}], '`suppress(work)` needs a function as `work`, not object.'],
    ['onTrace', [], '`onTrace(listener)` needs a function as `listener`, not undefined.'],
    ['onError', ['x'], '`onError(listener)` needs a function as `listener`, not string.'],
  ])('%s throws, as it returns no promise', (method, parameters, message) => {
    const { client } = recording()
    expect(() => call(client, method, ...parameters)).toThrow(message)
    expect(() => call(client, method, ...parameters)).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    )
  })
})

describe('unusable options are ignored with one warning, as they may be data of a request', () => {
  test('trace', async () => {
    const { lines, logger } = collectLog()
    const { client, capture } = recording({ logger })
    const options = {
      sessionID: 'chat-1',
      key: 'k',
      sessionId: ['chat-1'],
      metadata: 'my secret',
      tags: 7,
      externalId: 42,
      userId: null,
    }
    for (let round = 0; round < 2; round += 1) {
      expect(await call(client, 'trace', 'answer', () => 1, options)).toBe(1)
    }
    expect(lines).toEqual([
      '[trulayer] trace() has no option `sessionID`; it is ignored. Did you mean `sessionId`?',
      '[trulayer] trace() has no option `key`; it is ignored. Known options: `sessionId`, `userId`, `metadata`, `tags`, `input`, `externalId`, `id`, `newTrace`.',
      '[trulayer] option `sessionId` of trace() must be a string, not this list. It is ignored.',
      '[trulayer] option `metadata` of trace() must be an object, not this string. It is ignored.',
      '[trulayer] option `tags` of trace() must be a list or an object, not number. It is ignored.',
    ])
    expect(capture.traces).toMatchObject([{ externalId: '42' }, { externalId: '42' }])
    for (const { id, sessionId, tags, metadata } of capture.traces) {
      expect({ sessionId, tags, metadata }).toEqual({
        sessionId: id,
        tags: {},
        metadata: { 'trulayer.status': 'ok' },
      })
    }
  })

  test.each([null, 'chat-1', ['chat-1']])('trace with %j', async (options) => {
    const { lines, logger } = collectLog()
    const { client, capture } = recording({ logger })
    expect(await call(client, 'trace', 'answer', () => 1, options)).toBe(1)
    expect(capture.traces).toMatchObject([{ name: 'answer', tags: {} }])
    expect(lines).toHaveLength(options === null ? 0 : 1)
  })

  test('span', async () => {
    const { lines, logger } = collectLog()
    const { client, capture } = recording({ logger })
    await client.trace('answer', async (trace) => {
      await call(client, 'span', 'one', 'agent', () => 1)
      await call(trace, 'span', 'two', { type: 'LLM', inputs: 1, metadata: ['x'] }, () => 1)
      await call(trace, 'span', 'three', null, () => 1)
    })
    expect(capture.traces[0]?.spans).toMatchObject([
      { name: 'one', type: 'other', metadata: { 'trulayer.status': 'ok' } },
      { name: 'two', type: 'other', metadata: { 'trulayer.status': 'ok' } },
      { name: 'three', type: 'other', metadata: { 'trulayer.status': 'ok' } },
    ])
    expect(lines).toEqual([
      "[trulayer] option `type` of span() must be 'llm' or 'tool' or 'retrieval' or 'other', not this string. It is ignored.",
      '[trulayer] span() has no option `inputs`; it is ignored. Did you mean `input`?',
      '[trulayer] option `metadata` of span() must be an object, not this list. It is ignored.',
    ])
  })

  test('withSession', async () => {
    const { lines, logger } = collectLog()
    const { client, capture } = recording({ logger })
    const session = { session: 'chat-1', userId: 7, tags: ['beta', 1, null], metadata: null }
    expect(await call(client, 'withSession', session, () => client.trace('a', () => 1))).toBe(1)
    expect(await call(client, 'withSession', null, () => client.trace('b', () => 2))).toBe(2)
    expect(capture.traces).toMatchObject([
      { name: 'a', userId: '7', tags: { beta: 'true', 1: 'true' } },
      { name: 'b' },
    ])
    expect(lines).toEqual([
      '[trulayer] withSession() has no option `session`; it is ignored. Did you mean `sessionId`?',
    ])
  })

  test('flush and shutdown', async () => {
    const { lines, logger } = collectLog()
    const { client } = recording({ logger })
    const result = { delivered: 0, pending: 0, dropped: 0 }
    expect(await call(client, 'flush', 2000)).toEqual(result)
    expect(await call(client, 'flush', { timeout: '2s', open: true, wait: 1 })).toEqual(result)
    expect(await call(client, 'shutdown', null)).toEqual(result)
    expect(lines).toEqual([
      '[trulayer] the options of flush() must be an object, not number; they are ignored.',
      '[trulayer] option `timeout` of flush() must be a number, not this string. It is ignored.',
      "[trulayer] option `open` of flush() must be 'close', not boolean. It is ignored.",
      '[trulayer] flush() has no option `wait`; it is ignored. Known options: `timeout`, `open`.',
    ])
  })

  test('a name that is no text', async () => {
    const { lines, logger } = collectLog()
    const { client, capture } = recording({ logger })
    await call(client, 'trace', undefined, () => call(client, 'span', 7, 'tool', () => 1))
    expect(spanTree(capture.traces[0] ?? expect.fail())).toBe('other · ok\n└─ tool 7 · ok')
    expect(lines).toEqual([
      '[trulayer] the name that trace() is given must be a string, not undefined.',
      '[trulayer] the name that span() is given must be a string, not number.',
    ])
  })

  test('what is set on a span', async () => {
    const { lines, logger } = collectLog()
    const { client, capture } = recording({ logger })
    await client.span('chat m', 'llm', (span) => {
      call(span, 'setMetadata', null)
      call(span, 'setMetadata', 'my secret')
      call(span, 'setTokens', null)
      call(span, 'setTokens', 12, 5)
      call(span, 'setModel', 42)
      call(span, 'setCost', '0.1')
      call(span, 'event', 'retried', null)
      call(span, 'event', 7, { level: 'warning' })
      call(span, 'event', new RangeError('too far'))
    })
    expect(capture.traces[0]?.spans[0]).toMatchObject({
      type: 'llm',
      metadata: { 'trulayer.status': 'ok' },
    })
    expect(capture.traces[0]?.events).toMatchObject([
      { message: 'retried', level: 'info' },
      { message: '7', level: 'info' },
      { message: 'RangeError: too far', level: 'info' },
    ])
    expect(lines).toEqual([
      '[trulayer] option `metadata` of setMetadata() must be an object, not this string. It is ignored.',
      '[trulayer] option `usage` of setTokens() must be an object, not number. It is ignored.',
      '[trulayer] option `model` of setModel() must be a string, not number. It is ignored.',
      '[trulayer] option `cost` of setCost() must be a number, not this string. It is ignored.',
      "[trulayer] option `level` of event() must be 'info' or 'warn' or 'error', not this string. It is ignored.",
    ])
  })
})

test('a program that makes new mistakes for ever fills no log', async () => {
  const { lines, logger } = collectLog()
  const { client } = recording({ logger })
  for (let index = 0; index < 1500; index += 1) {
    await call(client, 'trace', 'answer', () => 1, { [`field ${index}`]: 1 })
  }
  expect(lines).toHaveLength(1000)
})
