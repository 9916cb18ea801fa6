import { type CallClaim, isText, type Run, userTexts } from '@trulayer/core/internal'

import { isCurrentSpanKnown } from './ambient.ts'
import type { Conversation } from './conversation.ts'
import { isGeneration } from './span-kind.ts'
import type { MastraSpan } from './types.ts'

/**
 * What a level of a model call claims. From 1.30 on Mastra's current span leads a wrapped model to its call. Without it the
 * model is asked outside of all spans, and 0.24 starts the span of a step only when the model has answered: there the
 * generation claims one call after the other.
 */
export class ModelClaim implements CallClaim {
  readonly isSeries: boolean
  /** What its calls belong to, once that is known. */
  conversation: Conversation | undefined
  #latest: Run | undefined
  /* The step that the latest call belongs to, counted from one. */
  #latestStep = 0

  constructor(span: MastraSpan) {
    this.isSeries = isGeneration(span.type)
  }

  get model(): string | undefined {
    return this.conversation?.model
  }

  get text(): string | undefined {
    const copies = this.conversation?.messages.flatMap((message) => message.copies) ?? []
    const texts = copies.map(({ value }) => userTexts(value)).filter(isText)
    return texts.length === 0 ? undefined : texts.join('\n')
  }

  isExpected(): boolean {
    const { conversation } = this
    return (
      this.isSeries &&
      !isCurrentSpanKnown() &&
      conversation?.tools.some(({ run }) => run.isOpen) === false &&
      (this.#latest?.status === 'error' ||
        this.#step() > this.#latestStep ||
        // Of models of version 1 Mastra reports no steps.
        conversation.call?.run === conversation.generation?.run)
    )
  }

  taken(run: Run): void {
    this.#latest = run
    this.#latestStep = this.#step()
  }

  /* The step that a call made now belongs to. */
  #step(): number {
    return (this.conversation?.generation?.calls.length ?? 0) + 1
  }
}
