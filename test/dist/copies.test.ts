import { createRequire } from 'node:module'

import type * as coreModule from '@trulayer/core'
import type * as testingModule from '@trulayer/core/testing'
import { expect, onTestFinished, test } from 'vitest'

/* One part of a process imports the library and another requires it: two copies, which share one object and nothing else. */
const require = createRequire(import.meta.url)
const required = require('../../packages/core/dist/index.cjs') as typeof coreModule
const requiredTesting = require('../../packages/core/dist/testing.cjs') as typeof testingModule
const imported = (await import(
  new URL('../../packages/core/dist/index.js', import.meta.url).href
)) as typeof coreModule

test('two copies have one global client, one active span and one memory', async () => {
  expect(required.TruLayer).not.toBe(imported.TruLayer)
  const client = imported.init({ mode: 'local', exitHooks: false })
  onTestFinished(() => void client.shutdown())
  expect(required.getClient()).toBe(client)
  expect(required.init({ mode: 'local', exitHooks: false })).toBe(client)

  await imported.getClient().withSession({ sessionId: 'chat-1' }, () =>
    imported.getClient().trace('answer', () =>
      required.getClient().span('search', 'retrieval', async (span) => {
        expect(imported.getClient().currentSpan()?.id).toBe(span.id)
        await imported
          .getClient()
          .suppress(() => required.getClient().span('title', 'llm', () => 1))
      }),
    ),
  )
  const trace = await requiredTesting.lastTrace()
  expect(requiredTesting.spanTree(trace)).toBe('answer · ok\n└─ retrieval search · ok')
  expect(trace.sessionId).toBe('chat-1')
})

test('a capture of one copy takes the traces of a client of the other', async () => {
  const capture = requiredTesting.captureTraces()
  onTestFinished(() => capture.stop())
  const client = new imported.TruLayer({ mode: 'off' })
  const id = '0190f5fe-7c00-7a00-8000-00000000abcd'
  await client.trace('first', () => 1, { id })
  await new required.TruLayer({ mode: 'off' }).trace('second', () => 1, { id })
  expect(capture.traces.map(({ name }) => name)).toEqual(['first', 'second'])
  expect(capture.traces[0]?.id).toBe(id)
  expect(capture.traces[1]?.id).not.toBe(id)
})

test('an error of one copy is known to the other', () => {
  const error = new required.TruLayerError('invalid-argument', 'x')
  expect(error).not.toBeInstanceOf(imported.TruLayerError)
  expect(imported.TruLayerError.isInstance(error)).toBe(true)
})
