import { describe, expect, test } from 'vitest'
import { addAmbientLookup, withRun } from '../../src/record/context.ts'
import { spanTree } from '../../src/testing/index.ts'
import { pause, recording } from '../support.ts'

describe('a turn', () => {
  test('leaves once, when its root has ended and nothing in it is open', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'agent', type: 'other' })
    const tool = recorder.start({ name: 'search', type: 'tool', parent: root })
    recorder.end(tool)
    expect(capture.traces).toHaveLength(0)
    recorder.end(root)
    recorder.end(root)
    expect(capture.traces).toHaveLength(1)
    expect(recorder.stats().open).toBe(0)
  })

  test('shows a run as what it turned out to be', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'agent', type: 'other' })
    const generation = recorder.start({ name: 'generation', type: 'llm', parent: root })
    recorder.end(recorder.start({ name: 'chat m', type: 'llm', parent: generation }))
    recorder.update(generation, { type: 'other', usage: { promptTokens: 10 } })
    recorder.end(generation)
    recorder.end(root)
    expect(capture.traces.map(spanTree)).toEqual([
      'agent · ok\n└─ other generation · ok\n   └─ llm chat m · ok',
    ])
  })

  test('waits for a child that outlives its root', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'agent', type: 'other' })
    const child = recorder.start({ name: 'chat m', type: 'llm', parent: root })
    recorder.end(root)
    expect(capture.traces).toHaveLength(0)
    recorder.end(child, { output: 'done' })
    expect(capture.traces.map(spanTree)).toEqual(['agent · ok\n└─ llm chat m · ok'])
  })

  test('leaves after the grace with what is open as incomplete', async () => {
    const { recorder, capture } = recording({ limits: { grace: 60 } })
    const root = recorder.start({ name: 'agent', type: 'other' })
    recorder.start({ name: 'lost', type: 'tool', parent: root })
    recorder.end(root)
    await pause(20)
    expect(capture.traces).toHaveLength(0)
    await pause(150)
    expect(capture.traces.map(spanTree)).toEqual(['agent · ok\n└─ tool lost · incomplete'])
  })

  test('closes what is open as cancelled where its root was cancelled', async () => {
    const { recorder, capture } = recording({ limits: { grace: 10 } })
    const root = recorder.start({ name: 'agent', type: 'other' })
    recorder.start({ name: 'lost', type: 'tool', parent: root })
    recorder.end(root, { status: 'cancelled', reason: 'abort' })
    await pause(120)
    expect(capture.traces.map(spanTree)).toEqual(['agent · cancelled\n└─ tool lost · cancelled'])
    expect(capture.traces[0]?.metadata).toMatchObject({ 'trulayer.reason': 'abort' })
  })

  test('waits longer than the grace while the host holds a stream of it', async () => {
    const { recorder, capture } = recording({ limits: { grace: 10, streamIdle: 250 } })
    const root = recorder.start({ name: 'route', type: 'other' })
    recorder.start({ name: 'chat m', type: 'llm', parent: root, held: true })
    recorder.end(root)
    await pause(150)
    expect(capture.traces).toHaveLength(0)
    await pause(250)
    expect(capture.traces.map(spanTree)).toEqual(['route · ok\n└─ llm chat m · incomplete'])
  })

  test('that falls silent leaves as incomplete', async () => {
    const { recorder, capture } = recording({ limits: { turnIdle: 40 } })
    recorder.start({ name: 'agent', type: 'other' })
    await pause(160)
    expect(capture.traces.map(spanTree)).toEqual(['agent · incomplete'])
  })

  test('an event moves its end further away', async () => {
    const { recorder, capture } = recording({ limits: { turnIdle: 120 } })
    const root = recorder.start({ name: 'agent', type: 'other' })
    await pause(80)
    recorder.update(root, { metadata: { still: 'here' } })
    await pause(80)
    expect(capture.traces).toHaveLength(0)
    await pause(150)
    expect(capture.traces).toHaveLength(1)
  })
})

describe('keys', () => {
  test('a key that is open starts nothing, and the first end wins', () => {
    const { recorder, capture } = recording()
    const first = recorder.start({ name: 'chat m', type: 'llm', key: 'x:1' })
    const second = recorder.start({ name: 'chat again', type: 'llm', key: 'x:1' })
    expect(second).toBe(first)
    recorder.end(recorder.find('x:1'), { output: 'first' })
    recorder.end(first, { output: 'second', status: 'cancelled' })
    expect(capture.traces).toHaveLength(1)
    expect(capture.traces[0]?.spans).toHaveLength(1)
    expect(capture.traces[0]?.spans[0]).toMatchObject({ name: 'chat m', output: 'first' })
  })

  test('a key that was used before begins a new trace', () => {
    const { recorder, capture } = recording()
    for (const name of ['one', 'two']) {
      recorder.end(recorder.start({ name, type: 'other', key: 'x:1' }))
    }
    expect(capture.traces.map((trace) => trace.name)).toEqual(['one', 'two'])
    expect(new Set(capture.traces.map((trace) => trace.id)).size).toBe(2)
  })

  test('a run whose parent has left is counted as late and never a new trace, nor is a child of it', () => {
    const { recorder, capture } = recording()
    recorder.end(recorder.start({ name: 'agent', type: 'other', key: 'x:1' }))
    expect(
      recorder.start({ name: 'late', type: 'tool', key: 'x:2', parentKey: 'x:1' }),
    ).toBeUndefined()
    expect(
      recorder.start({ name: 'later', type: 'tool', key: 'x:3', parentKey: 'x:2' }),
    ).toBeUndefined()
    expect(capture.traces).toHaveLength(1)
    expect(recorder.stats().late).toBe(2)
    expect(recorder.traceIdOf('x:3')).toBe(recorder.traceIdOf('x:1'))
    expect(recorder.traceIdOf('x:3')).toBeDefined()
  })

  test('a parent that nobody knows makes a root', () => {
    const { recorder, capture } = recording()
    recorder.end(recorder.start({ name: 'agent', type: 'other', key: 'x:2', parentKey: 'x:1' }))
    expect(capture.traces.map((trace) => trace.name)).toEqual(['agent'])
  })
})

describe('parents', () => {
  test('the active run is the parent, and one that has left is none', async () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'first', type: 'other' })
    expect(root).toBeDefined()
    if (root === undefined) {
      return
    }
    await withRun(root, async () => {
      recorder.end(recorder.start({ name: 'inside', type: 'tool' }))
      recorder.end(root)
      await pause(0)
      recorder.end(recorder.start({ name: 'second', type: 'other' }))
    })
    expect(capture.traces.map(spanTree)).toEqual(['first · ok\n└─ tool inside · ok', 'second · ok'])
  })

  test('work of an ended run hangs under the nearest open one above it', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'agent', type: 'other' })
    const tool = recorder.start({ name: 'tool', type: 'tool', parent: root })
    recorder.end(tool)
    if (tool !== undefined) {
      withRun(tool, () => recorder.end(recorder.start({ name: 'detached', type: 'tool' })))
    }
    recorder.end(root)
    expect(capture.traces.map(spanTree)).toEqual([
      'agent · ok\n├─ tool tool · ok\n└─ tool detached · ok',
    ])
  })

  test('of the active run and a look-up the innermost wins', () => {
    const { recorder, capture } = recording()
    let current: string | undefined
    addAmbientLookup('test-framework', () => current)
    const root = recorder.start({ name: 'outer', type: 'other' })
    const tool = recorder.start({ name: 'inner', type: 'tool', key: 'f:1', parent: root })
    current = 'f:1'
    if (root !== undefined) {
      withRun(root, () => recorder.end(recorder.start({ name: 'call', type: 'llm' })))
    }
    current = undefined
    recorder.end(tool)
    recorder.end(root)
    expect(capture.traces.map(spanTree)).toEqual([
      'outer · ok\n└─ tool inner · ok\n   └─ llm call · ok',
    ])
  })

  test('an active run inside an ambient parent is nearer than that parent', () => {
    const { recorder, capture } = recording()
    const agent = recorder.start({ name: 'agent', type: 'other', key: 'f:agent' })
    const tool = recorder.start({ name: 'tool', type: 'tool', parent: agent })
    if (tool !== undefined) {
      withRun(tool, () => {
        const start = { type: 'other', parentKey: 'f:agent' } as const
        recorder.end(recorder.start({ ...start, name: 'ambient', isParentAmbient: true }))
        recorder.end(recorder.start({ ...start, name: 'explicit' }))
      })
    }
    recorder.end(tool)
    recorder.end(agent)
    expect(capture.traces.map(spanTree)).toEqual([
      'agent · ok\n├─ tool tool · ok\n│  └─ other ambient · ok\n└─ other explicit · ok',
    ])
  })

  test('runs of two clients do not mix', async () => {
    const one = recording()
    const other = recording()
    await one.client.trace('one', () =>
      other.client.trace('other', () => one.client.span('inside', 'tool', () => 'x')),
    )
    expect(one.capture.traces.map(spanTree)).toEqual(['one · ok\n└─ tool inside · ok'])
    expect(other.capture.traces.map(spanTree)).toEqual(['other · ok'])
  })
})

describe('folding', () => {
  test('plumbing is left out and its children move up', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'graph', type: 'other' })
    const sequence = recorder.start({ name: 'Sequence', type: 'other', parent: root, folded: true })
    const inner = recorder.start({ name: 'Inner', type: 'other', parent: sequence, folded: true })
    recorder.end(recorder.start({ name: 'chat m', type: 'llm', parent: inner }))
    recorder.end(inner)
    recorder.end(sequence)
    recorder.end(root)
    expect(capture.traces.map(spanTree)).toEqual(['graph · ok\n└─ llm chat m · ok'])
  })

  test('an error that arose in plumbing unfolds it, with its name, and only there', () => {
    const { recorder, capture } = recording()
    const failure = new TypeError('parse failed')
    const root = recorder.start({ name: 'graph', type: 'other' })
    const sequence = recorder.start({ name: 'Sequence', type: 'other', parent: root, folded: true })
    const parser = recorder.start({ name: 'Parser', type: 'other', parent: sequence, folded: true })
    recorder.fail(parser, failure)
    recorder.fail(sequence, new Error('sequence failed', { cause: failure }))
    recorder.fail(root, failure)
    expect(capture.traces.map(spanTree)).toEqual([
      'graph · error (TypeError: parse failed)\n└─ other Parser · error (TypeError: parse failed)',
    ])
  })

  test('a text that is thrown has one origin too', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'graph', type: 'other' })
    const sequence = recorder.start({ name: 'Sequence', type: 'other', parent: root, folded: true })
    recorder.fail(recorder.start({ name: 'chat m', type: 'llm', parent: sequence }), 'refused')
    recorder.fail(sequence, 'refused')
    recorder.fail(root, 'refused')
    expect(capture.traces.map(spanTree)).toEqual([
      'graph · error (Error: refused)\n└─ llm chat m · error (Error: refused)',
    ])
  })
})

describe('what a trace shows', () => {
  test('a root that is a call is the one span of its trace', () => {
    const { recorder, capture } = recording()
    const messages = [
      { role: 'system', parts: [{ type: 'text', content: 'Be brief.' }] },
      { role: 'user', parts: [{ type: 'text', content: 'Hi' }] },
    ]
    const call = recorder.start({ name: 'chat m', type: 'llm', model: 'm', input: messages })
    recorder.end(call, {
      output: [{ role: 'assistant', parts: [{ type: 'text', content: 'Hello' }] }],
      usage: {
        promptTokens: 10,
        completionTokens: 5,
        cachedTokens: 4,
        reasoningTokens: Number.NaN,
      },
    })
    const [trace] = capture.traces
    expect(trace).toMatchObject({ name: 'chat m', input: 'Hi', output: 'Hello', model: 'm' })
    expect(trace?.spans).toHaveLength(1)
    expect(trace?.spans[0]).toMatchObject({
      input: messages,
      usage: { promptTokens: 10, completionTokens: 5, cachedTokens: 4 },
      metadata: { 'gen_ai.usage.cache_read.input_tokens': 4, 'gen_ai.request.model': 'm' },
    })
    expect(trace?.spans[0]?.id).not.toBe(trace?.id)
    expect(trace?.spans[0]?.metadata).not.toHaveProperty(['gen_ai.usage.reasoning.output_tokens'])
  })

  test('usage stands on model spans alone', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'agent', type: 'other' })
    recorder.end(recorder.start({ name: 'chat m', type: 'llm', parent: root }), {
      usage: { promptTokens: 1, completionTokens: 2 },
    })
    recorder.end(root, { usage: { promptTokens: 1, completionTokens: 2 } })
    expect(spanTree(capture.traces[0] ?? expect.fail())).toBe(
      'agent · ok · 1 in, 2 out\n└─ llm chat m · ok · 1 in, 2 out',
    )
  })

  test('a root that was told neither shows the input and the answer of what ran in it', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'route', type: 'other' })
    recorder.end(recorder.start({ name: 'agent', type: 'other', parent: root, input: 'Q' }), {
      output: 'A',
    })
    recorder.end(root)
    expect(capture.traces[0]).toMatchObject({ input: 'Q', output: 'A' })
  })

  test('is what it was when it was told, whatever the host changes later', () => {
    const { recorder, capture } = recording()
    const input = { items: [1] }
    const root = recorder.start({ name: 'agent', type: 'other', input, metadata: { input } })
    input.items.push(2)
    recorder.end(root)
    expect(capture.traces[0]?.input).toEqual({ items: [1] })
    expect(capture.traces[0]?.metadata['input']).toEqual({ items: [1] })
  })

  test('inputs and outputs are left out where the client records none; an error keeps its type', () => {
    const { recorder, capture } = recording({ recordInputs: false, recordOutputs: false })
    const root = recorder.start({ name: 'agent', type: 'other', input: 'secret' })
    recorder.fail(root, Object.assign(new RangeError('secret'), { code: 'E_RANGE' }), {
      output: 'secret',
    })
    expect(JSON.stringify(capture.traces)).not.toContain('secret')
    expect(capture.traces[0]?.error).toBe('RangeError: E_RANGE')
  })
})

describe('sessions and ids', () => {
  test('of the sources of a session the best one wins, whenever it is told', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'agent', type: 'other' })
    const child = recorder.start({
      name: 'graph',
      type: 'other',
      parent: root,
      conversationId: 'thread-1',
    })
    recorder.update(child, { conversationId: 'thread-2' })
    recorder.end(child)
    recorder.end(root)
    expect(capture.traces[0]?.sessionId).toBe('thread-1')

    const given = recorder.start({ name: 'agent', type: 'other', conversationId: 'thread-1' })
    recorder.update(given, { sessionId: 'call' })
    recorder.end(given)
    expect(capture.traces[1]?.sessionId).toBe('call')

    recorder.end(recorder.start({ name: 'agent', type: 'other' }))
    expect(capture.traces[2]?.sessionId).toBe(capture.traces[2]?.id)
  })

  test('a trace id is the one that is wanted, once; what is no UUID becomes the external id', () => {
    const { recorder, capture } = recording()
    const id = '0190F5FE-7C00-7A00-8000-00000000ABCD'
    for (const traceId of [id, id, 'run-7']) {
      recorder.end(recorder.start({ name: 'agent', type: 'other', traceId }))
    }
    const [first, again, named] = capture.traces
    expect(first?.id).toBe(id.toLowerCase())
    expect(again?.id).not.toBe(first?.id)
    expect(named?.id).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
    expect(named?.externalId).toBe('run-7')
  })
})

describe('bounds', () => {
  test('beyond the number of open turns the one that was silent longest leaves', () => {
    const { recorder, capture } = recording({ limits: { openTurns: 2 } })
    const first = recorder.start({ name: 'first', type: 'other' })
    recorder.start({ name: 'second', type: 'other' })
    recorder.update(first, { metadata: { alive: true } })
    recorder.start({ name: 'third', type: 'other' })
    expect(capture.traces.map(spanTree)).toEqual(['second · incomplete'])
    expect(recorder.stats()).toMatchObject({ open: 2, cut: { turns: 1 } })
  })

  test('beyond the bytes too', () => {
    const { recorder, capture } = recording({ limits: { openTurnBytes: 10_000 } })
    recorder.start({ name: 'small', type: 'other' })
    recorder.start({ name: 'large', type: 'other', input: 'x'.repeat(9200) })
    expect(capture.traces.map(spanTree)).toEqual(['small · incomplete'])
  })

  test('beyond the number of spans they are counted and not shown', () => {
    const { recorder, capture } = recording({ limits: { spansPerTrace: 3 } })
    const root = recorder.start({ name: 'agent', type: 'other' })
    for (let index = 0; index < 5; index += 1) {
      const tool = recorder.start({
        name: `tool ${index}`,
        type: 'tool',
        key: `t:${index}`,
        parent: root,
      })
      recorder.end(recorder.start({ name: 'inner', type: 'tool', parent: tool }))
      recorder.end(tool)
    }
    recorder.end(root)
    expect(spanTree(capture.traces[0] ?? expect.fail())).toBe(
      'agent · ok\n└─ tool tool 0 · ok\n   └─ tool inner · ok',
    )
    expect(capture.traces[0]?.metadata['trulayer.truncated']).toBe('8 spans')
    expect(recorder.stats()).toMatchObject({ open: 0, hiddenSpans: 8 })
  })

  test('closing everything leaves nothing open', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'agent', type: 'other' })
    recorder.start({ name: 'tool', type: 'tool', parent: root })
    recorder.start({ name: 'other', type: 'other' })
    recorder.closeAll()
    expect(capture.traces.map(spanTree)).toEqual([
      'agent · incomplete\n└─ tool tool · incomplete',
      'other · incomplete',
    ])
    recorder.end(root)
    expect(recorder.stats()).toMatchObject({ open: 0, late: 1 })
    expect(capture.traces).toHaveLength(2)
  })
})

describe('a run', () => {
  test('that is open when its trace leaves tells what has come so far', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'agent', type: 'other' })
    const told: string[] = []
    const onClose = (output: string) => () => {
      told.push(output)
      return { output }
    }
    const ended = recorder.start({ name: 'a', type: 'llm', parent: root, onClose: onClose('no') })
    recorder.end(ended, { output: 'whole' })
    recorder.start({ name: 'b', type: 'llm', parent: root, onClose: onClose('half') })
    recorder.start({
      name: 'c',
      type: 'llm',
      parent: root,
      onClose: () => {
        throw new Error('a fault')
      },
    })
    recorder.closeAll()
    expect(told).toEqual(['half'])
    expect(capture.traces[0]?.spans.map(({ status, output }) => [status, output])).toEqual([
      ['ok', 'whole'],
      ['incomplete', 'half'],
      ['incomplete', undefined],
    ])
    expect(recorder.stats().open).toBe(0)
  })

  test('may be told of afterwards, though not from before its trace', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'agent', type: 'other' })
    const before = (root?.startedAt ?? 0) - 1000
    recorder.end(recorder.start({ name: 'a', type: 'tool', parent: root }))
    recorder.end(recorder.start({ name: 'b', type: 'tool', parent: root, startedAt: before }))
    recorder.end(root)
    const [trace] = capture.traces
    expect(trace?.spans[1]?.startedAt).toBe(trace?.startedAt)
  })

  test('that keeps its payload to itself does so for all inside it', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'trace', type: 'other', input: 'seen' })
    const secret = recorder.start({
      name: 'secret',
      type: 'other',
      parent: root,
      input: 'hidden',
      recordInputs: false,
      recordOutputs: false,
    })
    const tool = recorder.start({ name: 'tool', type: 'tool', parent: secret, input: 'hidden' })
    recorder.fail(tool, new TypeError('hidden'), { output: 'hidden' })
    recorder.end(secret, { output: 'hidden' })
    recorder.end(root, { output: 'seen' })
    expect(JSON.stringify(capture.traces)).not.toContain('hidden')
    expect(capture.traces[0]).toMatchObject({ input: 'seen', output: 'seen' })
    expect(capture.traces[0]?.spans[1]?.error).toMatch(/^TypeError/)
  })
})
