import { TruLayer, type FinishedSpan, type FinishedTrace } from '@trulayer/core'
import { spanTree } from '@trulayer/core/testing'
import { TruLayerExporter, type TruLayerExporterOptions } from '@trulayer/mastra'
import { expect, vi } from 'vitest'

import { collectingClient } from '../support/collecting-client.ts'
import {
  type Bill,
  LegacyScriptedModel,
  type ScriptedAnswer,
  ScriptedModel,
  type ScriptedModelOptions,
} from '../support/mastra-scripted-model.ts'
import type { AgentLike, AnswerStream, Context, MastraLike, VersionSet } from './frameworks.ts'

/** What a scenario is played with. */
export interface Stage {
  readonly set: VersionSet
  readonly client: TruLayer
  /** An agent on a scripted model. */
  readonly agent: (id: string, script: readonly ScriptedAnswer[], options?: object) => AgentLike
  /** A scripted model whose answers are billed. */
  readonly model: (
    script: readonly ScriptedAnswer[],
    modelId?: string,
    options?: ScriptedModelOptions,
  ) => ScriptedModel
  /** The same for `generateLegacy`. */
  readonly legacyModel: (script: readonly ScriptedAnswer[]) => LegacyScriptedModel
  /** A tool with one argument, `city`, unless a schema is given. */
  readonly tool: (
    id: string,
    execute: (input: Record<string, unknown>, context: Context) => unknown,
    options?: object,
  ) => object
  readonly step: (id: string, execute: (context: Context) => unknown, options?: object) => object
  /** An instance of Mastra that is observed. */
  readonly mastra: (parts: object, config?: object) => MastraLike
}

/** A turn, or a few, and what is to be seen of it. */
export interface Scenario {
  /** As the field notes count them; from 21 on those of the list below them. */
  readonly number: number
  readonly title: string
  /** The host's program. What it returns is what the host sees, which must not depend on the exporter. */
  turn(stage: Stage): Promise<unknown>
  /** Every trace as text, in any order. */
  readonly trees: readonly string[]
  /** Their sessions in order of their ends, where the host gave any. */
  readonly sessions?: readonly string[]
  /** False where Mastra cannot know what the model billed. */
  readonly isBilled?: boolean
  /** Options of the exporter. */
  readonly options?: TruLayerExporterOptions
  /** True where nobody waits for the end of a turn. */
  readonly isLeftOpen?: boolean
  /** What no tree shows. */
  check?(played: Played): void
}

/** A turn that was played with the exporter. */
export interface Played {
  readonly value: unknown
  readonly traces: readonly FinishedTrace[]
  readonly trace: FinishedTrace
  readonly trees: readonly string[]
  readonly bill: Bill
}

/**
 * Plays a turn without observability's exporter and with it, and holds that the host sees the same both times, that no run
 * is left open, and that the traces hold the tokens that the models billed.
 */
export async function play(set: VersionSet, scenario: Scenario): Promise<Played> {
  const warn = vi.spyOn(console, 'warn')
  const bare = await settle(() =>
    scenario.turn(stage(set, new TruLayer({ mode: 'off' }), newBill(), { name: 'none' })),
  )
  const { client, traces, settled } = collectingClient({ limits: { grace: 100 } })
  const { getCurrentSpan } = set
  const exporter = new TruLayerExporter({ client, getCurrentSpan, ...scenario.options })
  const bill = newBill()
  const outcome = await settle(() => scenario.turn(stage(set, client, bill, exporter)))
  if (scenario.isLeftOpen === true) {
    await client.flush({ open: 'close' })
  } else {
    await settled()
  }
  expect(comparable(outcome)).toEqual(comparable(bare))
  expect(client.stats().traces).toMatchObject({ open: 0, late: 0 })
  expect(warn.mock.calls.filter(([line]) => String(line).startsWith('[trulayer]'))).toEqual([])
  warn.mockRestore()
  const [trace] = traces
  if (trace === undefined) {
    throw new Error('no trace')
  }
  return { value: outcome.value, traces, trace, trees: traces.map(spanTree), bill }
}

/** Plays a turn whose traces go to a service over HTTP. */
export async function deliver(
  set: VersionSet,
  scenario: Scenario,
  endpoint: string,
): Promise<void> {
  const client = new TruLayer({ apiKey: 'tl_test', endpoint, exitHooks: false })
  const { getCurrentSpan } = set
  const exporter = new TruLayerExporter({ client, getCurrentSpan, ...scenario.options })
  await settle(() => scenario.turn(stage(set, client, newBill(), exporter)))
  await client.shutdown()
  expect(client.stats().traces).toMatchObject({ open: 0, dropped: {} })
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

/**
 * Reads a stream to its end, which an error in it does not keep from coming.
 *
 * @param onPart - hears of every part
 */
export async function drain(
  stream: Pick<AnswerStream, 'fullStream'>,
  onPart?: (type: string) => void,
): Promise<string[]> {
  const types: string[] = []
  for await (const part of stream.fullStream) {
    types.push(part.type)
    onPart?.(part.type)
  }
  return types
}

/** Lets the host's timers run. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}

function stage(set: VersionSet, client: TruLayer, bill: Bill, exporter: object): Stage {
  const { Agent, createStep, createTool, Mastra, Observability, InMemoryStore, z } = set
  const model: Stage['model'] = (script, modelId, options) =>
    new ScriptedModel(script, { bill, ...(modelId === undefined ? {} : { modelId }), ...options })
  return {
    set,
    client,
    model,
    legacyModel: (script) => new LegacyScriptedModel(script, { bill }),
    agent: (id, script, options) =>
      new Agent({ id, name: id, instructions: 'Be kind.', model: model(script), ...options }),
    // Before version 1 the arguments stand in the context.
    tool: (id, execute, options) =>
      createTool({
        id,
        description: id,
        inputSchema: z.object({ city: z.string() }),
        execute: (input: Context & { context?: Context }, context?: Context) =>
          execute(input.context ?? input, context ?? input),
        ...options,
      }),
    step: (id, execute, options) =>
      createStep({ id, inputSchema: z.any(), outputSchema: z.any(), execute, ...options }),
    mastra: (parts, config) => {
      set.clearAITracingRegistry?.()
      const exporters = 'exportTracingEvent' in exporter ? [exporter] : [silentExporter]
      const configs = { default: { serviceName: 'test', exporters, ...config } }
      return new Mastra({
        logger: false,
        storage: new InMemoryStore({ id: 'store' }),
        observability: Observability === undefined ? { configs } : new Observability({ configs }),
        ...parts,
      })
    },
  }
}

/* Without our exporter there is an empty one, since observability changes what Mastra returns. */
const silentExporter = {
  name: 'silent',
  exportTracingEvent: () => Promise.resolve(),
  exportEvent: () => Promise.resolve(),
  flush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
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
  }
}

const RANDOM_ID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\b[0-9a-f]{16}(?:[0-9a-f]{16})?\b/g

/* As JSON without ids, which are new in every run. */
function comparable(outcome: unknown): unknown {
  const text = JSON.stringify(outcome, (key, value: unknown) => {
    if (key === 'stack') {
      return undefined
    }
    return value instanceof Error ? { name: value.name, message: value.message } : value
  })
  return JSON.parse(text.replaceAll(RANDOM_ID, '<id>'))
}
