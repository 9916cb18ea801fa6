/* Run by debug.test.ts outside of a test runner: two clients, of which one is the global one, in one process. */
import { getClient, TruLayer } from '../../src/index.ts'

await getClient().trace('answer', () => 1)
await getClient().trace('answer', () => 1)
await new TruLayer().trace('answer', () => 1)
