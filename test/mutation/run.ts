/*
 * Shows that the tests of redaction see what the code forgets: each field, shape and way out is forgotten once, and a test
 * that is named for it must turn red. Some two minutes; no part of the other tests, which hold the list itself alone.
 *
 *     npm run test:mutation                  # all of them
 *     npm run test:mutation -- 'span input'  # some
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Mutation, MUTATIONS } from './mutations.ts'

interface Results {
  readonly numPassedTests: number
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly title: string }[]
  }[]
}

const wanted = process.argv.slice(2)
const mutations = MUTATIONS.filter(({ forgets }) => wanted.length === 0 || wanted.includes(forgets))
if (mutations.length < wanted.length) {
  console.error(`there are: ${MUTATIONS.map(({ forgets }) => forgets).join(', ')}`)
  process.exit(2)
}

let passed = 0
let failed = 0
const judge = (isGood: boolean, line: string): void => {
  passed += isGood ? 1 : 0
  failed += isGood ? 0 : 1
  console.log(`${isGood ? 'ok    ' : 'NOT OK'}  ${line}`)
}

for (const suite of new Set(mutations.map((mutation) => mutation.suite))) {
  const { red, passed: green } = play(suite)
  judge(red.length === 0 && green > 0, `nothing forgotten: ${green} tests of ${suite} are green`)
}
for (const mutation of mutations) {
  const { red } = play(mutation.suite, mutation)
  const others = red.filter((title) => title !== mutation.red)
  const line = `${mutation.forgets}: ${red.length} of ${mutation.suite} red`
  judge(
    red.length > others.length,
    `${line}${others.length < red.length ? '' : `, not ${mutation.red}`}`,
  )
}
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function play(suite: string, mutation?: Mutation): { red: string[]; passed: number } {
  const folder = mkdtempSync(join(tmpdir(), 'trulayer-mutation-'))
  const file = join(folder, 'results.json')
  const { stderr } = spawnSync(
    'vitest',
    [
      'run',
      `--config=${join(import.meta.dirname, 'vitest.config.ts')}`,
      '--reporter=json',
      `--outputFile=${file}`,
      suite,
    ],
    {
      encoding: 'utf8',
      env: { ...process.env, TRULAYER_TEST_FORGETS: mutation?.forgets ?? '' },
    },
  )
  try {
    const results = JSON.parse(readFileSync(file, 'utf8')) as Results
    const tests = results.testResults.flatMap(({ assertionResults }) => assertionResults)
    return {
      red: tests.filter(({ status }) => status === 'failed').map(({ title }) => title),
      passed: results.numPassedTests,
    }
  } catch (cause) {
    throw new Error(`the tests did not run: ${stderr}`, { cause })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
