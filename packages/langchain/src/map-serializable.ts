import { isList, isText, type Fields } from '@trulayer/core/internal'

import { isMessage, mapMessage, mapMessages } from './map-messages.ts'

/**
 * An object that LangChain writes as `{"lc":1,…}` in a form to read: a message as in the input of a model, a prompt as its
 * messages or its text, anything else as the name of its class. `undefined` for any other object.
 */
export function mapSerializable(value: Fields): unknown {
  const path = value['lc_id']
  if (!isList(path)) {
    return undefined
  }
  if (isMessage(value)) {
    return mapMessage(value)
  }
  const { messages, value: text } = value
  if (isList(messages)) {
    return mapMessages(messages)
  }
  return isText(text) ? text : `[${String(path.at(-1))}]`
}
