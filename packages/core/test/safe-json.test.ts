import { isDeepStrictEqual } from 'node:util'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { snapshot, toText, type SnapshotLimits } from '../src/shape/safe-json.ts'
import type { JsonValue } from '../src/shape/json.ts'
import { cutMiddle, textBytes } from '../src/shape/text-bytes.ts'

const hostileTraps = new Proxy(
  {},
  {
    get: () => () => {
      throw new Error('refused')
    },
  },
)

function hostileProxy(target: object): object {
  return new Proxy(target, hostileTraps)
}

function proxyOf(handler: ProxyHandler<object>): object {
  return new Proxy({ a: 1 }, handler)
}

function cyclic(): object {
  const value: Record<string, unknown> = { a: 1 }
  value['self'] = value
  return value
}

function search(): void {}

function throwing(error: unknown): () => never {
  return () => {
    throw error
  }
}

function nested(depth: number): unknown {
  let value: unknown = 'leaf'
  for (let level = 0; level < depth; level += 1) {
    value = { a: value }
  }
  return value
}

function depthOf(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) {
    return 0
  }
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

function widthOf(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) {
    return 0
  }
  const items = Object.values(value)
  return Math.max(items.length, ...items.map(widthOf))
}

function textsOf(value: JsonValue): string[] {
  if (typeof value === 'string') {
    return [value]
  }
  if (typeof value !== 'object' || value === null) {
    return []
  }
  const keys = Array.isArray(value) ? [] : Object.keys(value)
  return [...keys, ...Object.values(value).flatMap(textsOf)]
}

const LONE_SURROGATE = /\p{Surrogate}/u

function isClean(text: string): boolean {
  return !text.includes('\0') && !LONE_SURROGATE.test(text)
}

function realBytes(value: JsonValue): number {
  return Buffer.byteLength(JSON.stringify(value))
}

class Account {
  readonly id = 7
  readonly balance = 1.5
  readonly #pin = 1234
  onChange = (): number => this.#pin
  get owner(): never {
    throw new Error('a getter of the prototype was called')
  }
}

class Registry extends Map<string, number> {
  override get size(): number {
    throw new Error('asked the subclass')
  }
  override [Symbol.iterator](): never {
    throw new Error('asked the subclass')
  }
}

class PrismaError extends Error {
  readonly code = 'P2002'
  get [Symbol.toStringTag](): string {
    return 'PrismaError'
  }
}

class Reader {
  readonly buffer: readonly number[] = [1]
  readonly next: () => unknown
  constructor(next: () => unknown) {
    this.next = next
  }
  [Symbol.asyncIterator](): unknown {
    return this.next()
  }
}

class OldResponse {
  readonly size = 0
  arrayBuffer(): never {
    throw new Error('read')
  }
}

class FalseMap {
  readonly a = 1
  readonly [Symbol.toStringTag] = 'Map'
}

describe('what a value becomes', () => {
  const shared = { n: 1 }
  const cyclicList: unknown[] = [1]
  cyclicList.push({ list: cyclicList })

  test.each<[title: string, value: unknown, expected: unknown]>([
    ['text', 'text', 'text'],
    ['a number', 1.5, 1.5],
    ['-0', -0, 0],
    ['true', true, true],
    ['null', null, null],
    ['numbers outside JSON', [NaN, Infinity, -Infinity], ['NaN', 'Infinity', '-Infinity']],
    ['bigint', 2n ** 70n, '1180591620717411303424'],
    ['bigint below zero', [-12n], ['-12']],
    ['undefined', undefined, null],
    ['a function', search, '[Function search]'],
    [
      'a function without a name',
      (
        () => () =>
          1
      )(),
      '[Function]',
    ],
    ['a class', Account, '[Function Account]'],
    ['a symbol', Symbol('x'), 'Symbol(x)'],
    ['no place in an object', { a: undefined, b: throwing(1), c: Symbol('x'), d: 1 }, { d: 1 }],
    ['no place in a list', [undefined, throwing(1), Symbol('x')], [null, null, null]],
    // oxlint-disable-next-line no-sparse-arrays -- a hole is what is tested
    ['holes', [1, , 3], [1, null, 3]],
    ['symbol keys', { [Symbol('x')]: 1, a: 2 }, { a: 2 }],
    ['no prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ['a cycle', cyclic(), { a: 1, self: '[Circular]' }],
    ['a cycle through a list', cyclicList, [1, { list: '[Circular]' }]],
    ['one object in two places', [shared, { shared }], [{ n: 1 }, { shared: { n: 1 } }]],
    ['a class instance', new Account(), { id: 7, balance: 1.5 }],
    ['an object of another realm', runInNewContext('({ a: [1, { b: 2 }] })'), { a: [1, { b: 2 }] }],
    ['a Map', new Map<string, unknown>([['a', new Map([['b', 1]])]]), { a: { b: 1 } }],
    [
      'a Map with other keys',
      new Map<unknown, unknown>([
        ['a', 1],
        [{ k: 1 }, 2],
      ]),
      [
        ['a', 1],
        [{ k: 1 }, 2],
      ],
    ],
    ['a Map of another realm', runInNewContext("new Map([['a', 1]])"), { a: 1 }],
    ['a Map that was extended', new Registry([['a', 1]]), { a: 1 }],
    ['no Map, though it says so', new FalseMap(), { a: 1 }],
    ['a Set', new Set([1, [2]]), [1, [2]]],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid Date', [new Date(NaN)], [null]],
    ['a URL', new URL('https://example.com/a?b=c'), 'https://example.com/a?b=c'],
    ['a RegExp', /a+/gi, '/a+/gi'],
    ['boxes', [Object(1), Object('s'), Object(false), Object(3n)], [1, 's', false, '3']],
    ['more boxes', [Object(NaN), Object(Symbol('x'))], ['NaN', 'Symbol(x)']],
    ['a typed array', new Float64Array(3), { type: 'blob', bytes: 24 }],
    ['a Buffer', { data: Buffer.from('abc') }, { data: { type: 'blob', bytes: 3 } }],
    ['a DataView', new DataView(new ArrayBuffer(8), 2), { type: 'blob', bytes: 6 }],
    ['an ArrayBuffer', new ArrayBuffer(5), { type: 'blob', bytes: 5 }],
    ['a SharedArrayBuffer', new SharedArrayBuffer(5), { type: 'blob', bytes: 5 }],
    [
      'a Blob',
      new Blob(['abcd'], { type: 'image/png' }),
      { type: 'blob', mime_type: 'image/png', bytes: 4 },
    ],
    ['a File', new File(['x'], 'a'), { type: 'blob', bytes: 1 }],
    ['no Blob, though it has a size', new OldResponse(), { size: 0 }],
    ['a promise', { answer: Promise.resolve(1) }, { answer: '[Promise]' }],
    ['a promise with fields', Object.assign(Promise.resolve(1), { response: 'x' }), '[Promise]'],
    ['a WeakMap', new WeakMap(), '[WeakMap]'],
    ['an iterator', [1].values(), '[Array Iterator]'],
    ['a Response', new Response('x'), '[Response]'],
    ['an AbortSignal', new AbortController().signal, '[AbortSignal]'],
    [
      'a key named __proto__',
      JSON.parse('{"__proto__":{"x":1}}'),
      JSON.parse('{"__proto__":{"x":1}}'),
    ],
    ['such a key of a Map', new Map([['__proto__', 1]]), JSON.parse('{"__proto__":1}')],
  ])('%s', (_title, value, expected) => {
    const { value: copy, truncated } = snapshot(value)
    expect(copy).toEqual(expected)
    // Which sees own keys named `__proto__`, and prototypes.
    expect(isDeepStrictEqual(copy, expected)).toBe(true)
    expect(truncated).toBe(false)
  })

  test('a key named __proto__ stays a key', () => {
    const { value } = snapshot(JSON.parse('{"__proto__":{"x":1}}'))
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(Object(value))).toEqual(['__proto__'])
    expect(Reflect.get(Object.prototype, 'x')).toBeUndefined()
  })

  test('a key that assigning cannot make, since the host has frozen it on Object.prototype', () => {
    const source = { frozenByHost: 1 }
    Reflect.defineProperty(Object.prototype, 'frozenByHost', { value: 0, configurable: true })
    try {
      expect(snapshot(source).value).toEqual({ frozenByHost: 1 })
    } finally {
      Reflect.deleteProperty(Object.prototype, 'frozenByHost')
    }
  })
})

describe('errors', () => {
  const stackless = new Error('x')
  Reflect.deleteProperty(stackless, 'stack')

  test.each<[title: string, error: unknown, expected: unknown]>([
    [
      'with a cause',
      new TypeError('x', { cause: new Error('y') }),
      { name: 'TypeError', message: 'x', cause: { name: 'Error', message: 'y' } },
    ],
    [
      'with fields',
      Object.assign(new Error('x'), { code: 'E_X', status: 500 }),
      { name: 'Error', message: 'x', code: 'E_X', status: 500 },
    ],
    [
      'with a stack for all to see',
      Object.defineProperty(new Error('x'), 'stack', { value: 'at', enumerable: true }),
      { name: 'Error', message: 'x' },
    ],
    ['without a stack', stackless, { name: 'Error', message: 'x' }],
    [
      'in plural',
      new AggregateError([new Error('a')], 'x'),
      { name: 'AggregateError', message: 'x', errors: [{ name: 'Error', message: 'a' }] },
    ],
    [
      'of the DOM',
      new DOMException('gone', 'AbortError'),
      { name: 'AbortError', message: 'gone', code: 20 },
    ],
    ['with a tag', new PrismaError('x'), { name: 'Error', message: 'x', code: 'P2002' }],
    ['of another realm', runInNewContext("new Error('x')"), { name: 'Error', message: 'x' }],
    [
      'with a getter that throws',
      Object.defineProperty(new Error('x'), 'cause', { get: throwing(new Error('no')) }),
      { name: 'Error', message: 'x', cause: '[Threw: no]' },
    ],
    [
      'that say themselves what they are',
      Object.assign(new Error('x'), { config: 'long', toJSON: () => ({ message: 'short' }) }),
      { message: 'short' },
    ],
  ])('%s', (_title, error, expected) => {
    expect(snapshot(error).value).toEqual(expected)
  })
})

describe('toJSON', () => {
  test('is called as JSON.stringify does: once, on the value, with the key', () => {
    const calls: unknown[] = []
    const teller = {
      toJSON(this: unknown, ...given: unknown[]) {
        calls.push([this === teller, ...given])
        return { told: given[0], toJSON: throwing(new Error('asked again')) }
      },
    }
    const source = { a: teller, list: [teller] }
    const { value } = snapshot(source)
    expect(value).toEqual({ a: { told: 'a' }, list: [{ told: '0' }] })
    expect(snapshot(teller).value).toEqual({ told: '' })
    expect(calls).toEqual([
      [true, 'a'],
      [true, '0'],
      [true, ''],
    ])
  })

  test.each<[title: string, value: unknown, expected: unknown]>([
    ['that throws leaves the own properties', { a: 1, toJSON: throwing(1) }, { a: 1 }],
    [
      'that cannot be read likewise',
      Object.defineProperty({ a: 1 }, 'toJSON', { get: throwing(1) }),
      { a: 1 },
    ],
    [
      'that gives itself',
      {
        a: 1,
        toJSON(): unknown {
          return this
        },
      },
      { a: 1 },
    ],
    [
      'that gives undefined',
      [{ b: { toJSON: () => undefined } }, { toJSON: () => undefined }],
      [{}, null],
    ],
    ['that gives undefined at the top', { toJSON: () => undefined }, null],
    ['that gives a Map', { toJSON: () => new Map([['a', 1]]) }, { a: 1 }],
    ['that gives a Buffer', { toJSON: () => Buffer.from('abc') }, { type: 'blob', bytes: 3 }],
    ['that gives text with NUL', { toJSON: () => 'a\0' }, 'a\uFFFD'],
    ['that is asynchronous', { toJSON: async () => 1 }, '[Promise]'],
    ['of a list', Object.assign([1], { toJSON: () => 'list' }), 'list'],
  ])('%s', (_title, value, expected) => {
    expect(snapshot(value).value).toEqual(expected)
  })

  test('that gives what it stands in is a cycle', () => {
    const parent: Record<string, unknown> = {}
    parent['child'] = { toJSON: () => parent }
    expect(snapshot(parent).value).toEqual({ child: '[Circular]' })
    const wrapped = { toJSON: () => ({ me: wrapped }) }
    expect(snapshot(wrapped).value).toEqual({ me: '[Circular]' })
  })

  test('that never ends is bounded', () => {
    const chain = (): object => ({ toJSON: () => ({ next: chain() }) })
    const tree = (): object => ({ toJSON: () => [tree(), tree()] })
    expect(depthOf(snapshot(chain()).value)).toBe(100)
    expect(snapshot(tree(), { maxBytes: 10_000 }).truncated).toBe(true)
  })
})

describe('hostile values', () => {
  const revoked = Proxy.revocable([], {})
  revoked.revoke()

  test.each<[title: string, value: unknown, expected: unknown]>([
    [
      'a getter that throws costs its own property',
      {
        a: 1,
        get b() {
          throw new Error('no')
        },
        c: 2,
      },
      { a: 1, b: '[Threw: no]', c: 2 },
    ],
    [
      'what is thrown may be text',
      {
        get a() {
          throw 'no'
        },
      },
      { a: '[Threw: no]' },
    ],
    [
      'what is thrown may be nothing',
      {
        get a() {
          throw undefined
        },
      },
      { a: '[Threw]' },
    ],
    [
      'what is thrown may be hostile',
      {
        get a() {
          throw hostileProxy({})
        },
      },
      { a: '[Threw]' },
    ],
    [
      'what is thrown may say too much',
      {
        get a() {
          throw new Error('x'.repeat(1e6))
        },
      },
      { a: expect.stringMatching(/^\[Threw: x+… \[\d+ bytes cut\] …x+\]$/) },
    ],
    [
      'an item that throws',
      Object.defineProperty([1, 2], 0, { get: throwing(new Error('no')) }),
      ['[Threw: no]', 2],
    ],
    ['a proxy that throws always', [hostileProxy({}), 1], ['[Unreadable]', 1]],
    ['a list proxy that throws always', hostileProxy([]), '[Unreadable]'],
    ['a function proxy that throws always', hostileProxy(throwing(1)), '[Function]'],
    ['a revoked proxy', { a: revoked.proxy }, { a: '[Unreadable]' }],
    [
      'a proxy that throws on reading',
      proxyOf({ get: throwing(new Error('no')) }),
      { a: '[Threw: no]' },
    ],
    ['a proxy that lists nothing', proxyOf({ ownKeys: throwing(1) }), '[Unreadable]'],
    [
      'a proxy of odd length',
      new Proxy([1, 2], { get: (_list, key) => (key === 'length' ? '2' : undefined) }),
      [],
    ],
    [
      'a tag that throws',
      {
        a: Object.create({
          get [Symbol.toStringTag]() {
            throw 1
          },
        }),
      },
      { a: {} },
    ],
  ])('%s', (_title, value, expected) => {
    expect(snapshot(value).value).toEqual(expected)
  })

  test('20,000 levels end at the depth limit, however high it is set', () => {
    const usual = snapshot(nested(20_000))
    expect(usual.truncated).toBe(true)
    expect(depthOf(usual.value)).toBe(100)
    expect(JSON.stringify(usual.value)).toContain('"[Depth limit]"')
    expect(depthOf(snapshot(nested(20_000), { maxDepth: Infinity }).value)).toBe(500)
  })

  test('a sparse list of four billion is not walked', () => {
    const sparse: unknown[] = []
    sparse.length = 4_294_967_295
    const { value, truncated } = snapshot(sparse, { maxEntries: 2 })
    expect(value).toEqual([null, null, '[… 4294967293 more]'])
    expect(truncated).toBe(true)
  })

  test('a proxy that always has more keys is asked for a bounded number', () => {
    let reads = 0
    const endless = (): object =>
      new Proxy(
        {},
        {
          ownKeys: () => Array.from({ length: 500 }, (_, index) => `${reads}-${index}`),
          getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true }),
          get: (_target, key) => {
            reads += 1
            return key === 'toJSON' ? undefined : endless()
          },
        },
      )
    const { truncated } = snapshot(endless(), { maxBytes: 20_000 })
    expect(truncated).toBe(true)
    expect(reads).toBeLessThan(10_000)
  })

  test('properties that come to nothing are counted too', () => {
    let reads = 0
    const hollow = Object.defineProperties(
      {},
      Object.fromEntries(
        Array.from({ length: 1_000 }, (_, index) => [
          `k${index}`,
          {
            enumerable: true,
            get: () => {
              reads += 1
            },
          },
        ]),
      ),
    )
    const row = Array.from({ length: 10_000 }, () => hollow)
    expect(snapshot(Array.from({ length: 10_000 }, () => row)).truncated).toBe(true)
    expect(reads).toBeLessThan(2_100_000)
  })

  test('one object in 2^90 places ends at the size limit', () => {
    let value: unknown = { x: 1 }
    for (let level = 0; level < 90; level += 1) {
      value = { a: value, b: value }
    }
    const copy = snapshot(value, { maxBytes: 10_000 })
    expect(copy.truncated).toBe(true)
    expect(realBytes(copy.value)).toBeLessThan(20_000)
  })

  test('a bigint whose digits would take minutes', () => {
    expect(snapshot([1n << 1_000_000n])).toMatchObject({ value: ['[BigInt]'], truncated: true })
  })
})

describe('what is not touched', () => {
  test('streams, generators and asynchronous iterators are named, not read', async () => {
    let reads = 0
    const count = (): { done: false; value: number } => {
      reads += 1
      return { done: false, value: reads }
    }
    const stream = new ReadableStream(
      {
        pull: (controller) => {
          reads += 1
          controller.enqueue(1)
        },
      },
      { highWaterMark: 0 },
    )
    const source = {
      stream,
      lookalike: { getReader: count },
      generator: (function* () {
        yield count()
      })(),
      asyncGenerator: (async function* () {
        yield count()
      })(),
      iterator: { next: async () => count(), [Symbol.asyncIterator]: count },
      instance: new Reader(count),
    }
    expect(snapshot(source).value).toEqual({
      stream: '[ReadableStream]',
      lookalike: '[ReadableStream]',
      generator: '[Generator]',
      asyncGenerator: '[AsyncGenerator]',
      iterator: '[AsyncIterator]',
      instance: '[AsyncIterator]',
    })
    await Promise.resolve()
    expect(reads).toBe(0)
    expect(stream.locked).toBe(false)
  })

  test('the stack of an error, which is costly to write', () => {
    const prepare = vi.fn<() => string>(() => 'stack')
    const before = Reflect.get(Error, 'prepareStackTrace')
    Reflect.set(Error, 'prepareStackTrace', prepare)
    try {
      snapshot([new Error('x'), new PrismaError('y')])
    } finally {
      Reflect.set(Error, 'prepareStackTrace', before)
    }
    expect(prepare).not.toHaveBeenCalled()
  })

  test('every own getter is called once', () => {
    const getter = vi.fn<() => object>(() => ({ b: 1 }))
    const source = Object.defineProperty({}, 'a', { get: getter, enumerable: true })
    expect(snapshot(source).value).toEqual({ a: { b: 1 } })
    expect(getter).toHaveBeenCalledTimes(1)
  })
})

describe('text', () => {
  const texts: [title: string, text: string, expected: string][] = [
    ['a lone high surrogate', 'a\uD800b', 'a\uFFFDb'],
    ['a lone low surrogate', '\uDC00b', '\uFFFDb'],
    ['surrogates in the wrong order', '\uDC00\uD800', '\uFFFD\uFFFD'],
    ['NUL', 'a\0b\0', 'a\uFFFDb\uFFFD'],
    ['both', '\0\uD800', '\uFFFD\uFFFD'],
    ['the six characters of an escape', '\\u0000 \\ud800', '\\u0000 \\ud800'],
    ['ANSI escapes', '\u001B[31mred\u001B[0m', '\u001B[31mred\u001B[0m'],
    ['emoji', '👩‍👩‍👧 😀', '👩‍👩‍👧 😀'],
    ['other scripts and Latin-1', 'é 日本 \uFFFF', 'é 日本 \uFFFF'],
  ]

  test.each(texts)('%s, in a value and in a key', (_title, text, expected) => {
    expect(snapshot(text).value).toBe(expected)
    expect(snapshot({ [text]: [text] }).value).toEqual({ [expected]: [expected] })
  })

  test.each(texts)('%s, in an engine without isWellFormed', async (_title, text, expected) => {
    const native = Object.getOwnPropertyDescriptor(String.prototype, 'isWellFormed')
    Reflect.deleteProperty(String.prototype, 'isWellFormed')
    vi.resetModules()
    try {
      const { wellFormedText } = await import('../src/shape/well-formed-text.ts')
      expect(wellFormedText(text)).toBe(expected)
    } finally {
      Reflect.defineProperty(String.prototype, 'isWellFormed', native ?? {})
    }
  })

  test('a text for a text field stays, anything else becomes JSON', () => {
    expect(toText('a "b"')).toBe('a "b"')
    expect(toText({ a: [1, null] })).toBe('{"a":[1,null]}')
    expect(toText(null)).toBe('null')
  })
})

describe('limits', () => {
  const letters = { a: 1, b: 2, c: 3 }
  test.each<[title: string, value: unknown, limits: Partial<SnapshotLimits>, expected: unknown]>([
    ['depth', { a: { b: { c: 1 } } }, { maxDepth: 2 }, { a: { b: '[Depth limit]' } }],
    ['depth of a list', [[1]], { maxDepth: 1 }, ['[Depth limit]']],
    ['width of a list', [1, 2, 3, 4], { maxEntries: 2 }, [1, 2, '[… 2 more]']],
    ['width of an object', letters, { maxEntries: 1 }, { a: 1, '…': '[… 2 more]' }],
    ['width of a Set', new Set([1, 2, 3]), { maxEntries: 1 }, [1, '[… 2 more]']],
    [
      'width of a Map',
      new Map(Object.entries(letters)),
      { maxEntries: 2 },
      { a: 1, b: 2, '…': '[… 1 more]' },
    ],
    [
      'width of a Map with other keys',
      new Map([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      { maxEntries: 2 },
      [[1, 2], [3, 4], '[… 1 more]'],
    ],
    ['no entries', { a: [] }, { maxEntries: 0 }, { '…': '[… 1 more]' }],
    [
      'size of a list',
      [[1, 2, 3, 4, 5], 6],
      { maxBytes: 12 },
      [[1, 2, '[Size limit]'], '[Size limit]'],
    ],
    [
      'size of an object',
      { a: 'x'.repeat(20), b: 1, c: 2 },
      { maxBytes: 20 },
      { a: '[Size limit]', '…': '[Size limit]' },
    ],
    ['size of an object that is full', letters, { maxBytes: 3 }, { a: 1, '…': '[Size limit]' }],
  ])('%s', (_title, value, limits, expected) => {
    const copy = snapshot(value, limits)
    expect(copy.value).toEqual(expected)
    expect(copy.truncated).toBe(true)
  })

  test.each<[title: string, value: unknown, limits: Partial<SnapshotLimits>]>([
    ['depth', { a: { b: 1 } }, { maxDepth: 2 }],
    ['width', [[1, 2], { a: 1, b: 2 }, new Set([1, 2])], { maxEntries: 3 }],
    ['size', 'x'.repeat(98), { maxBytes: 100 }],
  ])('%s may be used up', (_title, value, limits) => {
    const whole = snapshot(value)
    expect(snapshot(value, limits)).toEqual(whole)
    expect(whole.truncated).toBe(false)
  })

  test('many objects side by side are not deep', () => {
    const row = Array.from({ length: 300 }, (_, id) => ({ id, tags: [[id]] }))
    expect(snapshot(row)).toMatchObject({ value: row, truncated: false })
  })

  test.each([
    ['null', null],
    ['holes', undefined],
    ['booleans', true],
    ['small integers', 42],
    ['fractions', 0.123456789012],
    ['timestamps', 1_700_000_000_000],
    ['text', 'some text'],
    ['objects', { some: { more: 1 } }],
    ['objects with long keys', { ['k'.repeat(50)]: 1 }],
  ])('the size of %s is judged well', (_title, item) => {
    const { value, bytes } = snapshot(Array.from({ length: 1_000 }, () => item))
    expect(bytes / realBytes(value)).toBeGreaterThan(0.8)
    expect(bytes / realBytes(value)).toBeLessThan(1.7)
  })

  test('a limit that is no number counts as not given', () => {
    expect(snapshot({ a: [1] }, { maxBytes: NaN, maxDepth: -1, maxEntries: NaN }).value).toEqual({
      a: [1],
    })
  })

  test('a long text loses its middle', () => {
    const { value, bytes, truncated } = snapshot('a'.repeat(500) + 'b'.repeat(500), {
      maxBytes: 202,
    })
    expect(value).toMatch(/^a{90,}… \[8\d\d bytes cut\] …b{90,}$/)
    expect(bytes).toBeLessThan(220)
    expect(truncated).toBe(true)
  })

  test('a long text leaves room for what stands beside it', () => {
    const source = { a: 'x'.repeat(10_000), b: 'kept', c: [1, 2] }
    expect(snapshot(source, { maxBytes: 2_000 }).value).toMatchObject({ b: 'kept', c: [1, 2] })
  })

  test('a long key is cut', () => {
    const { value, truncated } = snapshot({ ['k'.repeat(1e6)]: 1 })
    expect(Object.keys(Object(value))[0]).toMatch(/^k+… \[\d+ bytes cut\] …k+$/)
    expect(truncated).toBe(true)
  })

  test('no cut tears a character apart', () => {
    for (let shift = 0; shift < 8; shift += 1) {
      const text = 'x'.repeat(shift) + '😀'.repeat(500)
      for (let maxBytes = 70; maxBytes < 90; maxBytes += 1) {
        expect(snapshot(text, { maxBytes }).value).not.toContain('\uFFFD')
      }
    }
  })

  test('of what was cut the size is told', () => {
    const cut = cutMiddle('x'.repeat(1_000), 100)
    const told = Number(/\[(\d+) bytes cut\]/.exec(cut)?.[1])
    expect(told + (cut.match(/x/g)?.length ?? 0)).toBe(1_000)
    expect(cutMiddle('short', 5)).toBe('short')
  })

  test.each([
    ['ASCII', 'x'.repeat(1_000)],
    ['CJK', '日'.repeat(1_000)],
    ['emoji', '😀'.repeat(1_000)],
    ['a mixture', 'ab 日本 é😀'.repeat(300)],
    ['short', '日本'],
  ])('the size of %s is judged well', (_title, text) => {
    const ratio = textBytes(text) / Buffer.byteLength(text)
    expect(ratio).toBeGreaterThan(0.8)
    expect(ratio).toBeLessThan(1.25)
  })
})

describe('any value', () => {
  /* Every code unit is as likely as any other, and NUL and halves of pairs often stand alone. */
  const unit = fc.oneof(
    fc.constantFrom('\0', '\uD800', '\uDC00', '😀', '"', '\\', 'a', 'é', '日', '…'),
    fc.nat(0xffff).map((code) => String.fromCharCode(code)),
  )
  const text = fc.string({ unit, maxLength: 20 })
  const key = fc.oneof(
    text,
    fc.constantFrom('__proto__', 'toJSON', 'constructor', 'length', 'stack', '…'),
  )
  const leaf = fc.oneof(
    text,
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.bigInt(),
    fc.date({ noInvalidDate: false }),
    fc.constantFrom(null, undefined, NaN, Infinity, -0, Symbol('x'), throwing(1), new Account()),
    fc.constantFrom<unknown>(new Error('x'), /a/, new Blob(['x']), Promise.resolve()),
  )
  const anything = fc.anything({
    key,
    values: [leaf],
    maxDepth: 4,
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
  })

  /* Kept from fast-check, which looks into what it generates. */
  const hostile = [hostileProxy({}), hostileProxy([]), proxyOf({ get: throwing('no') }), cyclic()]

  test('becomes plain JSON that survives the wire, whatever stands beside it', () => {
    fc.assert(
      fc.property(anything, fc.nat(hostile.length - 1), (source, index) => {
        const { value, truncated } = snapshot([hostile[index], { source }])
        expect(isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value)).toBe(true)
        expect(textsOf(value).every(isClean)).toBe(true)
        expect(truncated).toBe(false)
      }),
      { numRuns: 1_000 },
    )
  })

  test('is measured within a factor', () => {
    fc.assert(
      fc.property(anything, (source) => {
        const { value, bytes } = snapshot(source)
        const real = realBytes(value)
        expect(real).toBeLessThanOrEqual(bytes * 6)
        expect(bytes).toBeLessThanOrEqual(real * 3 + 16)
      }),
      { numRuns: 500 },
    )
  })

  test('may change afterwards', () => {
    fc.assert(
      fc.property(anything, (source) => {
        const { value } = snapshot(source)
        const before = JSON.stringify(value)
        scramble(source, new Set())
        expect(JSON.stringify(value)).toBe(before)
      }),
      { numRuns: 500 },
    )
  })

  test('is copied alike a second time, and its copy is a copy of itself', () => {
    fc.assert(
      fc.property(anything, (source) => {
        const first = snapshot(source)
        expect(isDeepStrictEqual(snapshot(source), first)).toBe(true)
        expect(isDeepStrictEqual(snapshot(first.value).value, first.value)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('keeps within limits', () => {
    const limits = fc.record({
      maxBytes: fc.nat(300),
      maxDepth: fc.nat(4),
      maxEntries: fc.nat(5),
    })
    fc.assert(
      fc.property(anything, limits, (source, bounds) => {
        const { value } = snapshot(source, bounds)
        expect(depthOf(value)).toBeLessThanOrEqual(bounds.maxDepth)
        expect(widthOf(value)).toBeLessThanOrEqual(bounds.maxEntries + 1)
        expect(realBytes(value)).toBeLessThanOrEqual(bounds.maxBytes * 6 + 600)
        expect(textsOf(value).every(isClean)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  test('that is JSON already comes back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (source) => {
        const plain: unknown = JSON.parse(JSON.stringify(source).replaceAll('\\u0000', ' '))
        expect(isDeepStrictEqual(snapshot(plain).value, plain)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('of text is cut to a text that begins and ends alike', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
        fc.nat(400),
        (whole, size) => {
          const cut = cutMiddle(whole, size)
          const [head = '', tail = head] = cut.split(/… \[\d+ bytes cut\] …/)
          expect(LONE_SURROGATE.test(cut)).toBe(false)
          expect(whole.startsWith(head) && whole.endsWith(tail)).toBe(true)
        },
      ),
    )
  })
})

/* Overwrites everything in the value, as a framework that reuses its buffers would. */
function scramble(value: unknown, seen: Set<unknown>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) {
    return
  }
  seen.add(value)
  try {
    if (value instanceof Map) {
      value.forEach((item, key) => [key, item].forEach((part) => scramble(part, seen)))
      value.clear()
    } else if (value instanceof Set) {
      value.forEach((item) => scramble(item, seen))
      value.clear()
    } else if (value instanceof Date) {
      value.setTime(1)
    }
    for (const key of Object.keys(value)) {
      scramble(Reflect.get(value, key), seen)
      Reflect.set(value, key, 'changed')
    }
  } catch {
    // A hostile value cannot be changed either.
  }
}
