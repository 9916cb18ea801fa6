import { TruLayer, Redactor, type Feedback } from '@trulayer/core'
import { createRelay } from '@trulayer/core/relay'
import { expect, test } from 'vitest'

test('what a visitor writes leaves without addresses', async () => {
  const taken: Feedback[] = []
  const client = new TruLayer({
    redact: new Redactor({ packs: ['standard'] }),
    // In the place of the service.
    exporters: [
      {
        export: () => undefined,
        submitFeedback: async (feedback) => {
          taken.push(feedback)
          return { accepted: true }
        },
      },
    ],
  })
  const relay = createRelay({ client })

  const response = await relay(
    new Request('https://shop.example/api/trulayer', {
      method: 'POST',
      headers: { origin: 'https://shop.example', 'content-type': 'application/json' },
      body: JSON.stringify({
        trace_id: '0190f5fe-7c00-7a00-8080-000000000000',
        label: 'bad',
        comment: 'Wrong order. Write to ada@example.com!',
        metadata: { source: 'thumbs_button' },
      }),
    }),
  )

  expect(response.status).toBe(201)
  expect(taken).toMatchObject([
    { label: 'bad', comment: 'Wrong order. Write to <REDACTED:email>!' },
  ])
  await client.shutdown()
})
