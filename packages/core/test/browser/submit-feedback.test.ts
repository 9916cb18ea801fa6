import { expect, test, vi } from 'vitest'
import { submitFeedback } from '../../src/browser/submit-feedback.ts'
import type { Feedback } from '../../src/deliver/feedback.ts'
import { idOf } from '../deliver/support.ts'
import { ORIGIN, startRelay, thumb } from '../relay/support.ts'

const RELAY_URL = `${ORIGIN}/api/trulayer`
const GOOD: Feedback = {
  traceId: idOf(1),
  label: 'good',
  metadata: { source: 'thumbs_button' },
}

type Send = (request: Request) => Promise<Response>

/* The `fetch` of a page, where Node's own would not say which page it is. */
function fetchOf(send: Send): { readonly fetch: typeof fetch; readonly requests: Request[] } {
  const requests: Request[] = []
  return {
    requests,
    fetch: (input, init) => {
      const request = new Request(input, init)
      request.headers.set('origin', ORIGIN)
      requests.push(request.clone())
      return send(request)
    },
  }
}

test('feedback reaches the service, and no key is on the way to the relay', async () => {
  await using rig = await startRelay()
  const { fetch, requests } = fetchOf(rig.relay)
  const result = await submitFeedback(GOOD, { relayUrl: RELAY_URL, fetch })
  expect(result).toEqual({ accepted: true })
  expect(rig.server.feedback).toEqual([thumb()])
  expect(requests.map(({ url }) => url)).toEqual([`${RELAY_URL}?to=/v1/feedback`])
  expect(Object.fromEntries(requests[0]?.headers ?? [])).toEqual({
    'content-type': 'application/json',
    origin: ORIGIN,
  })
})

test('what fails on the way is sent again', async () => {
  await using rig = await startRelay()
  const faults: Send[] = [
    () => Promise.reject(new TypeError('offline')),
    () => Promise.resolve(new Response('', { status: 502 })),
    (request) => rig.relay(request),
  ]
  const { fetch, requests } = fetchOf((request) => (faults.shift() ?? rig.relay)(request))
  expect(await submitFeedback(GOOD, { relayUrl: RELAY_URL, fetch })).toEqual({ accepted: true })
  expect(requests).toHaveLength(3)
  expect(rig.server.feedback).toHaveLength(1)
})

test.each<[number, object, string]>([
  [422, { code: 'sampled_out', message: 'its trace was not sampled' }, 'sampled_out'],
  [422, { code: 'unavailable' }, 'unavailable'],
  [422, { error: '`label` is wrong' }, 'rejected'],
  [413, {}, 'too_large'],
  [403, { error: 'this origin may not send' }, 'refused'],
])('an answer %i %j is for good', async (status, body, reason) => {
  const { fetch, requests } = fetchOf(() => Promise.resolve(Response.json(body, { status })))
  const result = await submitFeedback(GOOD, { relayUrl: RELAY_URL, fetch })
  expect(result).toMatchObject({ accepted: false, reason })
  expect(requests).toHaveLength(1)
})

test.each<[string, Send]>([
  ['is never there', () => Promise.reject(new TypeError('offline'))],
  ['never answers', () => new Promise(() => {})],
  [
    'wants it much later',
    () => Promise.resolve(new Response('', { status: 429, headers: { 'retry-after': '60' } })),
  ],
])('where the relay %s it is given up in time', async (_, send) => {
  const { fetch } = fetchOf(send)
  expect(await submitFeedback(GOOD, { relayUrl: RELAY_URL, fetch, timeout: 200 })).toEqual({
    accepted: false,
    reason: 'timeout',
    message: 'Feedback was not taken: no answer within 200 ms.',
  })
})

test('a relative address is one of the page', async () => {
  const { fetch, requests } = fetchOf(() => Promise.resolve(Response.json({}, { status: 201 })))
  const send = (relayUrl: string): ReturnType<typeof submitFeedback> =>
    submitFeedback(GOOD, { relayUrl, fetch })
  expect(await send('/api/trulayer')).toMatchObject({ reason: 'invalid_endpoint' })
  vi.stubGlobal('location', { href: `${ORIGIN}/chat/42#top` })
  try {
    expect(await send('/api/trulayer')).toEqual({ accepted: true })
    expect(await send('../relay?room=1#x')).toEqual({ accepted: true })
  } finally {
    vi.unstubAllGlobals()
  }
  expect(requests.map(({ url }) => url)).toEqual([
    `${ORIGIN}/api/trulayer?to=/v1/feedback`,
    `${ORIGIN}/relay?room=1&to=/v1/feedback`,
  ])
})

test('a mistake in the code throws, a value that cannot be written does not', async () => {
  const { fetch, requests } = fetchOf(() => Promise.resolve(new Response()))
  const options = { relayUrl: RELAY_URL, fetch }
  const wrong: unknown[] = [undefined, {}, { traceId: 1, label: 'good' }, { ...GOOD, label: 'x' }]
  for (const feedback of wrong) {
    await expect(Reflect.apply(submitFeedback, undefined, [feedback, options])).rejects.toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    )
  }
  const circle: Record<string, never> = {}
  Reflect.set(circle, 'self', circle)
  expect(await submitFeedback({ ...GOOD, metadata: circle }, options)).toMatchObject({
    reason: 'unserializable',
  })
  expect(requests).toEqual([])
})

test('the end of the page is the last moment to send again', async () => {
  await using rig = await startRelay()
  const page = new EventTarget()
  const add = vi.fn(page.addEventListener.bind(page))
  const remove = vi.fn(page.removeEventListener.bind(page))
  vi.stubGlobal('addEventListener', add)
  vi.stubGlobal('removeEventListener', remove)
  try {
    const faults: Send[] = [
      () => Promise.resolve(new Response('', { status: 429, headers: { 'retry-after': '20' } })),
    ]
    const { fetch, requests } = fetchOf((request) => (faults.shift() ?? rig.relay)(request))
    const result = submitFeedback(GOOD, { relayUrl: RELAY_URL, fetch })
    // It waits now, for twenty seconds.
    await vi.waitFor(() => expect(add).toHaveBeenCalledOnce(), 20_000)
    page.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }))
    expect(requests).toHaveLength(1)
    page.dispatchEvent(new Event('pagehide'))
    expect(await result).toEqual({ accepted: true })
    expect(remove.mock.calls).toEqual(add.mock.calls)
  } finally {
    vi.unstubAllGlobals()
  }
})
