import { captureTraces, spanTree } from '@trulayer/core/testing'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'

import { type ProviderServer, startProviderServer } from '../support/provider-server.ts'

const TOKENS = { fresh: 100, answer: 20 }
const LLM = 'llm chat gpt-4o-mini · ok · 100 in, 20 out'
const capture = captureTraces()
let provider: ProviderServer
let POST: (request: Request) => Promise<Response>

beforeAll(async () => {
  provider = await startProviderServer(({ body }) =>
    JSON.stringify(body).includes('It is sunny in Rome.')
      ? { text: 'Sunny, so take a hat with you.', tokens: TOKENS, delay: 10 }
      : {
          toolCalls: [{ id: 'call_1', name: 'weather', arguments: { city: 'Rome' } }],
          tokens: TOKENS,
        },
  )
  vi.stubEnv('OPENAI_API_KEY', 'sk-none')
  vi.stubEnv('OPENAI_BASE_URL', provider.baseUrl)
  const route = await import('../../examples/nextjs-route/src/route.ts')
  POST = route.POST
})

afterAll(async () => {
  vi.unstubAllEnvs()
  capture.stop()
  await provider.close()
})

beforeEach(() => capture.clear())

function ask(id: string): Promise<Response> {
  const messages = [
    { id: 'm1', role: 'user', parts: [{ type: 'text', text: 'What is the weather in Rome?' }] },
  ]
  return POST(
    new Request('http://localhost/api/chat', {
      method: 'POST',
      body: JSON.stringify({ id, messages }),
    }),
  )
}

test('each answer is one trace of the conversation', async () => {
  const response = await ask('chat-1')
  expect(await response.text()).toContain('hat')
  const trace = await capture.last()
  expect(spanTree(trace)).toBe(`streamText · ok · 200 in, 40 out
├─ ${LLM}
├─ tool weather · ok
└─ ${LLM}`)
  expect(trace).toMatchObject({
    sessionId: 'chat-1',
    input: 'What is the weather in Rome?',
    output: 'Sunny, so take a hat with you.',
  })
})

test('a reader who leaves midway makes a cancelled one, and the next is answered', async () => {
  const left = await ask('chat-2')
  const reader = left.body?.getReader()
  let received = ''
  while (!received.includes('Sunny')) {
    received += new TextDecoder().decode((await reader?.read())?.value)
  }
  await reader?.cancel()
  const trace = await capture.last()
  expect(spanTree(trace)).toBe(`streamText · cancelled · 100 in, 20 out
├─ ${LLM}
├─ tool weather · ok
└─ llm chat gpt-4o-mini · cancelled`)
  expect(trace.output).toMatch(/^Sunny, /)

  const next = await ask('chat-2')
  expect(await next.text()).toContain('hat')
  await vi.waitFor(() => expect(capture.traces).toHaveLength(2))
  expect(capture.traces.map(({ sessionId }) => sessionId)).toEqual(['chat-2', 'chat-2'])
})
