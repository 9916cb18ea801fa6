import { expect, test } from 'vitest'

import { startProviderServer } from './provider-server.ts'

const tokens = { fresh: 30, cacheRead: 200, cacheWrite: 50, answer: 8, reasoning: 4 }

function post(url: string, body: object): Promise<Response> {
  return fetch(url, { method: 'POST', body: JSON.stringify(body) })
}

test('chat completions, whole and streamed, are billed alike', async () => {
  await using server = await startProviderServer([{ text: 'Hello there.', tokens }])
  const url = `${server.baseUrl}/chat/completions`
  const whole: unknown = await (await post(url, { model: 'm' })).json()
  expect(whole).toMatchObject({
    model: 'm-2026-10-01',
    choices: [{ message: { content: 'Hello there.' }, finish_reason: 'stop' }],
    usage: {
      prompt_tokens: 280,
      completion_tokens: 12,
      prompt_tokens_details: { cached_tokens: 200 },
      completion_tokens_details: { reasoning_tokens: 4 },
    },
  })
  const asked = { model: 'm', stream: true, stream_options: { include_usage: true } }
  const stream = await (await post(url, asked)).text()
  expect(stream).toContain('"content":"Hello "')
  expect(stream).toContain('"prompt_tokens":280')
  expect(stream).toMatch(/data: \[DONE\]\n\n$/)
  expect(await (await post(url, { model: 'm', stream: true })).text()).not.toContain('usage')
  expect(server.billed.map(({ isStreamed, tokens: billed }) => [isStreamed, billed])).toEqual([
    [false, tokens],
    [true, tokens],
    [true, tokens],
  ])
})

test('messages, whole and streamed, with thoughts and tools', async () => {
  await using server = await startProviderServer([
    {
      reasoning: 'Hm.',
      text: 'Let me see.',
      toolCalls: [{ id: 'call_1', name: 'weather', arguments: { city: 'Paris' } }],
      tokens,
    },
  ])
  const url = `${server.origin}/v1/messages`
  const whole: unknown = await (await post(url, { model: 'm' })).json()
  expect(whole).toMatchObject({
    content: [
      { type: 'thinking', thinking: 'Hm.' },
      { type: 'text', text: 'Let me see.' },
      { type: 'tool_use', name: 'weather', input: { city: 'Paris' } },
    ],
    stop_reason: 'tool_use',
    usage: { input_tokens: 30, cache_read_input_tokens: 200, output_tokens: 12 },
  })
  const stream = await (await post(url, { model: 'm', stream: true })).text()
  expect(stream.match(/^event: .*/gm)?.at(-1)).toBe('event: message_stop')
  expect(stream).toContain('"output_tokens":12')
  expect(stream.match(/"cache_read_input_tokens":200/g)).toHaveLength(2)
})

test('a refusal is not billed, and an unknown path is told', async () => {
  await using server = await startProviderServer((_request, index) =>
    index === 0 ? { status: 429, message: 'too fast' } : { text: 'Hi.' },
  )
  const refused = await post(`${server.baseUrl}/chat/completions`, {})
  expect([refused.status, await refused.text()]).toEqual([429, expect.stringContaining('too fast')])
  await post(`${server.baseUrl}/chat/completions`, { model: 'm' })
  expect(server.billed).toHaveLength(1)
  expect((await post(`${server.baseUrl}/nothing`, {})).status).toBe(404)
})

test('the counts of Gemini, which every piece of a stream repeats', async () => {
  await using server = await startProviderServer([{ text: 'Hello there.', isCut: true, tokens }])
  const url = `${server.origin}/v1beta/models/m`
  const whole: unknown = await (await post(`${url}:generateContent`, {})).json()
  expect(whole).toMatchObject({
    candidates: [{ content: { parts: [{ text: 'Hello there.' }] }, finishReason: 'MAX_TOKENS' }],
    usageMetadata: { promptTokenCount: 280, candidatesTokenCount: 8, totalTokenCount: 292 },
  })
  const stream = await (await post(`${url}:streamGenerateContent?alt=sse`, {})).text()
  expect(stream.match(/"cachedContentTokenCount":200/g)).toHaveLength(2)
  expect(server.billed.map(({ model, isStreamed }) => [model, isStreamed])).toEqual([
    ['m', false],
    ['m', true],
  ])
})

test('Ollama, which streams unless it is asked not to', async () => {
  await using server = await startProviderServer([{ text: 'Hello there.', tokens }])
  const url = `${server.origin}/api/chat`
  const whole: unknown = await (await post(url, { model: 'm', stream: false })).json()
  const counts = { done_reason: 'stop', prompt_eval_count: 280, eval_count: 12 }
  expect(whole).toMatchObject({ message: { content: 'Hello there.' }, ...counts })
  const lines = (await (await post(url, { model: 'm' })).text()).trim().split('\n')
  expect(lines).toHaveLength(3)
  expect(JSON.parse(lines[2] ?? '')).toMatchObject(counts)
})

test('the total of Bedrock, which counts the cache that its input leaves out', async () => {
  await using server = await startProviderServer([{ text: 'Hello there.', tokens }])
  const url = `${server.origin}/model/m/converse`
  const whole: unknown = await (await post(url, {})).json()
  expect(whole).toMatchObject({
    stopReason: 'end_turn',
    usage: { inputTokens: 30, outputTokens: 12, totalTokens: 292, cacheReadInputTokens: 200 },
  })
  expect(await (await post(`${url}-stream`, {})).text()).toContain('"totalTokens":292')
})
