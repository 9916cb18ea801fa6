/* The page of a chat: an answer of the server's agent, and two thumbs under it. */
import { submitFeedback } from '@trulayer/core/browser'

const RELAY = document.documentElement.dataset['relay'] ?? '/api/trulayer'

function find(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (element === null) {
    throw new Error(`the page has no ${id}`)
  }
  return element
}

async function ask(): Promise<void> {
  const response = await fetch('/chat', { method: 'POST' })
  const { answer, traceId } = await response.json()
  find('answer').textContent = answer
  for (const label of ['good', 'bad'] as const) {
    const button = find(label)
    button.removeAttribute('disabled')
    button.addEventListener('click', () => void thumb(traceId, label))
  }
}

async function thumb(traceId: string, label: 'good' | 'bad'): Promise<void> {
  find('status').textContent = 'Sending …'
  const result = await submitFeedback(
    { traceId, label, metadata: { source: 'thumbs_button' } },
    { relayUrl: RELAY },
  )
  find('status').textContent = result.accepted ? 'Thank you!' : `Not taken: ${result.reason}`
}

// For tests that send what no button sends.
Object.assign(window, { submitFeedback })

await ask()
