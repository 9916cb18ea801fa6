import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { versionSetTests } from '../support/version-set-tests.ts'

const folder = import.meta.dirname

export default versionSetTests({
  folder,
  variable: 'LANGCHAIN_SET',
  excludedFrom: (set) => (hasProviders(set) ? [] : ['providers.test.ts']),
})

/* True for a set with the clients of real providers. */
function hasProviders(set: string): boolean {
  return readFileSync(join(folder, set, 'package.json'), 'utf8').includes('"@langchain/openai"')
}
