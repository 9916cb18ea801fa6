/* Runs the tests of LlamaIndex's version sets: `npm run test:llamaindex`, or `-- <set>` for some of them. */
import { join } from 'node:path'

import { testVersionSets } from '../support/version-sets.ts'
import { NEWEST } from './newest.ts'

await testVersionSets(import.meta.dirname, {
  // Two native modules are built when they are installed, which nothing here needs.
  npmArguments: ['--ignore-scripts'],
  alongWith: { set: NEWEST, folder: join(import.meta.dirname, '../../examples/llamaindex-rag') },
})
