import { describe, expect, test } from 'vitest'
import type { CallClaim } from '../../src/record/claims.ts'
import { addAmbientLookup, withRun } from '../../src/record/context.ts'
import type { Recorder } from '../../src/record/recorder.ts'
import type { Run } from '../../src/record/run.ts'
import { spanTree } from '../../src/testing/index.ts'
import type { JsonValue } from '../../src/shape/json.ts'
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

  test('ends nothing after the span that contains it', async () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'agent', type: 'other' })
    const tool = recorder.start({ name: 'search', type: 'tool', parent: root })
    const plumbing = recorder.start({ name: 'step', type: 'other', parent: tool, folded: true })
    const model = recorder.start({ name: 'chat m', type: 'llm', parent: plumbing })
    const leftAt = recorder.now()
    await pause(5)
    recorder.end(model, { status: 'cancelled' })
    recorder.end(plumbing, { endedAt: leftAt })
    recorder.end(tool, { endedAt: leftAt })
    const late = recorder.start({ name: 'late', type: 'other', parent: root })
    recorder.end(root, { endedAt: leftAt })
    await pause(5)
    recorder.end(late)
    const [trace] = capture.traces
    const [search, chat, last] = trace?.spans ?? []
    expect(trace?.spans.map(({ name }) => name)).toEqual(['search', 'chat m', 'late'])
    expect(search?.endedAt).toBe(chat?.endedAt)
    expect(last?.endedAt).toBeGreaterThan(search?.endedAt ?? Infinity)
    expect(trace?.endedAt).toBe(last?.endedAt)
  })

  test('keeps messages as it keeps any payload', () => {
    const { recorder, capture } = recording()
    const messages = (content: string) => [
      { role: 'user', parts: [{ type: 'text' as const, content }] },
    ]
    const start = { name: 'chat m', type: 'llm' as const }
    const shown = recorder.start({ ...start, inputMessages: messages('one'), input: 'not this' })
    recorder.end(shown, { outputMessages: messages('two') })
    const hidden = recorder.start({
      ...start,
      inputMessages: messages('one'),
      recordInputs: false,
      recordOutputs: false,
    })
    recorder.end(hidden, { outputMessages: messages('two') })
    expect(capture.traces.map(({ spans }) => [spans[0]?.input, spans[0]?.output])).toEqual([
      [messages('one'), messages('two')],
      [undefined, undefined],
    ])
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

  test('the active run is nearer than a look-up that it lies inside of', () => {
    const { recorder, capture } = recording()
    let current: string | undefined
    addAmbientLookup('test-outer', () => current)
    const root = recorder.start({ name: 'outer', type: 'other', key: 'f:2' })
    const tool = recorder.start({ name: 'inner', type: 'tool', parent: root })
    // A second look-up of that name changes nothing.
    addAmbientLookup('test-outer', () => 'another')
    current = 'f:2'
    if (tool !== undefined) {
      withRun(tool, () => recorder.end(recorder.start({ name: 'call', type: 'llm' })))
    }
    current = undefined
    recorder.end(tool)
    recorder.end(root)
    expect(capture.traces.map(spanTree)).toEqual([
      'outer · ok\n└─ tool inner · ok\n   └─ llm call · ok',
    ])
  })

  test('of unrelated ones the run that started last is the parent, whichever tells of it', () => {
    const { recorder, capture } = recording()
    let current: string | undefined
    addAmbientLookup('test-beside', () => current)
    const starts = ['first', 'second'].map((name) =>
      recorder.start({ name, type: 'other', key: `b:${name}` }),
    )
    const [first, second] = starts
    current = 'b:second'
    if (first !== undefined) {
      withRun(first, () => recorder.end(recorder.start({ name: 'a', type: 'llm' })))
    }
    current = 'b:first'
    if (second !== undefined) {
      withRun(second, () => recorder.end(recorder.start({ name: 'b', type: 'llm' })))
    }
    current = undefined
    starts.forEach((run) => recorder.end(run))
    expect(capture.traces.map(spanTree)).toEqual([
      'first · ok',
      'second · ok\n├─ llm a · ok\n└─ llm b · ok',
    ])
  })

  test('an ambient parent whose trace has left, or whose look-up throws, is none', () => {
    const { recorder, capture } = recording()
    let current: string | undefined
    addAmbientLookup('test-gone', () => current)
    recorder.end(recorder.start({ name: 'gone', type: 'other', key: 'g:1' }))
    current = 'g:1'
    addAmbientLookup('test-throws', () => {
      if (current !== undefined) {
        throw new Error('another shape')
      }
      return undefined
    })
    recorder.end(recorder.start({ name: 'next', type: 'other' }))
    current = undefined
    expect(capture.traces.map(spanTree)).toEqual(['gone · ok', 'next · ok'])
    expect(recorder.stats().late).toBe(0)
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

describe('a call that two frameworks tell', () => {
  const below = { name: 'chat m', type: 'llm', model: 'm' } as const
  const claim = { model: undefined, text: undefined }

  test('is one span, as often as it is told below', () => {
    const { recorder, capture } = recording()
    const node = recorder.start({ name: 'node', type: 'other' })
    const plumbing = recorder.start({ name: 'x', type: 'other', parent: node, folded: true })
    const upper = recorder.start({ ...below, parent: plumbing, claims: claim })
    const operation = recorder.start({
      name: 'generateText',
      type: 'other',
      parent: node,
      metadata: { 'trulayer.framework': 'ai-sdk' },
    })
    // An attempt that fails is no span either, nor is its failure.
    recorder.fail(recorder.start({ ...below, parent: operation }), new Error('busy'))
    recorder.end(recorder.start({ ...below, parent: operation }), { usage: { promptTokens: 9 } })
    recorder.end(recorder.start({ name: 'search', type: 'tool', parent: operation }))
    recorder.end(operation)
    recorder.end(upper, { usage: { promptTokens: 2 } })
    recorder.end(plumbing)
    recorder.end(node)
    expect(capture.traces.map(spanTree)).toEqual([
      'node · ok · 2 in\n├─ llm chat m · ok · 2 in\n└─ tool search · ok',
    ])
  })

  describe('where the framework has no context for it', () => {
    const inputMessages = [{ role: 'user', parts: [{ type: 'text', content: 'Q' }] }] as const
    const conversation = [
      { role: 'user', parts: [{ type: 'text', content: 'Mine alone' }] },
      ...inputMessages,
    ] as const
    const asked = { model: 'm', text: 'Q' }
    const lone = { ...below, inputMessages }
    const TREE = 'agent · ok\n└─ llm chat m · ok'

    /* Starts an agent and its call, as an adapter does. */
    function agentCall(recorder: Recorder, more: Partial<CallClaim> = {}, parent?: Run) {
      const agent = recorder.start({ name: 'agent', type: 'other', parent })
      const call = recorder.start({
        name: 'chat m',
        type: 'llm',
        parent: agent,
        claims: { ...asked, ...more },
      })
      for (const run of [agent, call]) {
        if (run !== undefined) {
          run.notes = { adapter: 'framework' }
        }
      }
      const end = (): void => {
        recorder.end(call)
        recorder.end(agent)
      }
      return { call, end }
    }

    test('is found by model and text, and is no trace', () => {
      const { recorder, capture } = recording()
      const { end } = agentCall(recorder)
      recorder.end(recorder.start(lone))
      end()
      expect(capture.traces.map(spanTree)).toEqual([TREE])
    })

    test('is found inside what the host has put around the framework', async () => {
      const { client, recorder, capture } = recording()
      await client.trace('outer', () => {
        const { end } = agentCall(recorder, {}, recorder.active())
        recorder.end(recorder.start(lone))
        end()
      })
      expect(capture.traces.map(spanTree)).toEqual([
        'outer · ok\n└─ other agent · ok\n   └─ llm chat m · ok',
      ])
    })

    test('is found by the operation that is about to make it', () => {
      const { recorder, capture } = recording()
      const { end } = agentCall(recorder)
      const operation = recorder.start({
        name: 'streamText',
        type: 'other',
        folded: true,
        metadata: { 'trulayer.framework': 'ai-sdk' },
        asks: () => asked,
      })
      recorder.end(recorder.start({ ...lone, parent: operation }))
      recorder.end(operation)
      end()
      expect(capture.traces.map(spanTree)).toEqual([TREE])
    })

    test.each([
      ['of another model', {}, { model: 'other' }],
      ['without a text', {}, { inputMessages: undefined }],
      ['that ends with the same text', {}, { inputMessages: conversation }],
      ['while the framework does something else', { isExpected: () => false }, {}],
    ])('another call is a trace of its own: %s', (_, more, fields) => {
      const { recorder, capture } = recording()
      const { end } = agentCall(recorder, more)
      recorder.end(recorder.start({ ...lone, ...fields }))
      end()
      expect(capture.traces.map(spanTree)).toEqual(['chat m · ok\n└─ llm chat m · ok', TREE])
    })

    test.each([
      ['once', {}, {}, 2],
      ['again after an attempt that failed', {}, { status: 'error' as const }, 1],
      ['as often as it says', { isSeries: true }, {}, 1],
    ])('is matched %s', (_, more, end, count) => {
      const { recorder, capture } = recording()
      const turn = agentCall(recorder, more)
      recorder.end(recorder.start(lone), end)
      recorder.end(recorder.start(lone))
      turn.end()
      expect(capture.traces).toHaveLength(count)
    })

    test('does not hold its trace with a stream that nobody reads', () => {
      const { recorder, capture } = recording()
      const { call, end } = agentCall(recorder)
      const stream = recorder.start({ ...lone, held: true })
      expect(stream?.turn).toBe(call?.turn)
      end()
      expect(call?.turn.heldRuns).toBe(0)
      recorder.end(stream)
      expect(capture.traces.map(spanTree)).toEqual([TREE])
    })
  })

  test('has the cost that the library below reported', () => {
    const { recorder, capture } = recording()
    const node = recorder.start({ name: 'node', type: 'other' })
    const upper = recorder.start({ ...below, parent: node, claims: claim })
    recorder.end(recorder.start({ ...below, parent: node }), { reportedCost: 0.25 })
    recorder.end(upper)
    recorder.end(node)
    expect(capture.traces[0]?.spans.map(({ cost }) => cost)).toEqual([0.25])
  })

  test.each([
    ['of another model', { model: 'other' }, true, 'generateText'],
    ['after it has ended', {}, false, 'generateText'],
    ["in a span of the host's own", {}, true, undefined],
  ])('another call is another span: %s', (_, fields, isOpen, framework) => {
    const { recorder, capture } = recording()
    const node = recorder.start({ name: 'node', type: 'other' })
    const upper = recorder.start({ ...below, parent: node, claims: claim })
    if (!isOpen) {
      recorder.end(upper)
    }
    const metadata = { 'trulayer.framework': framework }
    const operation = recorder.start({ name: 'op', type: 'other', parent: node, metadata })
    recorder.end(recorder.start({ ...below, ...fields, parent: operation }))
    recorder.end(operation)
    recorder.end(upper)
    recorder.end(node)
    expect(capture.traces.map(spanTree)).toEqual([
      'node · ok\n├─ llm chat m · ok\n└─ other op · ok\n   └─ llm chat m · ok',
    ])
  })

  test('each takes one, and the next is another call', () => {
    const { recorder, capture } = recording()
    const node = recorder.start({ name: 'node', type: 'other' })
    const uppers = [1, 2].map(() => recorder.start({ ...below, parent: node, claims: claim }))
    recorder.end(recorder.start({ ...below, parent: node }))
    recorder.end(recorder.start({ ...below, parent: node }))
    recorder.end(recorder.start({ ...below, name: 'chat third', parent: node }))
    uppers.forEach((upper) => recorder.end(upper))
    recorder.end(node)
    expect(capture.traces[0]?.spans.map(({ name }) => name)).toEqual([
      'chat m',
      'chat m',
      'chat third',
    ])
  })

  test('of a model that the framework does not name is told by what it does', () => {
    const { recorder, capture } = recording()
    const metadata = { 'gen_ai.operation.name': 'chat' }
    const node = recorder.start({ name: 'node', type: 'other' })
    const upper = recorder.start({
      name: 'chat',
      type: 'llm',
      parent: node,
      claims: claim,
      metadata,
    })
    const embedding = { 'gen_ai.operation.name': 'embeddings' }
    recorder.end(recorder.start({ ...below, name: 'e', parent: node, metadata: embedding }))
    recorder.end(recorder.start({ ...below, parent: node, metadata }))
    recorder.end(upper)
    recorder.end(node)
    expect(capture.traces[0]?.spans.map(({ name }) => name)).toEqual(['chat', 'e'])
  })

  test('has the tokens that the library was billed where its framework tells none', () => {
    const { recorder, capture } = recording()
    const node = recorder.start({ name: 'node', type: 'other' })
    const upper = recorder.start({ ...below, parent: node, claims: claim })
    const operation = recorder.start({
      name: 'generateText',
      type: 'other',
      parent: node,
      metadata: { 'trulayer.framework': 'ai-sdk' },
    })
    for (const usage of [
      { promptTokens: 2, cachedTokens: 1 },
      { promptTokens: 3, completionTokens: 4 },
    ]) {
      recorder.end(recorder.start({ ...below, parent: operation, input: 'seen already' }), {
        usage,
      })
    }
    recorder.end(operation)
    recorder.end(upper, { output: 'A' })
    recorder.end(node)
    const [trace] = capture.traces
    expect(trace?.spans).toHaveLength(1)
    expect(trace?.spans[0]?.usage).toEqual({
      promptTokens: 5,
      completionTokens: 4,
      cachedTokens: 1,
    })
    expect(trace).toMatchObject({ output: 'A', model: 'm' })
    expect(JSON.stringify(trace)).not.toContain('seen already')
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

  test('a root that was told nothing has the input and output of plumbing that was told them', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'graph', type: 'other' })
    const empty = recorder.start({ name: 'Lock', type: 'other', parent: root, folded: true })
    recorder.end(empty)
    const query = {
      name: 'Query',
      type: 'other',
      parent: root,
      folded: true,
      input: 'why?',
    } as const
    recorder.end(recorder.start(query), { output: 'because' })
    recorder.end(recorder.start({ ...query, name: 'Log', input: undefined }))
    recorder.end(root)
    expect(capture.traces[0]).toMatchObject({ input: 'why?', output: 'because', spans: [] })
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

  test('a root that failed answers nothing, whatever ran in it', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'route', type: 'other' })
    recorder.end(recorder.start({ name: 'agent', type: 'other', parent: root, input: 'Q' }), {
      output: 'half of it',
    })
    recorder.fail(root, new Error('down'))
    expect(capture.traces[0]).toMatchObject({ input: 'Q', output: undefined })
  })

  test('metadata stands once: of a root that is a call, on its span', () => {
    const { recorder, capture } = recording()
    const metadata = { topK: 3 }
    recorder.end(recorder.start({ name: 'search', type: 'retrieval', metadata }))
    recorder.end(recorder.start({ name: 'agent', type: 'other', metadata }))
    expect(capture.traces.map((trace) => trace.metadata['topK'])).toEqual([undefined, 3])
    expect(capture.traces[0]?.spans[0]?.metadata['topK']).toBe(3)
  })

  test('an event in plumbing is one of the span around it', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'graph', type: 'other' })
    const node = recorder.start({ name: 'node', type: 'other', parent: root })
    const plumbing = recorder.start({ name: 'x', type: 'other', parent: node, folded: true })
    recorder.event(plumbing, 'inside')
    recorder.event(root, 'outside')
    for (const run of [plumbing, node, root]) {
      recorder.end(run)
    }
    const [trace] = capture.traces
    expect(trace?.events.map(({ message, spanId }) => [message, spanId])).toEqual([
      ['inside', trace?.spans[0]?.id],
      ['outside', undefined],
    ])
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

  test.each([
    [{ recordInputs: false, recordOutputs: false }, undefined, undefined],
    [{ recordInputs: false }, undefined, 'out'],
    [{ recordOutputs: false }, 'in', undefined],
  ])('%o leaves out what it says, and messages of errors, which quote both', (options, ...left) => {
    const { recorder, capture } = recording(options)
    const error = Object.assign(new RangeError('secret', { cause: 'secret' }), { code: 'E_RANGE' })
    const root = recorder.start({ name: 'agent', type: 'other', input: 'in' })
    const tool = recorder.start({ name: 'tool', type: 'tool', parent: root, input: 'in' })
    recorder.update(tool, { handledError: error })
    recorder.end(tool, { output: 'out' })
    recorder.fail(root, error, { output: 'out', errorMessage: 'secret' })
    const [trace] = capture.traces
    expect(JSON.stringify(trace)).not.toContain('secret')
    for (const holder of [trace, trace?.spans[0]]) {
      expect([holder?.input, holder?.output, holder?.error]).toEqual([
        ...left,
        'RangeError: E_RANGE',
      ])
    }
  })

  test('ids that are numbers, as callers without types give them, are their digits', () => {
    const { client, recorder, capture } = recording()
    const ids = { sessionId: 7, userId: 8 } as unknown as { sessionId: string; userId: string }
    client.withSession(ids, () => recorder.end(recorder.start({ name: 'agent', type: 'other' })))
    const given = { ...ids, externalId: 9n as unknown as string }
    recorder.end(recorder.start({ name: 'agent', type: 'other', ...given }))
    const nothing = { sessionId: null, userId: {} } as unknown as { sessionId: string }
    recorder.end(recorder.start({ name: 'agent', type: 'other', ...nothing }))
    const [first, second, third] = capture.traces
    expect(first).toMatchObject({ sessionId: '7', userId: '8' })
    expect(second).toMatchObject({ sessionId: '7', userId: '8', externalId: '9' })
    expect(third).toMatchObject({ sessionId: third?.id, userId: undefined })
  })
})

test('an error that nobody described is one all the same', () => {
  const { recorder, capture } = recording()
  const root = recorder.start({ name: 'agent', type: 'other' })
  recorder.end(recorder.start({ name: 'tool', type: 'tool', parent: root }), { status: 'error' })
  recorder.end(root, { status: 'error' })
  expect(capture.traces.map(spanTree)).toEqual([
    'agent · error (Error: unknown)\n└─ tool tool · error (Error: unknown)',
  ])
})

describe('sessions and ids', () => {
  test('the user of a session is nearer than the resource of a framework, and that of the call nearest', () => {
    const { client, recorder, capture } = recording()
    const agent = { name: 'agent', type: 'other', resourceId: 'resource' } as const
    recorder.end(recorder.start(agent))
    client.withSession({ userId: 'session' }, () => {
      recorder.end(recorder.start(agent))
      const root = recorder.start(agent)
      recorder.update(root, { userId: 'call' })
      recorder.end(root)
    })
    expect(capture.traces.map(({ userId }) => userId)).toEqual(['resource', 'session', 'call'])
  })

  test('metadata of the call wins over that of the session', () => {
    const { client, recorder, capture } = recording()
    client.withSession({ metadata: { page: '/session', release: 7 } }, () => {
      recorder.end(recorder.start({ name: 'agent', type: 'other', metadata: { page: '/call' } }))
    })
    expect(capture.traces[0]?.metadata).toMatchObject({ page: '/call', release: 7 })
  })

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
    const { recorder, capture, client } = recording({ limits: { openTurns: 2 } })
    const first = recorder.start({ name: 'first', type: 'other' })
    recorder.start({ name: 'second', type: 'other' })
    recorder.update(first, { metadata: { alive: true } })
    recorder.start({ name: 'third', type: 'other' })
    expect(capture.traces.map(spanTree)).toEqual(['second · incomplete'])
    expect(client.stats().traces).toMatchObject({ open: 2, recorded: 1, cut: { turns: 1 } })
  })

  test('beyond the bytes too', () => {
    const { recorder, capture, client } = recording({ limits: { openTurnBytes: 10_000 } })
    recorder.start({ name: 'small', type: 'other' })
    recorder.start({ name: 'large', type: 'other', input: 'x'.repeat(9200) })
    expect(capture.traces.map(spanTree)).toEqual(['small · incomplete'])
    expect(client.stats().traces).toMatchObject({ open: 1, recorded: 1, cut: { bytes: 1 } })
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

  test('are ten thousand turns, sixty-four mebibytes and five thousand spans a trace', () => {
    const turns = recording()
    for (let index = 0; index < 10_002; index += 1) {
      turns.recorder.start({ name: `turn ${index}`, type: 'other' })
    }
    expect(turns.client.stats().traces).toMatchObject({ open: 10_000, cut: { turns: 2 } })
    expect(turns.capture.traces.map(({ name }) => name)).toEqual(['turn 0', 'turn 1'])

    const bytes = recording()
    const megabyte = 'x'.repeat(1_000_000)
    for (let index = 0; index < 68; index += 1) {
      bytes.recorder.start({ name: `turn ${index}`, type: 'other', input: megabyte })
    }
    expect(bytes.client.stats().traces).toMatchObject({ open: 67, cut: { bytes: 1 } })

    const spans = recording()
    const root = spans.recorder.start({ name: 'agent', type: 'other' })
    for (let index = 0; index < 5002; index += 1) {
      spans.recorder.end(spans.recorder.start({ name: 'tool', type: 'tool', parent: root }))
    }
    spans.recorder.end(root)
    const [trace] = spans.capture.traces
    expect(trace?.spans).toHaveLength(4999)
    expect(trace?.metadata['trulayer.truncated']).toBe('3 spans')
    expect(spans.client.stats().spans).toEqual({
      recorded: 4999,
      dropped: { spans_per_trace: 3 },
    })
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

  test('ends neither before it began nor in the future', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: 'agent', type: 'other' })
    for (const offset of [-5000, 5000]) {
      const run = recorder.start({ name: 'a', type: 'tool', parent: root })
      recorder.end(run, { endedAt: (run?.startedAt ?? 0) + offset })
    }
    recorder.end(root)
    const [trace] = capture.traces
    expect(trace?.spans[0]?.endedAt).toBe(trace?.spans[0]?.startedAt)
    expect(trace?.spans[1]?.endedAt).toBeLessThanOrEqual(trace?.endedAt ?? 0)
  })

  test('without a name goes by its kind, and an empty one takes none away', () => {
    const { recorder, capture } = recording()
    const root = recorder.start({ name: '', type: 'other' })
    const tool = recorder.start({ name: 'search', type: 'tool', parent: root })
    recorder.end(tool, { name: '' })
    recorder.end(recorder.start({ name: '', type: 'tool', parent: root }))
    recorder.end(root)
    expect(capture.traces.map(spanTree)).toEqual([
      'other · ok\n├─ tool search · ok\n└─ tool tool · ok',
    ])
  })

  test('holds nothing but ids once its trace has left, however long the host holds it', () => {
    const { recorder, client } = recording()
    const root = recorder.start({ name: 'agent', type: 'other', input: 'Q', metadata: { a: 1 } })
    recorder.end(root, { output: 'A' })
    expect(root).toMatchObject({ input: undefined, output: undefined })
    recorder.end(recorder.start({ name: 'the next turn', type: 'other' }))
    expect(root).toMatchObject({ metadata: undefined, notes: undefined })
    expect(root?.turn.runs).toEqual([])
    recorder.update(root, { output: 'late' })
    recorder.update(undefined, { output: 'of nothing' })
    expect(root?.output).toBeUndefined()
    expect(client.stats().traces.late).toBe(1)
  })

  test('of a large turn holds nothing but ids at once', () => {
    const { recorder } = recording()
    const root = recorder.start({ name: 'agent', type: 'other', metadata: { a: 1 } })
    recorder.end(root, { output: 'A'.repeat(100_000) })
    expect(root).toMatchObject({ output: undefined, metadata: undefined })
    expect(root?.turn.runs).toEqual([])
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

describe('tool definitions', () => {
  const parameters = { type: 'object', properties: { city: { type: 'string' } } }
  const tools = (): object[] => [{ type: 'function', function: { name: 'weather', parameters } }]

  function definitionsOf(
    options: Parameters<typeof recording>[0],
    lists: readonly unknown[],
  ): (JsonValue | undefined)[] {
    const { recorder, capture } = recording(options)
    const root = recorder.start({ name: 'agent', type: 'other' })
    for (const list of lists) {
      const definitions = recorder.keepDefinitions({ tools: list, responseSchema: parameters })
      recorder.end(recorder.start({ name: 'chat', type: 'llm', parent: root, definitions }))
    }
    recorder.end(root)
    return (capture.traces[0]?.spans ?? []).map(
      ({ metadata }) => metadata['gen_ai.tool.definitions'],
    )
  }

  test('are copied once for all steps that offer the same', () => {
    const changed = tools()
    const { recorder } = recording({ redact: false })
    const first = recorder.keepDefinitions({ tools: tools() })
    expect(recorder.keepDefinitions({ tools: changed })?.['gen_ai.tool.definitions']).toBe(
      first?.['gen_ai.tool.definitions'],
    )
    changed.push({ name: 'time' })
    expect(recorder.keepDefinitions({ tools: changed })?.['gen_ai.tool.definitions']).toHaveLength(
      2,
    )
    expect(first?.['gen_ai.tool.definitions']).toHaveLength(1)
  })

  test('are on each call that offers them', () => {
    const definition = [{ type: 'function', name: 'weather', parameters }]
    expect(definitionsOf({}, [tools(), tools(), []])).toEqual([definition, definition, undefined])
  })

  test('are bounded, and may be turned off', () => {
    const limits = { toolDefinitionBytes: 60 }
    expect(definitionsOf({ limits }, [tools()])).toEqual([[{ type: 'function', name: 'weather' }]])
    expect(definitionsOf({ limits: { toolDefinitionBytes: 0 } }, [tools()])).toEqual([undefined])
  })

  test('are a part of the input', () => {
    expect(definitionsOf({ recordInputs: false }, [tools()])).toEqual([undefined])
  })
})
