import { versionSetTests } from '../support/version-set-tests.ts'
import { NEWEST } from './newest.ts'

/* What does not depend on the version. */
const ONCE = ['example.test.ts', 'heap.test.ts']

export default versionSetTests({
  folder: import.meta.dirname,
  variable: 'LLAMAINDEX_SET',
  excludedFrom: (set) => (set === NEWEST ? [] : ONCE),
})
