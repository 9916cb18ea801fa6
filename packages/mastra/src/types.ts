/*
 * The little of Mastra's shapes that is read. Structural, so that this package needs no Mastra at run time and a program
 * type-checks without it. New kinds of spans come every month, so a kind is any text.
 */

/** A span as exporters receive it, a copy for every event. */
export interface MastraSpan {
  /** 16 hexadecimal digits. */
  readonly id: string
  /** 32 hexadecimal digits, fewer where the caller chose them. */
  readonly traceId: string
  readonly name: string
  readonly type: string
  readonly entityId?: string | undefined
  /** Since version 1; before, ids stand in the attributes. */
  readonly entityName?: string | undefined
  readonly attributes?: unknown
  readonly metadata?: unknown
  /** On roots alone. */
  readonly tags?: unknown
  /** Since observability 1.4. */
  readonly requestContext?: unknown
  readonly input?: unknown
  readonly output?: unknown
  readonly errorInfo?: unknown
  /** True for a moment without a length, of which only the end is told. */
  readonly isEvent?: boolean | undefined
  /** True for a resumed run too, which has a parent. */
  readonly isRootSpan?: boolean | undefined
  /** The nearest span above that is exported, or that a filter dropped. */
  readonly parentSpanId?: string | undefined
  /** A span of another process. Up to observability 1.16 it stands in `parentSpanId`. */
  readonly externalParentSpanId?: string | undefined
}

/** What exporters are told. */
export interface MastraTracingEvent {
  /** `span_started`, `span_updated` or `span_ended`. */
  readonly type: string
  readonly exportedSpan: MastraSpan
}

/** A line of Mastra's log, since version 1. */
export interface MastraLogEvent {
  readonly log: {
    readonly level: string
    readonly message: string
    readonly traceId?: string | undefined
    readonly spanId?: string | undefined
  }
}

/** What a scorer says of a run, since 1.10. */
export interface MastraScoreEvent {
  readonly score: {
    readonly score: number
    readonly traceId?: string | undefined
    readonly spanId?: string | undefined
    readonly reason?: string | undefined
    readonly scorerId?: string | undefined
    readonly scorerName?: string | undefined
  }
}

/** The same before 1.10. */
export interface MastraTraceScore {
  readonly traceId: string
  readonly spanId?: string | undefined
  readonly score: number
  readonly reason?: string | undefined
  readonly scorerName: string
}

/** What a person says of a run, since 1.10. */
export interface MastraFeedbackEvent {
  readonly feedback: {
    readonly value: number | string
    readonly traceId?: string | undefined
    readonly spanId?: string | undefined
    readonly comment?: string | undefined
    readonly feedbackType?: string | undefined
    readonly feedbackSource?: string | undefined
    readonly feedbackUserId?: string | undefined
  }
}
