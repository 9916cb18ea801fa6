import { afterEach, describe, expect, test, vi } from 'vitest'
import { checkAdapterOptions, clientKind, oneOf } from '../../src/internal.ts'
import { init, TruLayer, wrapHandler } from '../../src/index.ts'
import { collectLog } from '../support.ts'

const OPTIONS = { client: [clientKind], nodes: [oneOf('auto', 'all')] }

afterEach(() => {
  vi.restoreAllMocks()
})

describe('options of an adapter', () => {
  test.each([
    [{ nodes: 'some' }, "option `nodes` of adapter() must be 'auto' or 'all', not 'some'."],
    [
      { client: {} },
      'option `client` of adapter() must be a client, as `init()` or `new TruLayer()` makes one, not object.',
    ],
    ['tl_key', 'the options of adapter() must be an object, not string.'],
    [null, 'the options of adapter() must be an object, not null.'],
    [
      new TruLayer({ mode: 'off' }),
      'adapter() takes options and not the client itself: pass `{ client }`.',
    ],
  ])('of the wrong type throw', (options, message) => {
    const check = (): void => checkAdapterOptions('adapter()', options, OPTIONS)
    expect(check).toThrow(message)
    expect(check).toThrow(expect.objectContaining({ code: 'invalid-option' }))
  })

  test('that belong elsewhere or do not exist cause one warning each, without their values', () => {
    const { lines, logger } = collectLog()
    const client = new TruLayer({ mode: 'off', logger })
    const options = { client, apiKey: 'tl_1', headers: {}, node: 'all', level: 1, scores: true }
    const explain = (name: string): string | undefined =>
      name === 'scores' ? 'scores belong elsewhere.' : undefined
    checkAdapterOptions('adapter()', options, OPTIONS, explain)
    checkAdapterOptions('adapter()', options, OPTIONS, explain)
    expect(lines).toEqual([
      '[trulayer] `apiKey` is an option of the client and is ignored by adapter(): call `init({ apiKey })` or set TRULAYER_API_KEY.',
      '[trulayer] `headers` is an option of the client and is ignored by adapter(): call `init({ headers })`.',
      '[trulayer] adapter() has no option `node`; it is ignored. Did you mean `nodes`?',
      '[trulayer] adapter() has no option `level`; it is ignored. Known options: `client`, `nodes`.',
      '[trulayer] scores belong elsewhere.',
    ])
  })

  test('are checked without making a global client, since init may still come', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    checkAdapterOptions('early()', { apiKey: 'tl_1' })
    checkAdapterOptions('early()', { apiKey: 'tl_1' })
    expect(warn).toHaveBeenCalledOnce()
    const { lines, logger } = collectLog()
    init({ mode: 'off', logger })
    checkAdapterOptions('late()', { apiKey: 'tl_1' })
    expect(lines).toHaveLength(1)
    expect(warn).toHaveBeenCalledOnce()
  })
})

describe('wrapHandler', () => {
  test.each([
    [[{ fetch: () => {} }], 'invalid-argument', 'wrapHandler() needs the handler, a function'],
    [
      [() => {}, { timeout: '2s' }],
      'invalid-option',
      "option `timeout` of wrapHandler() must be a number, not '2s'.",
    ],
    [
      [() => {}, new TruLayer({ mode: 'off' })],
      'invalid-option',
      'wrapHandler() takes options and not the client itself',
    ],
  ])('refuses at once what it cannot use', (parameters, code, message) => {
    const wrap = (): unknown => Reflect.apply(wrapHandler, undefined, parameters)
    expect(wrap).toThrow(message)
    expect(wrap).toThrow(expect.objectContaining({ code }))
  })

  test('warns of an option of the client', () => {
    const { lines, logger } = collectLog()
    const client = new TruLayer({ mode: 'off', logger })
    Reflect.apply(wrapHandler, undefined, [() => {}, { client, apiKey: 'tl_1' }])
    expect(lines).toEqual([
      '[trulayer] `apiKey` is an option of the client and is ignored by wrapHandler(): call `init({ apiKey })` or set TRULAYER_API_KEY.',
    ])
  })
})
