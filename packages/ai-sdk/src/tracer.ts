import {
  asyncContext,
  attributes,
  guard,
  isObject,
  monotonicClock,
  onCollected,
  reasons,
  type Run,
  withRun,
} from '@trulayer/core/internal'
import type { TruLayer } from '@trulayer/core'

import type { CallSettings } from './call-settings.ts'
import { withClaim } from './claim.ts'
import { withForeignSpan } from './foreign-tracer.ts'
import { mapInput } from './map-input.ts'
import { embeddings, reranking } from './map-values.ts'
import { startModelCall } from './model-call.ts'
import { type Operation, startOperation, takeEcho } from './operation.ts'
import { reportedEnd, toolEnd, UNKNOWN_STREAM_ERROR } from './outcome.ts'
import {
  mapAnswerAttributes,
  mapCallAttributes,
  mapFormatAttributes,
  mapModelAttributes,
  mapObjectAttribute,
  mapPromptAttribute,
  mapToolAttributes,
  mapValueAttributes,
  repeatedResultsIn,
  type SpanAttributes,
} from './span-attributes.ts'
import { type SpanListener, type TelemetrySpan, TracedSpan } from './traced-span.ts'
import { fieldOf, type HostFunction, isFunction, textOrUndefined } from './types.ts'
import { startValueCall, type ValueCallKind } from './value-call.ts'

/** A tracer as versions 4 to 6 take it, structurally that of OpenTelemetry. */
export interface TelemetryTracer {
  startSpan(name: string, options?: object, context?: unknown): TelemetrySpan
  startActiveSpan<Work extends (span: TelemetrySpan) => unknown>(
    name: string,
    work: Work,
  ): ReturnType<Work>
  startActiveSpan<Work extends (span: TelemetrySpan) => unknown>(
    name: string,
    options: object,
    work: Work,
  ): ReturnType<Work>
  startActiveSpan<Work extends (span: TelemetrySpan) => unknown>(
    name: string,
    options: object,
    context: unknown,
    work: Work,
  ): ReturnType<Work>
}

/* The operation whose spans are being written; without one they are nobody's, for the call is recorded elsewhere. */
const tracedOperation = asyncContext<{ readonly operation: Operation | undefined }>('ai-sdk:traced')

const OPERATION_NAME =
  /^ai\.(generateText|streamText|generateObject|streamObject|embed|embedMany|rerank)$/
const MODEL_CALL_NAME = /^ai\.\w+\.(doGenerate|doStream|doEmbed|doRerank)$/

/* What a span is for us, and the context that its work runs in. */
interface Traced {
  readonly listener: SpanListener | undefined
  readonly inside: (work: () => unknown) => unknown
  /** Hears that the span was collected before its end. */
  readonly lost?: (() => void) | undefined
}

const NOBODY: Traced = { listener: undefined, inside: (work) => work() }

/**
 * A tracer for versions 4 to 6 that records functions of the SDK that are not wrapped. The SDK passes no parents and asks
 * for the active span alone, so an async context of our own is all that nesting takes. What it is told it tells the
 * OpenTelemetry provider of the process too.
 */
export class TruLayerTracer implements TelemetryTracer {
  readonly #client: TruLayer | undefined
  readonly #settings: CallSettings

  constructor({
    client,
    settings,
  }: {
    readonly client: TruLayer | undefined
    readonly settings: CallSettings
  }) {
    this.#client = client
    this.#settings = settings
  }

  /* The SDK never calls it; whoever does gets a span that is nobody's. */
  startSpan(): TelemetrySpan {
    return new TracedSpan({}, undefined, undefined)
  }

  startActiveSpan<Work extends (span: TelemetrySpan) => unknown>(
    name: string,
    ...rest: readonly unknown[]
  ): ReturnType<Work> {
    const work = rest.find(isFunction)
    const options = rest.find(isObject)
    const result = withForeignSpan([name, ...rest], (foreign) => {
      const given = attributesOf(options)
      const traced = guard('a span', () => this.#trace(name, given)) ?? NOBODY
      const span = new TracedSpan(given, traced.listener, foreign)
      if (traced.lost !== undefined) {
        onCollected(span, { collected: traced.lost })
      }
      return traced.inside(() => callWith(work, span))
    })
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is what the work returned
    return result as ReturnType<Work>
  }

  #trace(name: string, given: SpanAttributes): Traced {
    const [, operationName] = OPERATION_NAME.exec(name) ?? []
    if (operationName !== undefined) {
      return this.#traceOperation(operationName, given)
    }
    const operation = tracedOperation.current()?.operation
    if (operation === undefined) {
      return NOBODY
    }
    const [, method] = MODEL_CALL_NAME.exec(name) ?? []
    switch (method ?? name) {
      case 'doGenerate':
      case 'doStream':
        return traceModelCall(operation, given)
      case 'doEmbed':
        return traceValues(operation, embeddings, given)
      case 'doRerank':
        return traceValues(operation, reranking, given)
      case 'ai.toolCall':
        return traceTool(operation, given)
      default:
        return NOBODY
    }
  }

  #traceOperation(name: string, given: SpanAttributes): Traced {
    const isEcho = takeEcho(this.#client)
    const prompt = mapPromptAttribute(given)
    const operation = isEcho
      ? undefined
      : startOperation({
          client: this.#client,
          name: this.#settings.name ?? name,
          settings: this.#settings,
          readInput: () => mapInput(prompt),
          model: given['ai.model.id'],
          messages: fieldOf(prompt, 'messages') ?? fieldOf(prompt, 'prompt'),
          abortSignal: undefined,
          hidesSignal: true,
          held: name.startsWith('stream'),
        })
    if (operation === undefined) {
      return {
        listener: undefined,
        inside: (work) => tracedOperation.run({ operation: undefined }, work),
      }
    }
    operation.responseFormat = mapFormatAttributes(name, given)
    return {
      listener: {
        end: (written, failure) => {
          if (failure === undefined) {
            operation.noteObject(mapObjectAttribute(written), undefined)
            operation.noteReceived(written['ai.response.text'])
            operation.endTold()
          } else {
            operation.fail(failure.error)
          }
        },
      },
      inside: (work) => tracedOperation.run({ operation }, () => withRun(operation.run, work)),
      lost: () => operation.end({ status: 'incomplete', reason: reasons.neverRead }),
    }
  }
}

function traceModelCall(operation: Operation, given: SpanAttributes): Traced {
  const options = { ...mapCallAttributes(given), responseFormat: operation.responseFormat }
  operation.tools.noteRepeated(repeatedResultsIn(options))
  const call = startModelCall(operation, mapModelAttributes(given), options)
  if (call === undefined) {
    return NOBODY
  }
  let endedAt: number | undefined
  return {
    listener: {
      event: (name) => {
        if (name === 'ai.stream.firstChunk') {
          call.noteFirstOutput()
        } else if (name === 'ai.stream.finish') {
          // The span itself ends after the tools.
          endedAt = monotonicClock()
        }
      },
      end: (written, failure) => {
        call.answer = mapAnswerAttributes(written)
        if (failure !== undefined) {
          call.fail(failure.error)
        } else if (call.answer.finishReason === 'error') {
          call.fail(UNKNOWN_STREAM_ERROR)
        } else {
          call.close({ endedAt })
        }
      },
    },
    inside: (work) => withClaim(work),
  }
}

function traceValues(operation: Operation, kind: ValueCallKind, given: SpanAttributes): Traced {
  const call = startValueCall(kind, mapModelAttributes(given), {
    owner: operation,
    options: mapCallAttributes(given),
  })
  return {
    listener: {
      end: (written, failure) =>
        call?.close(
          failure === undefined
            ? kind.mapAnswer(mapValueAttributes(written))
            : reportedEnd(failure.error),
        ),
    },
    inside: (work) => work(),
  }
}

/* Always below the operation: where its parts come one by one, the SDK starts a tool inside the span of the model. */
function traceTool(operation: Operation, given: SpanAttributes): Traced {
  const { name, id, input } = mapToolAttributes(given)
  operation.tools.executed({ id: textOrUndefined(id), name: textOrUndefined(name), input })
  const run: Run | undefined = operation.recorder.start({
    name: textOrUndefined(name) ?? 'tool',
    type: 'tool',
    parent: operation.run,
    input,
    metadata: { [attributes.operationName]: 'execute_tool', [attributes.toolCallId]: id },
  })
  return {
    listener: {
      end: (written, failure) => {
        if (failure === undefined) {
          operation.recorder.end(run, toolEnd(mapToolAttributes(written)['output']))
        } else {
          operation.failTool(run, failure.error)
        }
      },
    },
    inside: (work) => (run === undefined ? work() : withRun(run, work)),
  }
}

function attributesOf(options: unknown): SpanAttributes {
  const given = fieldOf(options, 'attributes')
  return isObject(given) ? { ...given } : {}
}

function callWith(work: HostFunction | undefined, span: TracedSpan): unknown {
  return work?.(span)
}
