import {
  instrumentAISDK,
  registerTruLayer,
  trulayerMiddleware,
  trulayerTelemetry,
} from '@trulayer/ai-sdk'
import { init, TruLayer, wrapHandler } from '@trulayer/core'
import { createRelay } from '@trulayer/core/relay'
import { instrumentLangChain, TruLayerCallbackHandler } from '@trulayer/langchain'
import { instrumentLlamaIndex } from '@trulayer/llamaindex'
import { TruLayerExporter, trulayerObservability, withTruLayer } from '@trulayer/mastra'
import * as callbacks from '@langchain/core/callbacks/manager'
import * as ai from 'ai'
import { describe, expect, test } from 'vitest'

/* Calls as they come from programs without a type checker. The undo is what some of them return. */
type SetUp = (options: unknown) => unknown

const SETUPS: Readonly<Record<string, SetUp>> = {
  'instrumentAISDK()': (options) => Reflect.apply(instrumentAISDK, undefined, [ai, options]),
  'registerTruLayer()': (options) => Reflect.apply(registerTruLayer, undefined, [ai, options]),
  'trulayerMiddleware()': (options) => Reflect.apply(trulayerMiddleware, undefined, [options]),
  TruLayerCallbackHandler: (options) => Reflect.construct(TruLayerCallbackHandler, [options]),
  'instrumentLangChain()': (options) =>
    Reflect.apply(instrumentLangChain, undefined, [callbacks, options]),
  'instrumentLlamaIndex()': (options) =>
    Reflect.apply(instrumentLlamaIndex, undefined, [[], options]),
  TruLayerExporter: (options) => Reflect.construct(TruLayerExporter, [options]),
  'createRelay()': (options) => Reflect.apply(createRelay, undefined, [options]),
  'wrapHandler()': (options) => Reflect.apply(wrapHandler, undefined, [() => {}, options]),
}

function logging(): { readonly client: TruLayer; readonly lines: string[] } {
  const lines: string[] = []
  const write = (line: string): number => lines.push(line)
  return { client: new TruLayer({ mode: 'off', logger: { warn: write, error: write } }), lines }
}

describe.each(Object.entries(SETUPS))('%s', (owner, setUp) => {
  const undo = (result: unknown): void => {
    if (typeof result === 'function' && owner !== 'wrapHandler()' && owner !== 'createRelay()') {
      result()
    }
  }

  test('says where options of the client belong, once, and works without them', () => {
    const { client, lines } = logging()
    undo(setUp({ client, apiKey: 'tl_secret', projectName: 'shop' }))
    undo(setUp({ client, apiKey: 'tl_secret', projectName: 'shop' }))
    expect(lines).toEqual([
      `[trulayer] \`apiKey\` is an option of the client and is ignored by ${owner}: call \`init({ apiKey })\` or set TRULAYER_API_KEY.`,
      `[trulayer] \`projectName\` is an option of the client and is ignored by ${owner}: call \`init({ projectName })\` or set TRULAYER_PROJECT.`,
    ])
  })

  test('names an option that does not exist', () => {
    const { client, lines } = logging()
    undo(setUp({ client, clients: [] }))
    expect(lines).toEqual([
      `[trulayer] ${owner} has no option \`clients\`; it is ignored. Did you mean \`client\`?`,
    ])
  })

  test.each([
    [{ client: 'tl_secret' }, `option \`client\` of ${owner} must be a client, as`],
    ['tl_secret', `the options of ${owner} must be an object, not string.`],
    [new TruLayer({ mode: 'off' }), `${owner} takes options and not the client itself`],
  ])('throws for what is no set of options', (options, message) => {
    expect(() => setUp(options)).toThrow(message)
    expect(() => setUp(options)).toThrow(expect.objectContaining({ code: 'invalid-option' }))
  })
})

test('trulayerObservability() says where options of its exporter belong', () => {
  const { client, lines } = logging()
  const options = { serviceName: 'shop', client, nodes: 'all', servicename: 'shop' }
  expect(Reflect.apply(trulayerObservability, undefined, [options])).toMatchObject({
    serviceName: 'shop',
  })
  expect(lines).toEqual([
    '[trulayer] `client` is an option of the exporter and is ignored by trulayerObservability(): pass `trulayer: { client }`.',
    '[trulayer] `nodes` is an option of the exporter and is ignored by trulayerObservability(): pass `trulayer: { nodes }`.',
    '[trulayer] trulayerObservability() has no option `servicename`; it is ignored. Did you mean `serviceName`?',
  ])
  expect(() =>
    Reflect.apply(trulayerObservability, undefined, [{ trulayer: { nodes: 'none' } }]),
  ).toThrow("option `nodes` of TruLayerExporter must be 'auto' or 'all', not 'none'.")
})

test('trulayerTelemetry(), which is called with data of a request, never throws', () => {
  const { client, lines } = logging()
  const options = {
    client,
    apiKey: 'tl_secret',
    sessionID: 'chat-1',
    userId: null,
    sessionId: ['chat-1'],
    metadata: 'plan',
    recordInputs: false,
  }
  const telemetry: unknown = Reflect.apply(trulayerTelemetry, undefined, [options])
  expect(telemetry).toMatchObject({ isEnabled: true, recordInputs: false })
  expect(telemetry).not.toHaveProperty('metadata')
  expect(lines).toEqual([
    '[trulayer] `apiKey` is an option of the client and is ignored by trulayerTelemetry(): call `init({ apiKey })` or set TRULAYER_API_KEY.',
    '[trulayer] trulayerTelemetry() has no option `sessionID`; it is ignored. Did you mean `sessionId`?',
    '[trulayer] option `sessionId` of trulayerTelemetry() must be a string, not this list. It is ignored.',
    '[trulayer] option `metadata` of trulayerTelemetry() must be an object, not this string. It is ignored.',
  ])
  for (const odd of [null, 'chat-1', 7]) {
    expect(Reflect.apply(trulayerTelemetry, undefined, [odd])).toMatchObject({ isEnabled: true })
  }
})

test('withTruLayer() and run() of LlamaIndex, which are called with data of a request too', async () => {
  const lines: string[] = []
  const write = (line: string): number => lines.push(line)
  const client = init({ mode: 'off', logger: { warn: write, error: write } })
  const call = { sessionID: 'chat-1', userId: 7, metadata: null }
  expect(Reflect.apply(withTruLayer, undefined, [call])).toEqual({
    metadata: { trulayer: { userId: 7 } },
  })
  expect(Reflect.apply(withTruLayer, undefined, [])).toEqual({ metadata: { trulayer: {} } })
  const { run } = instrumentLlamaIndex([], { client })
  expect(await Reflect.apply(run, undefined, [call, () => 1])).toBe(1)
  expect(await Reflect.apply(run, undefined, [null, () => 2])).toBe(2)
  await expect(Reflect.apply(run, undefined, [() => 1])).rejects.toThrow(
    '`run(turn, work)` needs a function as `work`, not undefined.',
  )
  expect(lines).toEqual([
    '[trulayer] withTruLayer() has no option `sessionID`; it is ignored. Did you mean `sessionId`?',
    '[trulayer] run() of LlamaIndex has no option `sessionID`; it is ignored. Did you mean `sessionId`?',
  ])
})
