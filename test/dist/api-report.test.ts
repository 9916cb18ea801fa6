import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { build } from 'tsdown'
import { expect, test } from 'vitest'

import { repository, temporaryFolder } from '../support/pack.ts'
import { packages } from '../support/packages.ts'

const entries = packages.flatMap(({ folder, path, entries: lines }) =>
  lines.map(([subpath, entry]) => ({
    report: [folder, ...subpath.split('/').slice(1), 'd.ts'].join('.'),
    source: join(path, entry['@trulayer/source']),
    path,
  })),
)

/**
 * A renamed export, a changed signature or doc comment shows as a difference of the report in `api/`;
 * `npm run api` writes it anew. Each entry is rolled up by itself, for what is published shares chunks
 * between a package's entries, under names that change with their content.
 */
test.each(entries)(
  'public API of $report',
  { timeout: 60_000 },
  async ({ report, source, path }) => {
    await using folder = await temporaryFolder()
    await build({
      config: false,
      cwd: path,
      entry: { index: source },
      outDir: folder.path,
      format: 'esm',
      platform: 'neutral',
      dts: { emitDtsOnly: true },
      tsconfig: join(path, 'tsconfig.json'),
      logLevel: 'error',
    })
    const text = await readFile(join(folder.path, 'index.d.ts'), 'utf8')
    await expect(text.replaceAll(/^\/\/#.*\n?/gm, '')).toMatchFileSnapshot(
      join(repository, 'api', report),
    )
  },
)
