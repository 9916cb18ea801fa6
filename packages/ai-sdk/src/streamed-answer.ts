import { type Fields, isObject } from '@trulayer/core/internal'
import type { Answer } from './answer.ts'
import { fieldOf } from './types.ts'

interface TextBlock {
  readonly type: 'text' | 'reasoning'
  readonly id: unknown
  text: string
}

/** An answer that comes in parts, as far as it has come. */
export class StreamedAnswer implements Answer {
  readonly content: unknown[] = []
  finishReason: unknown
  usage: unknown
  providerMetadata: unknown
  response: unknown
  /** The error that a part told of; streams go on after one. */
  error: { readonly value: unknown } | undefined
  /** True once the provider has said that it is done. Tools run between that and the end of the stream. */
  isFinished = false

  /**
   * Adds a part of the stream, of any specification version.
   *
   * @returns whether it is something that the model wrote
   */
  add(part: unknown): boolean {
    return isObject(part) && this.#addPart(part)
  }

  #addPart(part: Fields): boolean {
    switch (part['type']) {
      case 'text-delta':
        return this.#write('text', part)
      case 'reasoning-delta':
      case 'reasoning':
        return this.#write('reasoning', part)
      case 'tool-call':
      case 'tool-result':
      case 'tool-approval-request':
      case 'file':
      case 'reasoning-file':
      case 'source':
        this.content.push(part)
        return true
      case 'tool-input-start':
      case 'tool-input-delta':
      case 'tool-call-delta':
        return true
      default:
        this.#note(part)
        return false
    }
  }

  #note(part: Fields): void {
    switch (part['type']) {
      case 'response-metadata':
        this.response = merge(this.response, part)
        break
      case 'error':
        this.error ??= { value: part['error'] }
        break
      case 'finish':
        this.finishReason = part['finishReason']
        this.usage = part['usage']
        this.providerMetadata = part['providerMetadata']
        this.isFinished = true
        break
      default:
    }
  }

  /* Blocks may be interleaved, and are told apart by their id; version 1 has one block at a time. */
  #write(type: TextBlock['type'], part: Fields): boolean {
    // A model writes a delta; in the stream of a result it is called a text.
    const delta = part['delta'] ?? part['textDelta'] ?? part['text']
    if (typeof delta !== 'string' || delta === '') {
      return false
    }
    const block = this.#blockOf(type, part['id'])
    block.text += delta
    return true
  }

  #blockOf(type: TextBlock['type'], id: unknown): TextBlock {
    const last = this.content.at(-1)
    const known =
      id === undefined
        ? isBlock(last, type, id) && last
        : this.content.findLast((part) => isBlock(part, type, id))
    if (isBlock(known, type, id)) {
      return known
    }
    const block: TextBlock = { type, id, text: '' }
    this.content.push(block)
    return block
  }
}

/* Providers report the id and the model of a response in one part or in two, with the other left out or `undefined`. */
function merge(known: unknown, part: Fields): Fields {
  const told = Object.entries(part).filter(([, value]) => value !== undefined)
  return { ...(isObject(known) ? known : {}), ...Object.fromEntries(told) }
}

function isBlock(part: unknown, type: TextBlock['type'], id: unknown): part is TextBlock {
  return fieldOf(part, 'type') === type && fieldOf(part, 'id') === id
}
