import { latestUserText } from '@trulayer/core/internal'

import { mapMessages } from './map-messages.ts'
import { fieldOf } from './types.ts'

/** What the user of a call says: the latest text, else the messages; texts to embed and a question to rank by, as they are. */
export function mapInput(options: unknown): unknown {
  const value = fieldOf(options, 'value') ?? fieldOf(options, 'values') ?? fieldOf(options, 'query')
  if (value !== undefined) {
    return value
  }
  const prompt = fieldOf(options, 'prompt')
  if (typeof prompt === 'string') {
    return prompt
  }
  const messages = mapMessages(fieldOf(options, 'messages') ?? prompt)
  return latestUserText(messages) ?? messages
}
