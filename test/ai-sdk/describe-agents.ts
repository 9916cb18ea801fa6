import { registerTruLayer, trulayerTelemetry } from '@trulayer/ai-sdk'
import { TruLayer } from '@trulayer/core'
import { captureTraces, spanTree, type TraceCapture } from '@trulayer/core/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { untilClosed } from './support/both-ways.ts'
import type { SDKSet } from './support/host.ts'
import { type Kit, kitOf, nameOf, thrownBy } from './support/kit.ts'
import { pause, type ScriptedAnswer } from './support/model.ts'

/** The agents of other packages of the SDK, as far as they are used here. */
export interface AgentPackages {
  readonly WorkflowAgent: new (settings: object) => {
    stream(options: object): Promise<{ readonly steps: readonly { readonly text: string }[] }>
  }
  readonly HarnessAgent: new (settings: object) => {
    createSession(): Promise<{ destroy?(): Promise<void> }>
    generate(options: object): Promise<{ readonly text: string }>
  }
}

interface Recording {
  readonly client: TruLayer
  readonly kit: Kit
  readonly capture: TraceCapture
  readonly warnings: () => string
  readonly telemetry: (name: string) => object
  readonly inner: () => object
  readonly trees: () => Promise<readonly string[]>
}

const WAYS = ['registered', 'with telemetry'] as const
const OFF = { telemetry: { isEnabled: false } }
const LLM = 'llm chat gpt-4o-mini · ok · 20 in, 5 out'

function recording(set: SDKSet, way: (typeof WAYS)[number]): Recording {
  const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false })
  const capture = captureTraces({ client })
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  onTestFinished(() => {
    warn.mockRestore()
    capture.stop()
  })
  if (way === 'registered') {
    onTestFinished(registerTruLayer(set.ai, { client }))
  }
  return {
    client,
    kit: kitOf(set),
    capture,
    warnings: () => warn.mock.calls.flat().join('\n'),
    telemetry: (name) =>
      way === 'registered'
        ? { functionId: name }
        : trulayerTelemetry({ client, name, sessionId: `session of ${name}` }),
    inner: () => (way === 'registered' ? {} : { telemetry: trulayerTelemetry({ client }) }),
    trees: async () => {
      await pause(20)
      await untilClosed(client)
      return capture.traces.map((trace) => spanTree(trace))
    },
  }
}

/* A tool that calls a model itself, named after the city. */
function weather({ kit, inner }: Pick<Recording, 'kit' | 'inner'>) {
  return {
    weather: kit.tool({
      description: 'The weather of a city',
      schema: kit.z.object({ city: kit.z.string() }),
      execute: async ({ city }: { city: string }) => {
        await pause(city.length)
        if (city === 'Atlantis') {
          throw new RangeError('no such city')
        }
        const { text } = await kit.sdk.generateText({
          model: kit.model([{ text: [`sunny in ${city}`] }], { modelId: `of ${city}` }),
          prompt: city,
          ...inner(),
        })
        return text
      },
    }),
  }
}

/** Agents that report to the integrations of version 7 from packages of their own. */
export function describeAgents(set: SDKSet, { WorkflowAgent, HarnessAgent }: AgentPackages): void {
  describe.each(WAYS)('WorkflowAgent, %s', (way) => {
    const run = async (
      { kit, inner }: Pick<Recording, 'kit' | 'inner'>,
      script: readonly ScriptedAnswer[],
      { telemetry, ...settings }: { readonly telemetry?: object; readonly tools?: object },
      question = 'Weather?',
    ) => {
      const parts: unknown[] = []
      const agent = new WorkflowAgent({
        model: kit.model(script),
        tools: weather({ kit, inner }),
        ...(telemetry !== undefined && { telemetry }),
        ...settings,
      })
      const { steps } = await agent.stream({
        messages: [{ role: 'user', content: question }],
        writable: new WritableStream({
          write: (part: { type: string }) => {
            parts.push(part.type)
          },
        }),
      })
      return [steps.map(({ text }) => text), parts]
    }
    const asks = (...cities: string[]): ScriptedAnswer => ({
      calls: cities.map((city) => ({ id: 'c1', name: 'weather', input: { city } })),
    })

    test('a run is one trace with its model calls and tools', async () => {
      const recorded = recording(set, way)
      const script = [asks('Rome', 'Atlantis'), { text: ['It is sunny.'] }]
      const bare = await run({ ...recorded, inner: () => OFF }, script, OFF)
      const seen = await run(recorded, script, { telemetry: recorded.telemetry('planner') })
      expect(seen).toEqual(bare)
      expect(await recorded.trees()).toEqual([
        `planner · ok · 60 in, 15 out
├─ ${LLM}
├─ tool weather · error (Error: RangeError: no such city)
├─ tool weather · ok
│  └─ llm chat of Rome · ok · 20 in, 5 out
└─ ${LLM}`,
      ])
      const [trace] = recorded.capture.traces
      expect(trace).toMatchObject({
        input: 'Weather?',
        output: 'It is sunny.',
        metadata: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'planner' },
      })
      expect(
        trace?.spans
          .filter(({ type }) => type === 'tool')
          .map(({ input, output }) => [input, output]),
      ).toEqual([
        [{ city: 'Rome' }, 'sunny in Rome'],
        [{ city: 'Atlantis' }, undefined],
      ])
      expect(recorded.warnings()).not.toContain('ai 6')
    })

    test('runs at once, which share one call id, are not mixed', async () => {
      const recorded = recording(set, way)
      const names = Array.from({ length: 12 }, (_, index) => 'x'.repeat(index + 1))
      await Promise.all(
        names.map((name, index) =>
          run(
            recorded,
            [
              { ...asks(name), delay: (index * 7) % 5 },
              { text: [`Done ${name}`], delay: 1 },
            ],
            { telemetry: recorded.telemetry(name) },
            `question ${name}`,
          ),
        ),
      )
      const trees = await recorded.trees()
      expect(trees.toSorted()).toEqual(
        names.map(
          (name) => `${name} · ok · 60 in, 15 out
├─ ${LLM}
├─ tool weather · ok
│  └─ llm chat of ${name} · ok · 20 in, 5 out
└─ ${LLM}`,
        ),
      )
      for (const { name, input, output, spans } of recorded.capture.traces) {
        expect([input, output]).toEqual([`question ${name}`, `Done ${name}`])
        expect(spans.find(({ type }) => type === 'tool')?.input).toEqual({ city: name })
      }
    })

    test('a run that is not recorded leaves nothing in one beside it', async () => {
      const recorded = recording(set, way)
      const script = (city: string): ScriptedAnswer[] => [
        { ...asks(city), delay: 3 },
        { text: [`Done ${city}`], delay: 3 },
      ]
      await Promise.all([
        run(recorded, script('Rome'), { telemetry: recorded.telemetry('shown') }),
        recorded.client.suppress(() =>
          run(recorded, script('Oslo'), { telemetry: recorded.telemetry('hidden') }),
        ),
      ])
      expect(await recorded.trees()).toEqual([
        `shown · ok · 60 in, 15 out
├─ ${LLM}
├─ tool weather · ok
│  └─ llm chat of Rome · ok · 20 in, 5 out
└─ ${LLM}`,
      ])
      expect(JSON.stringify(recorded.capture.traces)).not.toContain('Oslo')
    })

    test('runs that fail beside others end as errors', async () => {
      const recorded = recording(set, way)
      const failing = async () =>
        nameOf(
          await thrownBy(() =>
            run(recorded, [{ errors: [new TypeError('no model')] }], {
              telemetry: recorded.telemetry('failing'),
            }),
          ),
        )
      const [error] = await Promise.all([
        failing(),
        run(recorded, [{ text: ['fine'], delay: 5 }], { telemetry: recorded.telemetry('fine') }),
      ])
      expect(error).toBe('TypeError: no model')
      expect((await recorded.trees()).toSorted()).toEqual([
        `failing · error (TypeError: the message was not reported)
└─ llm chat gpt-4o-mini · error (TypeError: the message was not reported)`,
        `fine · ok · 20 in, 5 out\n└─ ${LLM}`,
      ])
    })

    test('a tool of the client interrupts the run', async () => {
      const recorded = recording(set, way)
      const { kit } = recorded
      await run(recorded, [asks('Rome')], {
        telemetry: recorded.telemetry('client'),
        tools: { weather: kit.tool({ schema: kit.z.object({ city: kit.z.string() }) }) },
      })
      expect(await recorded.trees()).toEqual([
        `client · ok · 20 in, 5 out\n├─ ${LLM}\n└─ tool weather · interrupted`,
      ])
    })
  })

  describe.each(WAYS)('HarnessAgent, %s', (way) => {
    const usage = {
      inputTokens: { total: 11, noCache: 11, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: 4, text: 4, reasoning: 0 },
    }
    const reason = (unified: string) => ({ unified, raw: unified })
    const text = (id: string, delta: string) => [
      { type: 'text-start', id },
      { type: 'text-delta', id, delta },
      { type: 'text-end', id },
    ]

    /* A coding agent in its sandbox, which asks for the weather and answers, or breaks. */
    function scriptedHarness(city: string, isBroken: boolean): object {
      const sandboxSession = {
        id: 'sandbox',
        defaultWorkingDirectory: '/w',
        ports: [],
        run: async () => ({ exitCode: 0, stdout: '', stderr: '' }),
        restricted: () => sandboxSession,
        stop: async () => {},
        destroy: async () => {},
      }
      return {
        sandbox: {
          specificationVersion: 'harness-sandbox-v1',
          providerId: 'scripted',
          createSession: async () => sandboxSession,
        },
        harness: {
          specificationVersion: 'harness-v1',
          harnessId: 'scripted',
          builtinTools: {},
          doStart: async ({ sessionId }: { sessionId: string }) => ({
            sessionId,
            isResume: false,
            doPromptTurn: async ({ emit }: { emit: (part: object) => unknown }) => {
              let answered = (): void => {}
              const answer = new Promise<void>((resolve) => {
                answered = resolve
              })
              const play = async (): Promise<void> => {
                await pause(2)
                const first = [{ type: 'stream-start' }, ...text('1', 'Let me look.')]
                for (const part of first) {
                  await emit(part)
                }
                if (isBroken) {
                  throw new TypeError('the runtime died')
                }
                await emit({
                  type: 'tool-call',
                  toolCallId: 'c1',
                  toolName: 'weather',
                  input: JSON.stringify({ city }),
                })
                await answer
                const last = [
                  { type: 'finish-step', finishReason: reason('tool-calls'), usage },
                  ...text('2', `Fixed ${city}.`),
                  { type: 'finish-step', finishReason: reason('stop'), usage },
                  { type: 'finish', finishReason: reason('stop'), totalUsage: usage, usage },
                ]
                for (const part of last) {
                  await emit(part)
                }
              }
              return {
                submitToolResult: async () => answered(),
                done: play(),
              }
            },
            doCompact: async () => {},
            doDestroy: async () => {},
            doStop: async () => {},
            doDetach: async () => {},
          }),
        },
      }
    }

    const run = async (
      { kit, inner }: Pick<Recording, 'kit' | 'inner'>,
      city: string,
      { telemetry, isBroken = false }: { readonly telemetry?: object; readonly isBroken?: boolean },
    ): Promise<string> => {
      const agent = new HarnessAgent({
        ...scriptedHarness(city, isBroken),
        model: 'claude-x',
        tools: weather({ kit, inner }),
        ...(telemetry !== undefined && { telemetry }),
      })
      const session = await agent.createSession()
      const result = await agent.generate({ session, prompt: `fix ${city}` })
      await session.destroy?.()
      return result.text
    }
    const STEP = 'llm chat claude-x · ok · 11 in, 4 out'
    const turn = (name: string): string => `${name} · ok · 42 in, 13 out
├─ ${STEP}
├─ tool weather · ok
│  └─ llm chat of ${name} · ok · 20 in, 5 out
└─ ${STEP}`

    test('a turn is one trace with its model calls and tools', async () => {
      const recorded = recording(set, way)
      const seen = await run(recorded, 'Rome', { telemetry: recorded.telemetry('Rome') })
      expect(await recorded.trees()).toEqual([turn('Rome')])
      expect(seen).toBe(await run({ ...recorded, inner: () => OFF }, 'Rome', {}))
      const [trace] = recorded.capture.traces
      expect(trace).toMatchObject({ input: 'fix Rome', output: 'Fixed Rome.' })
      const tool = trace?.spans.find(({ type }) => type === 'tool')
      expect(tool).toMatchObject({
        input: { city: 'Rome' },
        output: 'sunny in Rome',
        metadata: { 'gen_ai.tool.call.id': 'c1' },
      })
      expect(trace?.spans.find(({ type }) => type === 'llm')?.output).toEqual([
        {
          role: 'assistant',
          parts: [
            { type: 'text', content: 'Let me look.' },
            { type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Rome' } },
          ],
        },
      ])
    })

    test('turns at once are not mixed, and one that fails ends as an error', async () => {
      const recorded = recording(set, way)
      const error = vi.spyOn(console, 'error').mockImplementation(() => {})
      onTestFinished(() => error.mockRestore())
      const names = ['a', 'bb', 'ccc', 'dddd']
      const outcomes = await Promise.all([
        ...names.map((name) => run(recorded, name, { telemetry: recorded.telemetry(name) })),
        thrownBy(() =>
          run(recorded, 'x', { telemetry: recorded.telemetry('broken'), isBroken: true }),
        ),
      ])
      expect(
        outcomes.map((outcome) => (outcome instanceof Error ? outcome.message : outcome)),
      ).toEqual([...names.map((name) => `Fixed ${name}.`), 'the runtime died'])
      const trees = await recorded.trees()
      expect(trees.filter((tree) => !tree.startsWith('broken')).toSorted()).toEqual(names.map(turn))
      expect(trees.find((tree) => tree.startsWith('broken'))).toBe(
        `broken · error (TypeError: the message was not reported)
└─ llm chat claude-x · error (TypeError: the message was not reported)`,
      )
    })
  })

  describe('operations that no version had when this was written', () => {
    test('are turns of an agent, except those that produce media or decisions', async () => {
      const { capture, trees } = recording(set, 'registered')
      const list: unknown = Reflect.get(globalThis, 'AI_SDK_TELEMETRY_INTEGRATIONS')
      const [integration] = Array.isArray(list) ? list.slice(-1) : []
      const report = (callId: string, operationId: string): void => {
        const messages = [{ role: 'user', content: operationId }]
        const model = { callId, provider: 'p', modelId: 'm' }
        integration.onStart({ ...model, operationId, messages })
        integration.onLanguageModelCallStart({ ...model, messages })
        integration.onLanguageModelCallEnd({
          ...model,
          content: [{ type: 'text', text: 'done' }],
          usage: { inputTokens: 3, outputTokens: 2 },
          finishReason: 'stop',
        })
        integration.onEnd({ callId, text: 'done' })
      }
      for (const [index, operationId] of [
        'ai.swarm.run',
        'ai.generateImage',
        'ai.transcribe',
        'ai.decide',
      ].entries()) {
        report(`call-${index}-${Math.random()}`, operationId)
      }
      expect(await trees()).toEqual(['swarm · ok · 3 in, 2 out\n└─ llm chat m · ok · 3 in, 2 out'])
      expect(capture.traces[0]).toMatchObject({ input: 'ai.swarm.run', output: 'done' })
    })
  })
}
