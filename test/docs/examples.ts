import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** An example of a document: one block of TypeScript. */
export interface Example {
  /** The document, from the root of the repository. */
  readonly document: string
  /** The line that the block begins at. */
  readonly line: number
  /** Imports and declarations that the text around it stands for. */
  readonly given: string
  readonly code: string
}

/* Frameworks that are not installed with the repository: their examples are compiled beside their own tests. */
const APART = ['mastra'] as const

/** Where documents with examples are. */
const DOCUMENTS = ['README.md', 'docs/**/*.md', 'packages/*/README.md'] as const

/* A comment right before the block, which readers do not see. */
const BLOCK = /(?:<!-- given:(?<given>[^>]*)-->\n\n)?```ts\n(?<code>.*?)\n```/gs

/** Every block of TypeScript in the documents below a folder. */
export function examplesIn(root: string): Example[] {
  return globSync([...DOCUMENTS], { cwd: root })
    .toSorted()
    .flatMap((document) => examplesOf(document, readFileSync(join(root, document), 'utf8')))
}

/** The framework whose tests compile an example; `undefined` for those that need nothing but this repository. */
export function frameworkOf({ given, code }: Example): (typeof APART)[number] | undefined {
  return APART.find((name) => new RegExp(`'(?:@${name}/|\\./given-${name})`).test(given + code))
}

/** Every block of TypeScript in a document. */
export function examplesOf(document: string, text: string): Example[] {
  return [...text.matchAll(BLOCK)].map(({ groups, index }) => ({
    document,
    line: text.slice(0, index).split('\n').length,
    given: groups?.['given']?.trim() ?? '',
    code: groups?.['code'] ?? '',
  }))
}

const IMPORT = /^import\s[^;]*?from\s+'[^']+'$/gms

/**
 * An example as a module: what it imports at the top, the rest in a function, so that it may await, and have names that are
 * given as well.
 */
export function toModule({ given, code }: Example): string {
  const imports = code.match(IMPORT) ?? []
  const body = code
    .replaceAll(IMPORT, '')
    .replaceAll(/^export default /gm, 'const exported = ')
    .replaceAll(/^export (?=const|function|class)/gm, '')
  return [given, ...imports, 'export async function example() {', body, '}', ''].join('\n')
}

/**
 * Examples as files, `example-0.ts` and so on.
 *
 * @param given - where the files stand whose name begins with `given`, from there
 */
export function moduleFiles(examples: readonly Example[], given: string): Record<string, string> {
  return Object.fromEntries(
    examples.map((example, index) => [
      `example-${index}.ts`,
      toModule(example).replaceAll("'./given", `'${given}given`),
    ]),
  )
}
