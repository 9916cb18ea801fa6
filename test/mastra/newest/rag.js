export { createGraphRAGTool, createVectorQueryTool } from '@mastra/rag'
