import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { createOpenAI } from '@ai-sdk/openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { canonicalTools } from '../../../test/support/ai-sdk-agents.ts'
import { bothWays, pause, readAll } from './support.ts'

const prompt = 'What is the weather in Paris?'
const usage = {
  prompt_tokens: 100,
  completion_tokens: 30,
  total_tokens: 130,
  prompt_tokens_details: { cached_tokens: 80 },
  completion_tokens_details: { reasoning_tokens: 20 },
}
const head = { id: 'chatcmpl-1', created: 0, model: 'gpt-4o-mini-2024-07-18' }
const call = {
  id: 'call_1',
  type: 'function',
  function: { name: 'weather', arguments: '{"city":"Paris"}' },
}

/* The wire of OpenAI's chat completions: a tool call first, and text once the tool has answered. */
function completion(body: string): unknown {
  const isAnswer = body.includes('"role":"tool"')
  return {
    ...head,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: isAnswer
          ? { role: 'assistant', content: 'It is sunny.' }
          : { role: 'assistant', content: null, tool_calls: [call] },
        finish_reason: isAnswer ? 'stop' : 'tool_calls',
      },
    ],
    usage,
  }
}

function chunks(body: string): unknown[] {
  const chunk = (delta: unknown, finish: string | null = null): unknown => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
  })
  const end = { ...head, object: 'chat.completion.chunk', choices: [], usage }
  return body.includes('"role":"tool"')
    ? [
        chunk({ role: 'assistant', content: 'It is ' }),
        chunk({ content: 'sunny.' }),
        chunk({}, 'stop'),
        end,
      ]
    : [
        chunk({ role: 'assistant', tool_calls: [{ index: 0, ...call }] }),
        chunk({}, 'tool_calls'),
        end,
      ]
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) {
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request)
  if (body.includes('"stream":true')) {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const chunk of chunks(body)) {
      response.write(`data: ${JSON.stringify(chunk)}\n\n`)
      await pause(2)
    }
    response.end('data: [DONE]\n\n')
  } else {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(completion(body)))
  }
}

const server = createServer((request, response) => {
  void answer(request, response)
})
let baseURL: string

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const TREE = `support · ok · 200 in, 60 out
├─ llm chat gpt-4o-mini · ok · 100 in, 30 out
├─ tool weather · ok
└─ llm chat gpt-4o-mini · ok · 100 in, 30 out`

describe('the real provider of OpenAI', () => {
  test.each(['generate', 'stream'] as const)(
    'is billed what the trace says, with %s',
    async (way) => {
      const { seen, bare, tree, capture } = await bothWays(async (sdk) => {
        const openai = createOpenAI({ baseURL, apiKey: 'sk-test' })
        const agent = new sdk.ToolLoopAgent({
          id: 'support',
          model: openai.chat('gpt-4o-mini'),
          tools: canonicalTools,
        })
        if (way === 'generate') {
          const { text, usage: total, steps } = await agent.generate({ prompt })
          return { text, total, content: steps.map((step) => step.content) }
        }
        const result = await agent.stream({ prompt })
        const { parts } = await readAll(result.fullStream)
        return {
          text: await result.text,
          total: await result.usage,
          content: parts.map(withoutHeaders),
        }
      })
      expect(tree).toBe(TREE)
      expect(seen).toEqual(bare)
      expect(seen.text).toBe('It is sunny.')
      const [first, , last] = capture.traces[0]?.spans ?? []
      expect(first?.usage).toEqual({
        promptTokens: 100,
        completionTokens: 30,
        cachedTokens: 80,
        reasoningTokens: 20,
      })
      expect(first?.metadata).toMatchObject({
        'gen_ai.provider.name': 'openai',
        'gen_ai.response.id': 'chatcmpl-1',
        'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
        'gen_ai.response.finish_reasons': ['tool_calls'],
      })
      expect(last?.output).toEqual([
        { role: 'assistant', parts: [{ type: 'text', content: 'It is sunny.' }] },
      ])
    },
  )
})

/* The time of day is in the headers of a step. */
function withoutHeaders(part: object): object {
  return { ...part, response: undefined }
}
