/**
 * Measures what recording costs, beside no recording and beside peers, all in one run.
 *
 *     npm run bench                          # everything
 *     npm run bench -- langchain             # delivery, langchain, ai-sdk, redaction
 *     npm run bench -- --check               # exits 1 where a bound of the issues does not hold
 *     npm run bench -- --json --quick
 */
import { cpus, loadavg } from 'node:os'

import { aiSDK } from './ai-sdk.ts'
import { deliveryCost } from './delivery-cost.ts'
import { langchain } from './langchain.ts'
import { installPeers, versions } from './peers.ts'
import { redaction } from './redaction.ts'
import { boundLine, holds, type Report, tableText } from './report.ts'

const benches = { delivery: deliveryCost, langchain, 'ai-sdk': aiSDK, redaction }

const args = process.argv.slice(2)
const flags = new Set(args.filter((argument) => argument.startsWith('--')))
const wanted = args.filter((argument) => !argument.startsWith('--'))
const unknown = [
  ...wanted.filter((name) => !Object.hasOwn(benches, name)),
  ...[...flags].filter((flag) => !['--check', '--json', '--quick'].includes(flag)),
]
if (unknown.length > 0) {
  console.error(
    `there is no ${unknown.join(', ')}: ${Object.keys(benches).join(', ')}, --check, --json, --quick`,
  )
  process.exit(2)
}

// Redaction is measured beside none, and beside nobody.
if (wanted.length === 0 || wanted.some((name) => name !== 'redaction')) await installPeers()
const isJSON = flags.has('--json')
const before = loadavg()
const reports: Report[] = []
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length === 0 || wanted.includes(name)) {
    const found = [await bench({ quick: flags.has('--quick') })].flat()
    reports.push(...found)
    if (!isJSON) found.forEach(print)
  }
}

const bounds = reports.flatMap((report) => report.bounds)
const machine = {
  cpus: cpus().length,
  load: { before: before[0], after: loadavg()[0] },
  versions: await versions(),
}
if (isJSON) {
  const judged = bounds.map((bound) => ({ ...bound, holds: holds(bound) }))
  console.log(JSON.stringify({ machine, reports, bounds: judged }, undefined, 2))
} else {
  console.log(`\n${bounds.map(boundLine).join('\n')}`)
  console.log(
    `\nNode ${machine.versions['node']}, ${machine.cpus} cores, load ${machine.load.before?.toFixed(1)} before and ${machine.load.after?.toFixed(1)} after.`,
  )
}
if (flags.has('--check') && !bounds.every(holds)) process.exitCode = 1

function print({ title, columns, rows, notes }: Report): void {
  const head = columns.length < (rows[0]?.length ?? 0) ? ['', ...columns] : columns
  console.log(`\n${title}\n\n${tableText(head, rows)}\n\n${notes.join('\n')}`)
}
