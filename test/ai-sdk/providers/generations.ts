/* The OpenAI provider of every generation of the SDK, each of another specification version. */
export { createOpenAI as createOpenAI1 } from 'openai-1'
export { createOpenAI as createOpenAI2 } from 'openai-2'
export { createOpenAI as createOpenAI3 } from 'openai-3'
export { createOpenAI as createOpenAI4 } from 'openai-4'
