import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

/* A program that knows nothing of us, but for the last line, which tells what was recorded of it. */
const PROGRAM = `
  import { generateText, streamText } from 'ai'
  import { MockLanguageModelV4 } from 'ai/test'

  const usage = { inputTokens: { total: 20 }, outputTokens: { total: 5 } }
  const finishReason = { unified: 'stop', raw: 'stop' }
  const parts = [
    { type: 'text-start', id: '0' },
    { type: 'text-delta', id: '0', delta: 'hello' },
    { type: 'text-end', id: '0' },
    { type: 'finish', finishReason, usage },
  ]
  const model = new MockLanguageModelV4({
    modelId: 'gpt-4o-mini',
    doGenerate: async () => ({ content: [{ type: 'text', text: 'hello' }], finishReason, usage, warnings: [] }),
    doStream: async () => ({ stream: ReadableStream.from(parts) }),
  })
  await generateText({ model, prompt: 'hi' })
  await streamText({ model, prompt: 'hi' }).consumeStream()

  const { getClient } = await import('@trulayer/core')
  const { lastTrace, spanTree } = await import('@trulayer/core/testing')
  await getClient().flush()
  console.log(JSON.stringify([getClient().stats().traces.recorded, spanTree(await lastTrace())]))
`

async function run(...flags: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@trulayer/source', ...flags, '--input-type=module', '--eval', PROGRAM],
    {
      cwd: import.meta.dirname,
      env: { ...process.env, TRULAYER_MODE: 'local', AI_SDK_LOG_WARNINGS: 'false' },
    },
  )
  return JSON.parse(stdout)
}

test('a program is recorded by `node --import @trulayer/ai-sdk/register`', async () => {
  expect(await run('--import', '@trulayer/ai-sdk/register')).toEqual([
    2,
    'streamText · ok · 20 in, 5 out\n└─ llm chat gpt-4o-mini · ok · 20 in, 5 out',
  ])
}, 60_000)
