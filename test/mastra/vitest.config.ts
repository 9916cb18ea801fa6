import { versionSetTests } from '../support/version-set-tests.ts'

/* The documents and programs of their own show the newest. */
const ON_EACH = [
  'conformance',
  'exporter',
  'model-input',
  'pairs',
  'scenarios',
  'sessions',
  'types',
]

export default versionSetTests({
  folder: import.meta.dirname,
  variable: 'MASTRA_SET',
  include: (set) => (set === 'newest' ? '*.test.ts' : `{${ON_EACH.join(',')}}.test.ts`),
})
