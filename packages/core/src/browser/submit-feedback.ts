import { relayEndpoint } from '../client/relay-endpoint.ts'
import { feedbackDelay, feedbackResult } from '../deliver/feedback-verdict.ts'
import {
  assertFeedback,
  encodeFeedback,
  type Feedback,
  type FeedbackResult,
  refuseFeedback,
} from '../deliver/feedback.ts'
import { DEFAULT_TIMING, type DeliveryTiming } from '../deliver/retry-delay.ts'
import type { SendOutcome } from '../deliver/send-request.ts'
import { readVerdict } from '../deliver/verdict.ts'
import { fetchFromPage, onPageLeft } from '../runtime/page.ts'
import { startTimer } from '../runtime/timers.ts'
import { errorText } from '../shape/error-text.ts'

/** Where feedback of a page goes. */
export interface BrowserFeedbackOptions {
  /** The address of the relay on your server, from the page's own where it is relative, such as `/api/trulayer`. */
  readonly relayUrl: string
  /** A `fetch` to use instead of the page's. */
  readonly fetch?: typeof fetch | undefined
  /** Milliseconds for which it is tried. @defaultValue 30000 */
  readonly timeout?: number | undefined
}

/**
 * Sends a visitor's verdict on a trace to the relay on your server. No key is needed, and what is under way outlives the
 * page. Tried again where the network or the server fails.
 *
 * @returns whether the service took it, and why not; `sampled_out` where the trace was not sampled
 * @throws TruLayerError `invalid-argument` when the trace id or the label is missing or wrong; for nothing else
 *
 * @example
 * ```ts
 * await submitFeedback(
 *   { traceId, label: 'good', metadata: { source: 'thumbs_button' } },
 *   { relayUrl: '/api/trulayer' },
 * )
 * ```
 */
export async function submitFeedback(
  feedback: Feedback,
  options: BrowserFeedbackOptions,
): Promise<FeedbackResult> {
  assertFeedback(feedback)
  const endpoint = relayEndpoint(options.relayUrl)
  if (endpoint === undefined) {
    return refuseFeedback('invalid_endpoint', `there is no relay at '${options.relayUrl}'`)
  }
  let body: string
  try {
    body = encodeFeedback(feedback)
  } catch (error) {
    return refuseFeedback('unserializable', errorText(error))
  }
  const url = `${endpoint}/v1/feedback`
  return sendUntilAnswered(() => post(url, body, options.fetch ?? fetchFromPage), {
    ...DEFAULT_TIMING,
    feedbackTimeout: options.timeout ?? DEFAULT_TIMING.feedbackTimeout,
  })
}

async function sendUntilAnswered(
  send: () => Promise<SendOutcome>,
  timing: DeliveryTiming,
): Promise<FeedbackResult> {
  const end = timing.now() + timing.feedbackTimeout
  const late = refuseFeedback('timeout', `no answer within ${timing.feedbackTimeout} ms`)
  for (let attempts = 1; ; attempts += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
    const outcome = await within(end - timing.now(), send())
    if (outcome === undefined) {
      return late
    }
    const verdict = readVerdict(outcome, { sent: 1, wallNow: timing.wallNow() })
    const result = feedbackResult(verdict)
    if (result !== undefined) {
      return result
    }
    const delay = feedbackDelay(verdict, attempts, timing)
    if (timing.now() + delay >= end) {
      return late
    }
    // oxlint-disable-next-line no-await-in-loop -- as above
    await pause(delay)
  }
}

async function post(url: string, body: string, send: typeof fetch): Promise<SendOutcome> {
  try {
    const response = await send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'manual',
    })
    const { status, headers } = response
    return { kind: 'answer', answer: { status, headers, body: await response.text() } }
  } catch (error) {
    return { kind: 'no-answer', error }
  }
}

/* `undefined` when the time is over. */
function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const timer = startTimer(() => resolve(undefined), milliseconds)
    work.then(resolve, reject).finally(() => timer.stop())
  })
}

/* Cut short by the end of the page, for then it is now or never. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      timer.stop()
      forget()
      resolve()
    }
    const timer = startTimer(go, milliseconds, { keepAlive: true })
    const forget = onPageLeft(go)
  })
}
