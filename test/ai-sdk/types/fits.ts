/*
 * Compiled against each version of the SDK, where `sdk` is the one of the set: what is wrapped has the types of the
 * original, and what is made here fits where the version wants it. `npm run test:ai-sdk` runs the compiler.
 */
import {
  instrumentAISDK,
  registerTruLayer,
  trulayerMiddleware,
  trulayerTelemetry,
} from '@trulayer/ai-sdk'
import { ai } from 'sdk'
import { expectTypeOf } from 'vitest'

const recorded = instrumentAISDK(ai)
expectTypeOf(recorded).toEqualTypeOf<typeof ai>()
expectTypeOf(recorded.generateText).toEqualTypeOf<typeof ai.generateText>()
expectTypeOf(recorded.streamText).toEqualTypeOf<typeof ai.streamText>()
expectTypeOf(recorded.generateObject).toEqualTypeOf<typeof ai.generateObject>()
expectTypeOf(recorded.streamObject).toEqualTypeOf<typeof ai.streamObject>()
expectTypeOf(recorded.embed).toEqualTypeOf<typeof ai.embed>()
expectTypeOf(recorded.embedMany).toEqualTypeOf<typeof ai.embedMany>()

const part = instrumentAISDK({ generateText: ai.generateText })
expectTypeOf(part).toEqualTypeOf<{ generateText: typeof ai.generateText }>()

type Options<Function extends (options: never) => unknown> = Parameters<Function>[0]
type Telemetry<Function extends (options: never) => unknown> =
  Options<Function>['experimental_telemetry' & keyof Options<Function>]

const telemetry = trulayerTelemetry({ sessionId: 'chat-1', metadata: { plan: 'pro' } })
const ofGenerate: Telemetry<typeof ai.generateText> = telemetry
const ofStream: Telemetry<typeof ai.streamText> = telemetry
const ofEmbed: Telemetry<typeof ai.embed> = telemetry

/* Only version 7 has the name without the prefix. */
type StableTelemetry =
  Options<typeof ai.generateText> extends { telemetry?: infer Value } ? Value : unknown
const stable: StableTelemetry = telemetry

type Wrapping = Parameters<typeof ai.wrapLanguageModel>[0]
const middleware: Wrapping['middleware'] = trulayerMiddleware()
const several: Wrapping['middleware'] = [trulayerMiddleware(), trulayerMiddleware({})]

const off: () => void = registerTruLayer(ai)

export { middleware, off, ofEmbed, ofGenerate, ofStream, several, stable }

/* The claims above mean nothing where a type is `any`. */
// @ts-expect-error -- a name is a text
const wrongName: Telemetry<typeof ai.generateText> = { ...telemetry, tracer: 5, integrations: 5 }
// @ts-expect-error -- a middleware has functions
const wrongMiddleware: Wrapping['middleware'] = { wrapGenerate: 5 }

export { wrongMiddleware, wrongName }
