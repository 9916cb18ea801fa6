/* Runs the tests of Mastra's version sets: `npm run test:mastra`, or `-- <set>` for some of them. */
import { join } from 'node:path'

import { testVersionSets } from '../support/version-sets.ts'

await testVersionSets(import.meta.dirname, {
  alongWith: { set: 'newest', folder: join(import.meta.dirname, '../../examples/mastra-agent') },
})
