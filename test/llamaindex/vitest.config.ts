import { versionSetTests } from '../support/version-set-tests.ts'
import { NEWEST } from './newest.ts'

export default versionSetTests({
  folder: import.meta.dirname,
  variable: 'LLAMAINDEX_SET',
  // What the others leave out does not depend on the version.
  include: (set) => (set === NEWEST ? '*.test.ts' : '!(example|heap).test.ts'),
})
