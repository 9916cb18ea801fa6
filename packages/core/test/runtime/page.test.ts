import { afterEach, expect, test, vi } from 'vitest'
import { fetchFromPage, onPageEnd, sendWithPage } from '../../src/runtime/page.ts'

interface Sent {
  readonly options: RequestInit
  readonly answer: () => void
}

/* The network of a page, in which a request is open until it is answered. */
function stubNetwork(): Sent[] {
  const sent: Sent[] = []
  vi.stubGlobal(
    'fetch',
    (_: string, options: RequestInit) =>
      new Promise<Response>((resolve) => {
        sent.push({ options, answer: () => resolve(new Response()) })
      }),
  )
  return sent
}

afterEach(() => vi.unstubAllGlobals())

function post(body: string): Promise<Response> {
  return fetchFromPage('https://shop.example/api/trulayer', { method: 'POST', body })
}

const keptAlive = (sent: readonly Sent[]): boolean[] =>
  sent.map(({ options }) => options.keepalive === true)

test('requests outlive the page as far as a browser lets them', async () => {
  const sent = stubNetwork()
  const answers = [post('x'.repeat(30_000)), post('é'.repeat(15_000)), post('one more')]
  expect(keptAlive(sent)).toEqual([true, true, false])
  sent[0]?.answer()
  await answers[0]
  answers.push(post('x'.repeat(30_000)), post('x'))
  expect(keptAlive(sent).slice(3)).toEqual([true, false])
  sent.forEach(({ answer }) => answer())
  await Promise.all(answers)
  const many = Array.from({ length: 10 }, () => post('small'))
  expect(keptAlive(sent).slice(5)).toEqual([...Array.from({ length: 9 }, () => true), false])
  sent.forEach(({ answer }) => answer())
  await Promise.all(many)
})

test('a request that fails gives its room back', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')))
  await expect(post('x'.repeat(60_000))).rejects.toThrow('offline')
  const sent = stubNetwork()
  const answer = post('x'.repeat(60_000))
  expect(keptAlive(sent)).toEqual([true])
  sent[0]?.answer()
  await answer
})

test('what a page leaves behind is sent as far as there is room, the first traces first', async () => {
  const sent = stubNetwork()
  const batch = (...names: string[]): { body: string; traces: number } => ({
    body: JSON.stringify({ traces: names.map((name) => ({ name, input: 'x'.repeat(20_000) })) }),
    traces: names.length,
  })
  const requests = {
    url: 'https://shop.example/r',
    headers: {},
    feedback: { url: 'https://shop.example/f', bodies: ['{"label":"good"}'] },
    batches: [batch('a', 'b'), batch('c')],
  }
  expect(sendWithPage(requests)).toBe(2)
  expect(sendWithPage({ ...requests, batches: [batch('d')] })).toBe(0)
  const bodies = sent.map(({ options }) => options.body)
  expect(keptAlive(sent)).toEqual([true, true, true])
  expect(JSON.parse(typeof bodies[0] === 'string' ? bodies[0] : '')).toMatchObject({
    traces: [{ name: 'a' }, { name: 'b' }],
  })
  expect(bodies.slice(1)).toEqual(['{"label":"good"}', '{"label":"good"}'])
  sent.forEach(({ answer }) => answer())
  await new Promise((resolve) => {
    setTimeout(resolve, 0)
  })
  const none = { ...requests.feedback, bodies: [] }
  expect(sendWithPage({ ...requests, batches: [], feedback: none })).toBe(0)
  expect(sent).toHaveLength(3)
})

test('a page that is hidden delivers, one that is left saves, and one that is kept does neither', () => {
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  const told: string[] = []
  const window = new EventTarget()
  vi.stubGlobal('document', page)
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window))
  vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window))
  let hasWork = true
  const end = onPageEnd({
    hasWork: () => hasWork,
    finish: async ({ close }) => void told.push(close ? 'closed' : 'delivered'),
    finishNow: () => void told.push('saved'),
  })
  const change = (state: string): void => {
    page.visibilityState = state
    page.dispatchEvent(new Event('visibilitychange'))
  }
  const hide = (persisted: boolean): void => {
    window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted }))
  }
  change('hidden')
  change('visible')
  hide(true)
  expect(told).toEqual(['delivered'])
  hasWork = false
  change('hidden')
  hide(false)
  expect(told).toEqual(['delivered', 'saved'])
  end()
  hasWork = true
  change('hidden')
  hide(false)
  expect(told).toHaveLength(2)
})
