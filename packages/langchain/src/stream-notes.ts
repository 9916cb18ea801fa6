import { type Message, read, toTokenCount } from '@trulayer/core/internal'

/** What has come of a model's stream. */
export interface StreamNotes {
  reached: 'nothing' | 'chunk' | 'text'
  /** The text so far, of the first answer where there are several. */
  text: string
  /** Tokens that the first part said were written already. */
  openingTokens: number | undefined
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
  return { reached: 'nothing', text: '', openingTokens: undefined, latestChunk: undefined }
}

/** Adds a part of a stream. Returns whether it is the first one, or the first one with text. */
export function addPart(stream: StreamNotes, part: StreamPart): boolean {
  if (part.chunk !== undefined && part.chunk === stream.latestChunk) {
    return false
  }
  stream.latestChunk = part.chunk
  if (stream.reached === 'nothing') {
    stream.openingTokens = openingTokens(part.chunk)
  }
  if (part.isFirstAnswer && stream.text.length < LONGEST_TEXT) {
    stream.text += part.text
  }
  if (stream.reached === 'text' || (stream.reached === 'chunk' && part.text === '')) {
    return false
  }
  stream.reached = part.text === '' ? 'chunk' : 'text'
  return true
}

/* On a chunk of a message, or on the event that begins one. */
function openingTokens(chunk: unknown): number | undefined {
  return (
    toTokenCount(read(chunk, 'message', 'usage_metadata', 'output_tokens')) ??
    toTokenCount(read(chunk, 'usage', 'output_tokens'))
  )
}

/** What a model had said when its stream broke off; `undefined` where nothing had come. */
export function partialAnswer(stream: StreamNotes | undefined): Message[] | undefined {
  return stream === undefined || stream.text === ''
    ? undefined
    : [{ role: 'assistant', parts: [{ type: 'text', content: stream.text }] }]
}
