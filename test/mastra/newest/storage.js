export { MastraStorageExporter } from '@mastra/observability'
