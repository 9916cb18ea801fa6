import { read, readText } from '@trulayer/core/internal'

import { textOf } from './map-messages.ts'

/** The text of what an engine, an agent or a model answered. */
export function mapAnswerText(answer: unknown): string | undefined {
  return (
    textOf(answer) ??
    textOf(read(answer, 'message')) ??
    textOf(read(answer, 'response')) ??
    textOf(read(answer, 'data', 'result')) ??
    readText(answer, 'text')
  )
}

/** The text of a query, however it was asked. */
export function mapQuery(query: unknown): string | undefined {
  return textOf(query) ?? textOf(read(query, 'query')) ?? textOf(read(query, 'query', 'query'))
}

/** What a part of a stream adds to the text; parts of completions call it `text`. */
export function deltaOf(part: unknown): string {
  return readText(part, 'delta') ?? readText(part, 'text') ?? ''
}
