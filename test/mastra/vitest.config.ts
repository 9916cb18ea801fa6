import { versionSetTests } from '../support/version-set-tests.ts'

export default versionSetTests({ folder: import.meta.dirname, variable: 'MASTRA_SET' })
