import type { Usage } from '@trulayer/core'
import { type Message, read, type RunFields } from '@trulayer/core/internal'

import { mapMessageUsage } from './map-usage.ts'

/** What has come of a model's stream. */
export interface StreamNotes {
  reached: 'nothing' | 'chunk' | 'text'
  /** The text so far, of the first answer where there are several. */
  text: string
  /** The usage that its parts reported first. */
  opening: Usage | undefined
  parts: number
  /** The latest chunk, which arrives twice where a handler is attached twice. */
  latestChunk: unknown
}

/** A part of a model's stream, as callbacks tell it. */
export interface StreamPart {
  readonly text: string
  /** The chunk that it came in, where it is told. */
  readonly chunk: unknown
  /** False for a part of another answer than the first. */
  readonly isFirstAnswer: boolean
}

/* More is not kept of an answer whose end may never be told. */
const LONGEST_TEXT = 1_000_000

/** Begins the notes of a stream. */
export function beginStream(): StreamNotes {
  return { reached: 'nothing', text: '', opening: undefined, parts: 0, latestChunk: undefined }
}

/** Adds a part of a stream. Returns whether it is the first one, or the first one with text. */
export function addPart(stream: StreamNotes, part: StreamPart): boolean {
  if (part.chunk !== undefined && part.chunk === stream.latestChunk) {
    return false
  }
  stream.latestChunk = part.chunk
  stream.parts += 1
  stream.opening ??= openingUsage(part.chunk)
  if (part.isFirstAnswer && stream.text.length < LONGEST_TEXT) {
    stream.text += part.text
  }
  if (stream.reached === 'text' || (stream.reached === 'chunk' && part.text === '')) {
    return false
  }
  stream.reached = part.text === '' ? 'chunk' : 'text'
  return true
}

/* On the message of a chunk, or on an event. */
function openingUsage(chunk: unknown): Usage | undefined {
  const usage = read(chunk, 'usage')
  return mapMessageUsage(usage === undefined ? read(chunk, 'message') : { usage_metadata: usage })
}

/**
 * What is known of a model's answer whose stream broke off: the text that had come and the tokens that were read, where its
 * parts reported them. How many were written nothing reports.
 */
export function partialFields(stream: StreamNotes | undefined): RunFields {
  return {
    outputMessages: partialAnswer(stream),
    usage: { ...stream?.opening, completionTokens: undefined, reasoningTokens: undefined },
  }
}

function partialAnswer(stream: StreamNotes | undefined): Message[] | undefined {
  return stream === undefined || stream.text === ''
    ? undefined
    : [{ role: 'assistant', parts: [{ type: 'text', content: stream.text }] }]
}
