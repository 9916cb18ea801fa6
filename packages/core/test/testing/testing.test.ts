import { describe, expect, test } from 'vitest'
import { createId } from '../../src/shape/ids.ts'
import type { FinishedSpan, FinishedTrace } from '../../src/shape/trace.ts'
import { captureTraces, lastTrace, spanTree } from '../../src/testing/index.ts'
import { pause, recording } from '../support.ts'
import { TruLayer } from '../../src/index.ts'

function traceOf(spans: readonly Partial<FinishedSpan>[]): FinishedTrace {
  return {
    id: createId(1),
    name: 'agent',
    status: 'ok',
    sessionId: 's',
    startedAt: 0,
    endedAt: 100,
    tags: {},
    metadata: {},
    spans: spans.map((span) => ({
      id: createId(1),
      name: 'x',
      type: 'tool',
      status: 'ok',
      startedAt: 0,
      endedAt: 1,
      metadata: {},
      ...span,
    })),
    events: [],
  }
}

describe('the tree text', () => {
  test('shows kind, name, status and tokens, nested', () => {
    const id = createId(1)
    const tree = spanTree(
      traceOf([
        {
          id,
          name: 'plan',
          type: 'other',
          startedAt: 1,
          endedAt: 50,
          status: 'error',
          error: 'Error: a\n  b',
        },
        { parentId: id, name: 'chat m', type: 'llm', usage: { promptTokens: 7 } },
        { parentId: id, name: 'search', startedAt: 2, endedAt: 3 },
        { name: 'last', startedAt: 60, endedAt: 61, status: 'interrupted' },
      ]),
    )
    expect(tree).toBe(
      [
        'agent · ok · 7 in',
        '├─ other plan · error (Error: a b)',
        '│  ├─ llm chat m · ok · 7 in',
        '│  └─ tool search · ok',
        '└─ tool last · interrupted',
      ].join('\n'),
    )
  })

  test('siblings of one kind that overlap stand by name and input, others by start', () => {
    const overlapping = [
      { name: 'chat m', type: 'llm', startedAt: 0, endedAt: 20 },
      { name: 'weather', input: { city: 'Rome' }, startedAt: 10, endedAt: 30 },
      { name: 'weather', input: { city: 'Oslo' }, startedAt: 11, endedAt: 31 },
      { name: 'alarm', startedAt: 12, endedAt: 14 },
      { name: 'about', startedAt: 40, endedAt: 41 },
    ] as const
    const names = (trace: FinishedTrace): string[] => spanTree(trace).split('\n').slice(1)
    const expected = ['llm chat m', 'tool alarm', 'tool weather', 'tool weather', 'tool about']
    expect(names(traceOf(overlapping)).map((line) => line.slice(3).split(' · ')[0])).toEqual(
      expected,
    )
    expect(spanTree(traceOf(overlapping.toReversed()))).toBe(spanTree(traceOf(overlapping)))
  })

  test('a line break in a name or an error does not begin a line', () => {
    const tree = spanTree(traceOf([{ name: 'look\n└─ tool forged\u001B[2K · ok' }]))
    expect(tree.split('\n')).toHaveLength(2)
    expect(tree).toContain('look └─ tool forged [2K · ok')
  })

  test('a span whose parent is missing is shown at the top', () => {
    expect(spanTree(traceOf([{ parentId: createId(1), name: 'lost' }]))).toBe(
      'agent · ok\n└─ tool lost · ok',
    )
  })
})

describe('the latest trace', () => {
  test('is waited for while a turn is open', async () => {
    const { client, capture } = recording()
    await client.trace('first', () => 1)
    void client.trace('second', () => pause(30))
    expect((await capture.last()).name).toBe('second')
    expect(capture.traces).toHaveLength(2)
  })

  test('that never comes says what is open', async () => {
    const { client, capture } = recording()
    await expect(capture.last({ timeout: 20 })).rejects.toThrow('nothing was recorded')
    void client.trace('hanging', () => new Promise(() => {}))
    await expect(capture.last({ timeout: 20 })).rejects.toThrow('1 turn is still open')
    await expect(lastTrace({ client: new TruLayer({ mode: 'off' }), timeout: 20 })).rejects.toThrow(
      'the client is off',
    )
  })

  test('a capture ends, and traces go where they went before', async () => {
    const taken: string[] = []
    const client = new TruLayer({
      exitHooks: false,
      exporters: [{ export: (traces) => void taken.push(...traces.map(({ name }) => name)) }],
    })
    const capture = captureTraces({ client })
    await client.trace('caught', () => 1)
    expect(capture.traces).toHaveLength(1)
    capture.stop()
    await client.trace('delivered', () => 1)
    await client.flush()
    expect(taken).toEqual(['delivered'])
  })

  test('a capture of the process takes what a client does that is made later', async () => {
    const capture = captureTraces()
    const client = new TruLayer({ mode: 'off' })
    await client.trace('caught', () => 1)
    capture.stop()
    await client.trace('not caught', () => 1)
    expect(capture.traces.map(({ name }) => name)).toEqual(['caught'])
  })
})

describe('mistakes have clear messages', () => {
  test('in what spanTree is given', async () => {
    const capture = captureTraces()
    await new TruLayer({ mode: 'off' }).trace('answer', () => 1)
    const latest = capture.last()
    const show = (given: unknown) => (): unknown => Reflect.apply(spanTree, undefined, [given])
    const message = 'spanTree() needs a finished trace, not'
    expect(show(latest)).toThrow(`${message} a promise: \`spanTree(await capture.last())\`.`)
    expect(show(capture.traces)).toThrow(`${message} this list:`)
    expect(show(undefined)).toThrow(`${message} undefined:`)
    expect(spanTree(await latest)).toBe('answer · ok')
    capture.stop()
  })

  test('in the options', async () => {
    const client = new TruLayer({ mode: 'off' })
    expect(() => Reflect.apply(captureTraces, undefined, [client])).toThrow(
      'captureTraces() takes options and not the client itself: pass `{ client }`.',
    )
    await expect(Reflect.apply(lastTrace, undefined, [{ timeout: '1s' }])).rejects.toThrow(
      "option `timeout` of lastTrace() must be a number, not '1s'.",
    )
  })
})
