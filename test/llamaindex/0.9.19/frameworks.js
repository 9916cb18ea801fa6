export { callTool } from '@llamaindex/core/agent'
export { wrapEventCaller, wrapLLMEvent } from '@llamaindex/core/decorator'
export { BaseEmbedding } from '@llamaindex/core/embeddings'
export { CallbackManager, Settings as CoreSettings, withEventCaller } from '@llamaindex/core/global'
export { ToolCallLLM } from '@llamaindex/core/llms'
export { OpenAI, OpenAIEmbedding } from '@llamaindex/openai'
export { agent, multiAgent } from '@llamaindex/workflow'
export {
  BaseRetriever,
  CondenseQuestionChatEngine,
  ContextChatEngine,
  Document,
  getResponseSynthesizer,
  LLMAgent,
  LLMQuestionGenerator,
  QueryEngineTool,
  RetrieverQueryEngine,
  Settings,
  SimpleChatEngine,
  SubQuestionQueryEngine,
  tool,
  VectorStoreIndex,
} from 'llamaindex'
export { z } from 'zod'
