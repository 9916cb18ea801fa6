import { Redactor, TruLayer } from '@trulayer/core'
import { lastTrace } from '@trulayer/core/testing'
import { expect, test } from 'vitest'

// In your program this comes from where the client is made.
const redact = new Redactor({
  packs: ['strict'],
  rules: [{ name: 'employee', pattern: /EMP-\d{6}/ }],
})

const PLANTED = ['anna@example.com', '4111 1111 1111 1111', 'EMP-123456']

test.each(PLANTED)('%s never leaves', async (planted) => {
  const trulayer = new TruLayer({ mode: 'local', redact })
  await trulayer
    .trace(
      `answer ${planted}`,
      async (trace) => {
        trace.setInput({ question: `Who is ${planted}?`, [planted]: true })
        trace.setTag('customer', planted)
        trace.event(`looked up ${planted}`, { metadata: { planted } })
        await trace.span('getCustomer', { type: 'tool', input: { planted } }, () =>
          JSON.stringify({ rows: [{ planted }] }),
        )
        throw new Error(`no such customer: ${planted}`)
      },
      { sessionId: `chat of ${planted}`, userId: planted, metadata: { planted } },
    )
    .catch(() => undefined)

  const sent = JSON.stringify(await lastTrace({ client: trulayer }))
  expect(sent).toContain('<REDACTED:')
  expect(sent).not.toContain(planted)
})
