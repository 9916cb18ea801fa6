import type { TruLayer } from '@trulayer/core'
import {
  checkAdapterOptions,
  guard,
  isList,
  isObject,
  resolveLogger,
} from '@trulayer/core/internal'

import { followSettings } from './follow-settings.ts'
import { Instrumentation } from './instrumentation.ts'
import { TruLayerListener } from './listener.ts'
import { type LlamaIndexTurn, runTurn } from './run-turn.ts'
import type { LlamaIndexSettings } from './types.ts'
import { wrapAgent } from './wrap-agent.ts'
import { wrapEmbedding } from './wrap-embedding.ts'
import { wrapModel } from './wrap-model.ts'

/** How LlamaIndex is recorded. */
export interface InstrumentLlamaIndexOptions {
  /** The client that records. @defaultValue the global one, asked for whenever something starts */
  readonly client?: TruLayer | undefined
}

/** What `instrumentLlamaIndex` returns. Every method but `run` and `off` changes the object that it is given, and returns it. */
export interface LlamaIndexInstrumentation {
  /**
   * Records every call of a model: with events alone its errors are lost, a stream that is left has no end, and of some
   * providers nothing is told.
   */
  readonly llm: <Model extends object>(model: Model) => Model
  /** Records the turns of an agent, its tools among them, and of agents that it hands over to; of a chat engine as well. */
  readonly agent: <Agent extends object>(agent: Agent) => Agent
  /** Records the calls of an embedding model, of which there are no events. */
  readonly embedding: <Model extends object>(model: Model) => Model
  /**
   * Runs `work` as one turn, with a name and a session. When it throws, the turn fails with the error and what is open in it is
   * closed.
   *
   * @returns what `work` returns; what it throws is thrown on, the same object
   */
  readonly run: <Result>(
    turn: LlamaIndexTurn,
    work: () => Result | PromiseLike<Result>,
  ) => Promise<Awaited<Result>>
  /** Records nothing any more. What was wrapped stays wrapped and does nothing. */
  readonly off: () => void
}

/**
 * Records what LlamaIndex.TS does in this process: each query, chat and turn of an agent is one trace, with a span for every
 * call of a model and of a tool and for every retrieval.
 *
 * @param settings - `Settings` of `llamaindex`, or of `@llamaindex/core/global`. Each copy of LlamaIndex has its own: the one
 *   for ES modules, the one for CommonJS, and every version of `@llamaindex/core` that is installed. Hand over a list where
 *   there are several
 *
 * @example
 * ```ts
 * const tl = instrumentLlamaIndex(Settings)
 * Settings.llm = tl.llm(new OpenAI({ model: 'gpt-4o-mini' }))
 * Settings.embedModel = tl.embedding(new OpenAIEmbedding())
 *
 * await index.asQueryEngine().query({ query })
 * ```
 */
export function instrumentLlamaIndex(
  settings: LlamaIndexSettings | readonly LlamaIndexSettings[],
  options: InstrumentLlamaIndexOptions = {},
): LlamaIndexInstrumentation {
  checkAdapterOptions('instrumentLlamaIndex()', options)
  const instrumentation = new Instrumentation(options.client)
  const listener = new TruLayerListener(instrumentation)
  const undos = listOf(settings).map((one) => {
    const undo = isObject(one)
      ? guard('the settings of LlamaIndex', () => followSettings(one, listener))
      : undefined
    if (undo === undefined) {
      warn(
        options.client,
        'instrumentLlamaIndex() was given something without a callbackManager, so nothing is recorded there: pass `Settings` of `llamaindex`.',
        'llamaindex-no-manager',
      )
    }
    return undo
  })
  const wrap = <Target extends object>(
    target: Target,
    what: string,
    work: (instrumentation: Instrumentation, target: Target) => boolean,
  ): Target => {
    if (guard(what, () => work(instrumentation, target)) === false) {
      warn(options.client, `${what} was not recognised, so it is not recorded.`, what)
    }
    return target
  }
  return {
    llm: (model) => wrap(model, 'the model that llm() of LlamaIndex was given', wrapModel),
    agent: (agent) => wrap(agent, 'the agent that agent() of LlamaIndex was given', wrapAgent),
    embedding: (model) =>
      wrap(model, 'the model that embedding() of LlamaIndex was given', wrapEmbedding),
    run: (turn, work) => runTurn(instrumentation, turn, work),
    off: () => {
      instrumentation.isOn = false
      undos.splice(0).forEach((undo) => undo?.())
    },
  }
}

function listOf(
  settings: LlamaIndexSettings | readonly LlamaIndexSettings[],
): readonly LlamaIndexSettings[] {
  return isSettingsList(settings) ? settings : [settings]
}

function isSettingsList(
  settings: LlamaIndexSettings | readonly LlamaIndexSettings[],
): settings is readonly LlamaIndexSettings[] {
  return isList(settings)
}

function warn(client: TruLayer | undefined, message: string, key: string): void {
  guard('a warning', () => resolveLogger(client).warn(message, key))
}
