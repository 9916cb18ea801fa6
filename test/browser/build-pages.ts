import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { build } from 'tsdown'

const folder = join(import.meta.dirname, 'pages')

/** What a server serves, by its path. */
export type Files = ReadonlyMap<string, { readonly type: string; readonly text: string }>

/** The pages, with their code bundled from the built packages as a bundler of the host's would. */
export async function buildPages(outDir: string): Promise<Files> {
  const scripts = ['chat', 'agent', 'worker']
  const files = new Map<string, { type: string; text: string }>()
  for (const name of scripts) {
    await build({
      config: false,
      cwd: folder,
      entry: { [name]: join(folder, `${name}.ts`) },
      outDir,
      clean: false,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      deps: { alwaysBundle: [/./], onlyBundle: false },
      dts: false,
      logLevel: 'error',
      outExtensions: () => ({ js: '.js' }),
    })
    const text = await readFile(join(outDir, `${name}.js`), 'utf8')
    files.set(`/${name}.js`, { type: 'text/javascript', text })
  }
  for (const name of ['chat', 'agent']) {
    const text = await readFile(join(folder, `${name}.html`), 'utf8')
    files.set(`/${name}`, { type: 'text/html; charset=utf-8', text })
  }
  return files
}
