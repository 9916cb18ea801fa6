import { instrumentAISDK } from '@trulayer/ai-sdk'
import { TruLayer } from '@trulayer/core'
import { captureTraces, spanTree } from '@trulayer/core/testing'
import { expect, test, vi } from 'vitest'

import type { SDKSet } from './support/host.ts'
import { kitOf } from './support/kit.ts'
import { startServer } from './support/loopback.ts'

/* Ends only what hangs. */
const PATIENCE = { timeout: 30_000 }
const WORDS = Array.from({ length: 40 }, (_, index) => `word${index} `)

/** A server of a user interface, whose clients come and go. */
export function runServer(set: SDKSet): void {
  test('a client that disconnects midway is one cancelled trace, and the server goes on', async () => {
    const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false })
    const capture = captureTraces({ client })
    const kit = kitOf(set, instrumentAISDK(set.ai, { client }))
    await using server = await serve(() => {
      const result = kit.sdk.streamText({
        model: kit.model([{ text: WORDS, delay: 5 }]),
        prompt: 'Tell me a lot.',
      })
      return kit.major === 4 ? result.toDataStreamResponse() : result.toUIMessageStreamResponse()
    })

    const controller = new AbortController()
    const left = await fetch(server.url, { signal: controller.signal })
    const reader = left.body?.getReader()
    let received = ''
    while (!received.includes('word2')) {
      received += new TextDecoder().decode((await reader?.read())?.value)
    }
    controller.abort()
    await vi.waitFor(() => expect(capture.traces).toHaveLength(1), PATIENCE)

    const whole = await fetch(server.url)
    expect(await whole.text()).toContain('word39')
    await vi.waitFor(() => expect(capture.traces).toHaveLength(2), PATIENCE)

    expect(capture.traces.map((trace) => spanTree(trace))).toEqual([
      'streamText · cancelled\n└─ llm chat gpt-4o-mini · cancelled',
      'streamText · ok · 20 in, 5 out\n└─ llm chat gpt-4o-mini · ok · 20 in, 5 out',
    ])
    expect(capture.traces[0]).toMatchObject({ metadata: { 'trulayer.reason': 'reader left' } })
    expect(capture.traces[0]?.output).toMatch(/^word0 word1 word2 /)
    expect(capture.traces[0]?.output).not.toContain('word39')
    expect(client.stats().traces).toMatchObject({ open: 0, late: 0 })
    capture.stop()
  })
}

/* What frameworks do with a handler: the body goes out as the client reads it, and is cancelled when the client leaves. */
function serve(handle: () => Response): Promise<{ url: string } & AsyncDisposable> {
  return startServer((outgoing) => {
    const response = handle()
    const reader = response.body?.getReader()
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.on('close', () => {
      void reader?.cancel('the client is gone')
    })
    const send = async (): Promise<void> => {
      for (;;) {
        const chunk = await reader?.read()
        if (chunk === undefined || chunk.done) {
          outgoing.end()
          return
        }
        outgoing.write(chunk.value)
      }
    }
    send().catch(() => outgoing.destroy())
  })
}
