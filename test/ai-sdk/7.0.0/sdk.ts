export * as ai from 'ai'
export * as mocks from 'ai/test'
export { z } from 'zod'
