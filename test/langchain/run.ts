/* Runs the tests of LangChain's version sets: `npm run test:langchain`, or `-- <set>` for some of them. */
import { testVersionSets } from '../support/version-sets.ts'

await testVersionSets(import.meta.dirname)
