/*
 * `node --import @trulayer/ai-sdk/register app.js`: records a program on version 7 without touching it. The list of
 * integrations is all that registering changes, so the SDK need not be there yet.
 */
import { registerIntegration } from './register-trulayer.ts'

registerIntegration(undefined)
