import { guard, isObject } from '@trulayer/core/internal'

import type { ForeignSpan } from './foreign-tracer.ts'
import type { SpanAttributes } from './span-attributes.ts'

/** A span as versions 4 to 6 write it, structurally that of OpenTelemetry. */
export interface TelemetrySpan {
  spanContext(): { traceId: string; spanId: string; traceFlags: number }
  setAttribute(key: string, value: unknown): this
  setAttributes(attributes: object): this
  addEvent(name: string, ...details: unknown[]): this
  addLink(link: unknown): this
  addLinks(links: unknown[]): this
  setStatus(status: { code: number; message?: string }): this
  updateName(name: string): this
  end(time?: unknown): void
  isRecording(): boolean
  recordException(exception: unknown, time?: unknown): void
}

/** What hears of a span. It must not hold the span, whose collection tells that its operation was left. */
export interface SpanListener {
  event?(name: string): void
  end(attributes: SpanAttributes, failure: { readonly error: unknown } | undefined): void
}

const NO_CONTEXT = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 }

/** A span that keeps what it is told until its end, and tells somebody else's span as well. */
export class TracedSpan implements TelemetrySpan {
  readonly #listener: SpanListener | undefined
  readonly #foreign: ForeignSpan | undefined
  readonly #attributes: Record<string, unknown>
  #failure: { readonly error: unknown } | undefined
  #isOver = false

  constructor(
    attributes: SpanAttributes,
    listener: SpanListener | undefined,
    foreign: ForeignSpan | undefined,
  ) {
    this.#attributes = { ...attributes }
    this.#listener = listener
    this.#foreign = foreign
  }

  spanContext(): { traceId: string; spanId: string; traceFlags: number } {
    const context = this.#foreign?.tell('spanContext')
    return isSpanContext(context) ? context : NO_CONTEXT
  }

  setAttribute(key: string, value: unknown): this {
    this.#attributes[key] = value
    this.#foreign?.tell('setAttribute', key, value)
    return this
  }

  setAttributes(attributes: object): this {
    Object.assign(this.#attributes, attributes)
    this.#foreign?.tell('setAttributes', attributes)
    return this
  }

  addEvent(name: string, ...details: unknown[]): this {
    guard('an event of a span', () => this.#listener?.event?.(name))
    this.#foreign?.tell('addEvent', name, ...details)
    return this
  }

  addLink(link: unknown): this {
    this.#foreign?.tell('addLink', link)
    return this
  }

  addLinks(links: unknown[]): this {
    this.#foreign?.tell('addLinks', links)
    return this
  }

  setStatus(status: { code: number; message?: string }): this {
    this.#foreign?.tell('setStatus', status)
    return this
  }

  updateName(name: string): this {
    this.#foreign?.tell('updateName', name)
    return this
  }

  end(time?: unknown): void {
    // Version 4 ends the root twice when the model of a stream throws.
    if (!this.#isOver) {
      this.#isOver = true
      guard('the end of a span', () => this.#listener?.end(this.#attributes, this.#failure))
      this.#foreign?.tell('end', ...(time === undefined ? [] : [time]))
    }
  }

  isRecording(): boolean {
    return !this.#isOver
  }

  recordException(exception: unknown, time?: unknown): void {
    this.#failure ??= { error: exception }
    this.#foreign?.tell('recordException', exception, ...(time === undefined ? [] : [time]))
  }
}

function isSpanContext(
  value: unknown,
): value is { traceId: string; spanId: string; traceFlags: number } {
  return isObject(value) && typeof value['traceId'] === 'string'
}
