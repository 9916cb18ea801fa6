import { versionSetTests } from '../support/version-set-tests.ts'

const ON_EACH = [
  'conformance',
  'exporter',
  'model-input',
  'pairs',
  'scenarios',
  'sessions',
  'types',
  'usage',
]
/* `@mastra/rag` reports what it does since 1.30. */
const WITH_RAG: ReadonlySet<string> = new Set(['core-1.30', 'core-1.45'])

export default versionSetTests({
  folder: import.meta.dirname,
  variable: 'MASTRA_SET',
  // The documents, servers of MCP and programs of their own show the newest.
  include: (set) =>
    set === 'newest'
      ? '*.test.ts'
      : `{${[...ON_EACH, ...(WITH_RAG.has(set) ? ['rag'] : [])].join(',')}}.test.ts`,
})
