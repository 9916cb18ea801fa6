import { TruLayer, type FinishedSpan, type FinishedTrace } from '@trulayer/core'
import { toWireTrace } from '@trulayer/core/internal'
import { captureTraces, spanTree } from '@trulayer/core/testing'
import { instrumentLlamaIndex, type LlamaIndexInstrumentation } from '@trulayer/llamaindex'
import { expect, onTestFinished, vi } from 'vitest'

import { traceProblem } from '../support/contract.ts'
import {
  type Bill,
  createScriptedEmbedding,
  createScriptedModel,
  type Script,
  type ScriptedModelOptions,
} from '../support/llamaindex-scripted-model.ts'
import type { Agent, Answer, Index, Model, VersionSet } from './frameworks.ts'

/** What a scenario is played with. */
export interface Stage {
  readonly set: VersionSet
  readonly client: TruLayer
  /** Without us everything that it wraps stays as it is, and a turn is just its work. */
  readonly tl: Omit<LlamaIndexInstrumentation, 'off'>
  /** A scripted model that is not wrapped. */
  readonly model: (script: Script, options?: Partial<ScriptedModelOptions>) => Model
  /** A scripted model that is wrapped. */
  readonly llm: (script: Script, options?: Partial<ScriptedModelOptions>) => Model
  /** An index of two documents, of which one is about Paris and one about Rome. */
  readonly index: () => Promise<Index>
  /** A tool with one argument, `city`. */
  readonly tool: (name: string, execute: (input: { readonly city: string }) => unknown) => object
  /** An agent on a wrapped model, wrapped itself. */
  readonly agent: (name: string, script: Script, options?: object) => Agent
}

/** A turn, or a few, and what is to be seen of it. */
export interface Scenario {
  /** As the field notes count them; from 13 on those of the list below them. */
  readonly number: number
  readonly title: string
  /** The host's program. What it returns is what the host sees, which must not depend on us. */
  turn(stage: Stage): Promise<unknown>
  /** Every trace as text, in order of their ends. */
  readonly trees: readonly string[]
  /** False where tokens are lost with the end of a stream. */
  readonly isBilled?: boolean
  /** True where nothing ever ends the turn. */
  readonly isLeftOpen?: boolean
  /** Errors that LlamaIndex lets go unhandled, by their messages. */
  readonly unhandled?: readonly string[]
  /** What no tree shows. */
  check?(played: Played): void
}

/** A turn that was played with us. */
export interface Played {
  readonly value: unknown
  readonly traces: readonly FinishedTrace[]
  readonly trace: FinishedTrace
  readonly trees: readonly string[]
  readonly bill: Bill
}

/**
 * Plays a turn without us and with us, and holds that the host sees the same both times, unhandled rejections included, that
 * no run is left open, that each trace is what the service takes, and that the traces hold the tokens that the models billed.
 */
export async function play(set: VersionSet, scenario: Scenario): Promise<Played> {
  const warn = vi.spyOn(console, 'warn')
  const unhandled: string[] = []
  const note = (error: unknown): void => {
    unhandled.push(error instanceof Error ? error.message : String(error))
  }
  const strangers = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note)
  onTestFinished(() => {
    process.removeAllListeners('unhandledRejection')
    strangers.forEach((listener) => process.on('unhandledRejection', listener))
  })
  const bare = await settle(() =>
    scenario.turn(stage(set, new TruLayer({ mode: 'off' }), BARE, newBill())),
  )
  expect(unhandled.splice(0)).toEqual(scenario.unhandled ?? [])

  const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false })
  const capture = captureTraces({ client })
  onTestFinished(() => capture.stop())
  const tl = instrumentLlamaIndex(set.Settings, { client })
  onTestFinished(() => tl.off())
  const bill = newBill()
  const outcome = await settle(() => scenario.turn(stage(set, client, tl, bill)))
  await client.flush({ open: scenario.isLeftOpen === true ? 'close' : undefined })
  await capture.last()
  expect(unhandled).toEqual(scenario.unhandled ?? [])
  expect(comparable(outcome)).toEqual(comparable(bare))
  expect(client.stats().traces).toMatchObject({ open: 0, late: 0 })
  expect(warn.mock.calls.filter(([line]) => String(line).startsWith('[trulayer]'))).toEqual([])
  warn.mockRestore()
  const { traces } = capture
  for (const one of traces) {
    const wire: unknown = JSON.parse(JSON.stringify(toWireTrace(one)))
    expect(traceProblem(wire)).toBeUndefined()
  }
  const [trace] = traces
  if (trace === undefined) {
    throw new Error('no trace')
  }
  return { value: outcome.value, traces, trace, trees: traces.map(spanTree), bill }
}

/** The tokens of all traces. */
export function billOf(traces: readonly FinishedTrace[]): Bill {
  const bill = newBill()
  for (const { usage } of traces.flatMap(({ spans }) => spans)) {
    bill.promptTokens += usage?.promptTokens ?? 0
    bill.completionTokens += usage?.completionTokens ?? 0
  }
  return bill
}

/** The span of that name, the first of several. */
export function spanNamed(trace: FinishedTrace, name: string): FinishedSpan {
  const span = trace.spans.find((candidate) => candidate.name === name)
  if (span === undefined) {
    throw new Error(`no span ${name} in ${spanTree(trace)}`)
  }
  return span
}

/** Reads a stream, to its end or that many parts of it, and answers with its text. */
export async function drain(stream: AsyncIterable<Answer>, parts = Infinity): Promise<string> {
  let text = ''
  let count = 0
  for await (const part of stream) {
    text += part.delta ?? ''
    count += 1
    if (count === parts) {
      break
    }
  }
  return text
}

/** Lets everything that is pending happen, a round of the event loop long. */
function round(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

const BARE: Stage['tl'] = {
  llm: (model) => model,
  agent: (agent) => agent,
  embedding: (model) => model,
  run: async <Result>(
    _turn: object,
    work: () => Result | PromiseLike<Result>,
  ): Promise<Awaited<Result>> => await work(),
}

function stage(set: VersionSet, client: TruLayer, tl: Stage['tl'], bill: Bill): Stage {
  const { BaseEmbedding, Document, Settings, VectorStoreIndex, z } = set
  Settings.embedModel = createScriptedEmbedding(BaseEmbedding)
  const model: Stage['model'] = (script, options) =>
    // A model of the set, whose foundation it is made of.
    createScriptedModel(set, { script, bill, ...options }) as Model
  const llm: Stage['llm'] = (script, options) => tl.llm(model(script, options))
  return {
    set,
    client,
    tl,
    model,
    llm,
    index: () =>
      VectorStoreIndex.fromDocuments([
        new Document({ text: 'Paris is the capital.', id_: 'paris', metadata: { page: 1 } }),
        new Document({ text: 'Rome is old.', id_: 'rome' }),
      ]),
    tool: (name, execute) =>
      set.tool({ name, description: name, parameters: z.object({ city: z.string() }), execute }),
    agent: (name, script, options) =>
      tl.agent(set.agent({ name, description: name, llm: llm(script), tools: [], ...options })),
  }
}

function newBill(): Bill {
  return { promptTokens: 0, completionTokens: 0 }
}

async function settle(
  turn: () => Promise<unknown>,
): Promise<{ readonly status: string; readonly value: unknown }> {
  try {
    return { status: 'returned', value: await turn() }
  } catch (error) {
    return { status: 'threw', value: error }
  } finally {
    // An unhandled rejection is told a round later.
    await round()
    await round()
  }
}

const RANDOM_ID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g

/* As JSON without ids, which are new in every run. */
function comparable(outcome: unknown): unknown {
  const text = JSON.stringify(outcome, (_key, value: unknown) =>
    value instanceof Error ? { name: value.name, message: value.message } : value,
  )
  return JSON.parse(text.replaceAll(RANDOM_ID, '<id>'))
}
