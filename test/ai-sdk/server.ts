import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { instrumentAISDK } from '@trulayer/ai-sdk'
import { TruLayer } from '@trulayer/core'
import { captureTraces, spanTree } from '@trulayer/core/testing'
import { expect, test, vi } from 'vitest'

import type { SDKSet } from './support/host.ts'
import { kitOf } from './support/kit.ts'

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
    await vi.waitFor(() => expect(capture.traces).toHaveLength(1))

    const whole = await fetch(server.url)
    expect(await whole.text()).toContain('word39')
    await vi.waitFor(() => expect(capture.traces).toHaveLength(2))

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
async function serve(handle: () => Response): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((_request, outgoing) => {
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
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
