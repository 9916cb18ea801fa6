import { instrumentAISDK, registerTruLayer, trulayerTelemetry } from '@trulayer/ai-sdk'
import {
  type FinishedSpan,
  type FinishedTrace,
  TruLayer,
  type TruLayerOptions,
} from '@trulayer/core'
import { captureTraces } from '@trulayer/core/testing'
import { describe, expect, onTestFinished, test } from 'vitest'

import { untilClosed } from './support/both-ways.ts'
import type { SDKSet } from './support/host.ts'
import { majorOf } from './support/host.ts'
import { type Kit, kitOf } from './support/kit.ts'
import { pause } from './support/model.ts'

/* A way to record calls: a kit, and what each call needs besides. */
interface Recording {
  readonly kit: Kit
  readonly client: TruLayer
  readonly telemetry: (options?: object) => object
  readonly traces: () => Promise<readonly FinishedTrace[]>
}

const WAYS = ['wrapped', 'with telemetry', 'registered'] as const

/** Records calls in one of these ways. */
export function recording(
  set: SDKSet,
  way: (typeof WAYS)[number],
  clientOptions: TruLayerOptions = {},
): Recording {
  const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false, ...clientOptions })
  const capture = captureTraces({ client })
  onTestFinished(() => capture.stop())
  if (way === 'registered') {
    onTestFinished(registerTruLayer(set.ai, { client }))
  }
  return {
    client,
    kit: kitOf(set, way === 'wrapped' ? instrumentAISDK(set.ai, { client }) : set.ai),
    telemetry: (options = {}) =>
      way === 'registered'
        ? {}
        : { experimental_telemetry: trulayerTelemetry({ client, ...options }) },
    traces: async () => {
      await pause(5)
      await untilClosed(client)
      return capture.traces
    },
  }
}

/** The ways that a version has. */
export function waysOf(set: SDKSet): readonly (typeof WAYS)[number][] {
  return majorOf(set) === 7 ? WAYS : WAYS.slice(0, 2)
}

/* The answer of the client's tool `locate`, as the next request has it. */
function answerOf(kit: Kit, id: string, value: string): object {
  const answer = kit.major === 4 ? { result: value } : { output: { type: 'text', value } }
  return {
    role: 'tool',
    content: [{ type: 'tool-result', toolCallId: id, toolName: 'locate', ...answer }],
  }
}

function askedFor(kit: Kit, id: string): object {
  const input = kit.major === 4 ? { args: {} } : { input: {} }
  return {
    role: 'assistant',
    content: [{ type: 'tool-call', toolCallId: id, toolName: 'locate', ...input }],
  }
}

function toolsOf(trace: FinishedTrace | undefined): readonly FinishedSpan[] {
  return trace?.spans.filter(({ type }) => type === 'tool') ?? []
}

/* Two calls of one tool and one id in a step; the first one fails where that does not end the turn. */
async function callTwice(
  kit: Kit,
  name: string,
  { id, delays, telemetry }: { id: string; delays: readonly number[]; telemetry: object },
): Promise<void> {
  const cities = ['Rome', 'Oslo']
  const calls = cities.map((city) => ({ id, name: 'weather', input: { city } }))
  const options = {
    model: kit.model([{ calls }, { text: ['done'] }]),
    tools: {
      weather: kit.tool({
        schema: kit.z.object({ city: kit.z.string() }),
        execute: async ({ city }: { city: string }) => {
          await pause(delays[cities.indexOf(city)])
          if (city === 'Rome' && kit.major > 4) {
            throw new TypeError('no weather in Rome')
          }
          return `sunny in ${city}`
        },
      }),
    },
    prompt: 'hi',
    ...kit.steps(3),
    ...telemetry,
  }
  if (name === 'generateText') {
    await kit.sdk.generateText(options)
  } else {
    await kit.sdk.streamText(options).consumeStream()
  }
}

/** Ids of calls that a provider repeats: within a step, or from conversation to conversation. */
export function runCallIds(set: SDKSet): void {
  // Output, error and status of the first of two calls.
  const failed =
    majorOf(set) === 4
      ? (['sunny in Rome', undefined, 'ok'] as const)
      : ([undefined, 'TypeError: no weather in Rome', 'error'] as const)

  describe.each(waysOf(set))('ids of tool calls that repeat, %s', (way) => {
    test.each([
      ['generateText', 'call_0', [12, 3]],
      ['generateText', 'call_0', [3, 12]],
      ['generateText', '', [12, 3]],
      ['streamText', 'call_0', [12, 3]],
      ['streamText', 'call_0', [3, 12]],
      ['streamText', '', [3, 12]],
    ])('each call of one step has its own result: %s, id "%s", %j ms', async (name, id, delays) => {
      const { kit, telemetry, traces } = recording(set, way)
      await callTwice(kit, name, { id, delays, telemetry: telemetry() })
      const [trace] = await traces()
      const tools = toolsOf(trace)
      expect(
        tools.map(({ input, output, error, status }) => [input, output, error, status]),
      ).toEqual([
        [{ city: 'Rome' }, ...failed],
        [{ city: 'Oslo' }, 'sunny in Oslo', undefined, 'ok'],
      ])
      expect(trace?.spans.map(({ type }) => type)).toEqual(['llm', 'tool', 'tool', 'llm'])
    })

    test.each([[[12, 3]], [[3, 12]]])(
      'each call has its own result where inputs are not recorded, %j ms',
      async (delays) => {
        const { kit, telemetry, traces } = recording(set, way)
        // Version 7 shows integrations copies of a call whose input is not recorded.
        const off =
          way === 'registered'
            ? { telemetry: { recordInputs: false } }
            : telemetry({ recordInputs: false })
        await callTwice(kit, 'generateText', { id: 'call_0', delays, telemetry: off })
        const [trace] = await traces()
        const tools = toolsOf(trace)
        expect(tools.map(({ input, output, status }) => [input, output, status])).toEqual([
          [undefined, failed[0], failed[2]],
          [undefined, 'sunny in Oslo', 'ok'],
        ])
      },
    )

    test('a call that is executed does not hide one of the same id that is not', async () => {
      const { kit, telemetry, traces } = recording(set, way)
      await kit.sdk.generateText({
        model: kit.model([
          {
            calls: [
              { id: 'call_0', name: 'locate', input: {} },
              { id: 'call_0', name: 'weather', input: { city: 'Oslo' } },
            ],
          },
        ]),
        tools: {
          locate: kit.tool({ schema: kit.z.object({}) }),
          weather: kit.tool({
            schema: kit.z.object({ city: kit.z.string() }),
            execute: async () => 'sunny',
          }),
        },
        prompt: 'hi',
        ...kit.steps(3),
        ...telemetry(),
      })
      const [trace] = await traces()
      const tools = toolsOf(trace)
      expect(new Map(tools.map((tool) => [tool.name, tool.status]))).toEqual(
        new Map([
          ['weather', 'ok'],
          ['locate', 'interrupted'],
        ]),
      )
      expect(tools).toHaveLength(2)
    })

    /* Ann waits for her browser. What comes next is the request that is tested. */
    const annWaits = async ({ kit, telemetry }: Recording, options?: object) => {
      const tools = { locate: kit.tool({ schema: kit.z.object({}) }) }
      await kit.sdk.generateText({
        model: kit.model([{ calls: [{ id: ID, name: 'locate', input: {} }] }]),
        messages: [{ role: 'user', content: 'I am Ann, where am I?' }],
        tools,
        ...telemetry(options),
      })
      // With an integration of version 7 a turn ends a moment after its call.
      await pause(5)
      return {
        model: kit.model([{ text: ['first'] }, { text: ['second'] }]),
        tools,
        ...telemetry(options),
      }
    }
    const ID = 'functions.locate:0'

    test('an old answer in the history of another user is no answer', async () => {
      const recorded = recording(set, way)
      const { kit } = recorded
      const call = await annWaits(recorded)
      await kit.sdk.generateText({
        ...call,
        messages: [
          { role: 'user', content: 'I am Ann, where am I?' },
          askedFor(kit, ID),
          answerOf(kit, ID, 'Oslo'),
          { role: 'assistant', content: [{ type: 'text', text: 'In Oslo.' }] },
          { role: 'user', content: 'Thanks. And tomorrow?' },
        ],
      })
      const [ann, bob] = await recorded.traces()
      expect(bob?.spans.map(({ type }) => type)).toEqual(['llm'])
      expect(bob?.metadata['trulayer.resumed_from']).toBeUndefined()
      expect(bob?.sessionId).not.toBe(ann?.sessionId)
    })

    test('an answer in another conversation is no answer, and the right one still is', async () => {
      const recorded = recording(set, way)
      const { kit } = recorded
      const call = await annWaits(recorded)
      const answered = async (text: unknown): Promise<void> => {
        await kit.sdk.generateText({
          ...call,
          messages: [{ role: 'user', content: text }, askedFor(kit, ID), answerOf(kit, ID, 'Oslo')],
        })
      }
      await answered('I am Bob, where am I?')
      await answered([{ type: 'text', text: 'I am Ann, where am I?' }])
      const [ann, bob, resumed] = await recorded.traces()
      expect(bob?.spans.map(({ type }) => type)).toEqual(['llm'])
      expect(bob?.metadata['trulayer.resumed_from']).toBeUndefined()
      expect(bob?.sessionId).not.toBe(ann?.sessionId)
      expect(resumed?.spans.map(({ type }) => type)).toEqual(['tool', 'llm'])
      expect(resumed?.metadata['trulayer.resumed_from']).toBe(ann?.id)
      expect(resumed?.sessionId).toBe(ann?.sessionId)
    })

    test('the same words in another session, or by another user, are no answer', async () => {
      const recorded = recording(set, way)
      const { kit, client } = recorded
      const inSession = async <Result>(
        session: object,
        work: () => Promise<Result>,
      ): Promise<Result> => client.withSession(session, work)
      const call = await inSession({ sessionId: 'ann', userId: 'ann' }, () => annWaits(recorded))
      const answered = async (): Promise<void> => {
        await kit.sdk.generateText({
          ...call,
          messages: [
            { role: 'user', content: 'I am Ann, where am I?' },
            askedFor(kit, ID),
            answerOf(kit, ID, 'Oslo'),
          ],
        })
      }
      await inSession({ sessionId: 'bob' }, answered)
      await inSession({ userId: 'bob' }, answered)
      await inSession({ sessionId: 'ann' }, answered)
      const [ann, ...others] = await recorded.traces()
      expect(others.map(({ metadata }) => metadata['trulayer.resumed_from'])).toEqual([
        undefined,
        undefined,
        ann?.id,
      ])
      expect(others.map(({ sessionId }) => sessionId === 'ann')).toEqual([false, false, true])
    })

    test('an answer that two turns may wait for belongs to none', async () => {
      const recorded = recording(set, way)
      const { kit } = recorded
      const call = await annWaits(recorded)
      await annWaits(recorded)
      await kit.sdk.generateText({
        ...call,
        messages: [
          { role: 'user', content: 'I am Ann, where am I?' },
          askedFor(kit, ID),
          answerOf(kit, ID, 'Oslo'),
        ],
      })
      const [, , third] = await recorded.traces()
      expect(third?.spans.map(({ type }) => type)).toEqual(['llm'])
      expect(third?.metadata['trulayer.resumed_from']).toBeUndefined()
    })
  })
}
