export { Memory } from '@mastra/memory'
