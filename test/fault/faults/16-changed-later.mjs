import assert from 'node:assert/strict'

import { deliver, onClock } from '../harness.mjs'

export const what = 'what the program changes later changes nothing, between attempts either'

export async function short({ service, clientsOf }) {
  const { clock, core } = await onClock()
  const client = clientsOf(core).make()
  await service.rules({ reply: { kind: 'answer', status: 503 }, times: 2 })
  const input = { question: 'before', list: [1] }
  const metadata = Object.freeze({ plan: Object.freeze({ name: 'free' }) })
  await client.trace(
    'turn',
    (trace) => {
      trace.setMetadata(metadata)
      trace.setMetadata({ more: 1 })
      return input
    },
    { input },
  )
  input.question = 'after'
  input.list.push(2)
  assert.equal(await deliver(client, clock), 1)
  const { requests } = await service.seen()
  assert.deepEqual([requests.length, new Set(requests.map(({ hash }) => hash)).size], [3, 1])
  const [trace] = (await service.texts()).map((text) => JSON.parse(text))
  assert.equal(trace.input, '{"question":"before","list":[1]}')
  assert.equal(trace.output, '{"question":"before","list":[1]}')
  assert.deepEqual(trace.metadata.plan, { name: 'free' })
  assert.deepEqual(metadata, { plan: { name: 'free' } })
}
