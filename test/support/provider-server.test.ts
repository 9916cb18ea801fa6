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
  expect(stream).toContain('"usage":{"output_tokens":12}')
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
