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

type Equal<One, Other> =
  (<Value>() => Value extends One ? 1 : 2) extends <Value>() => Value extends Other ? 1 : 2
    ? true
    : false

function holds<_Claim extends true>(): void {}

const recorded = instrumentAISDK(ai)
holds<Equal<typeof recorded, typeof ai>>()
holds<Equal<typeof recorded.generateText, typeof ai.generateText>>()
holds<Equal<typeof recorded.streamText, typeof ai.streamText>>()
holds<Equal<typeof recorded.generateObject, typeof ai.generateObject>>()
holds<Equal<typeof recorded.streamObject, typeof ai.streamObject>>()
holds<Equal<typeof recorded.embed, typeof ai.embed>>()
holds<Equal<typeof recorded.embedMany, typeof ai.embedMany>>()

const part = instrumentAISDK({ generateText: ai.generateText })
holds<Equal<typeof part, { generateText: typeof ai.generateText }>>()

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
