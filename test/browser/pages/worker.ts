/* A worker of the page, which is as open to everybody as the page is. */
import { TruLayer } from '@trulayer/core'

let outcome: string
try {
  outcome = new TruLayer({ apiKey: 'tl_pasted_into_the_page' }).stats().state
} catch (error) {
  outcome = String(error)
}
postMessage(outcome)
