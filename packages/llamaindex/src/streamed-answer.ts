import type { Usage } from '@trulayer/core'
import { isText, type Message } from '@trulayer/core/internal'

import { deltaOf } from './map-answer.ts'
import { mapAnswer, type ToolCall, toolCallsOf } from './map-messages.ts'
import { mapCost, mapProviderMetadata, mapResponse, mapUsage } from './map-model.ts'

/* More is not kept of an answer whose end may never be told. */
const LONGEST_TEXT = 1_000_000

/** What has come of a model's stream. */
export class StreamedAnswer {
  #text = ''
  readonly #calls = new Map<string, ToolCall>()
  #usage: Usage | undefined
  #details: Record<string, unknown> = {}
  #reportedCost: number | undefined
  #providerMetadata: unknown
  #hasBegun = false

  /** Adds a part. Returns whether it is the first. */
  add(part: unknown): boolean {
    const delta = deltaOf(part)
    if (this.#text.length < LONGEST_TEXT) {
      this.#text += delta
    }
    // The same call comes again and again, with more of its arguments.
    toolCallsOf(part).forEach((call) => this.#calls.set(call.id ?? call.name, call))
    this.#usage = mapUsage(part) ?? this.#usage
    this.#reportedCost = mapCost(part) ?? this.#reportedCost
    this.#providerMetadata = mapProviderMetadata(part) ?? this.#providerMetadata
    for (const [key, value] of Object.entries(mapResponse(part))) {
      if (value !== undefined) {
        this.#details[key] = value
      }
    }
    const isFirst = !this.#hasBegun
    this.#hasBegun = true
    return isFirst
  }

  get text(): string | undefined {
    return isText(this.#text) ? this.#text : undefined
  }

  get usage(): Usage | undefined {
    return this.#usage
  }

  get reportedCost(): number | undefined {
    return this.#reportedCost
  }

  get providerMetadata(): unknown {
    return this.#providerMetadata
  }

  get details(): Readonly<Record<string, unknown>> {
    return this.#details
  }

  get asksForTools(): boolean {
    return this.#calls.size > 0
  }

  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** The answer so far; `undefined` where nothing has come. */
  toMessages(): Message[] | undefined {
    return mapAnswer(this.#text, [...this.#calls.values()])
  }
}
