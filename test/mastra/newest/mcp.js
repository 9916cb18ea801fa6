export { MCPClient, MCPServer } from '@mastra/mcp'
