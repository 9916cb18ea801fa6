import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startIngestServer } from '../../../../test/support/ingest-server.ts'
import { KEY, makeTrace } from './support.ts'

const run = promisify(execFile)

/* Runs a program that has an exporter to a port where nobody listens. */
async function runProgram(program: string): Promise<{ stdout: string; stderr: string }> {
  const gone = await startIngestServer()
  await gone.close()
  const source = new URL('../../src/deliver/trulayer-exporter.ts', import.meta.url)
  const script = `
    import { TruLayerExporter } from ${JSON.stringify(source.href)}
    const quiet = { debug() {}, warn() {}, error() {} }
    const exporter = new TruLayerExporter(
      { apiKey: ${JSON.stringify(KEY)}, endpoint: ${JSON.stringify(gone.url)}, logger: quiet, flushInterval: 1 },
      { minBackOff: 400, maxBackOff: 400 },
    )
    exporter.export([${JSON.stringify(makeTrace(0))}])
    ${program}`
  return run(process.execPath, ['--input-type=module', '--eval', script], { timeout: 60_000 })
}

test('a process is not kept alive by traces that wait for their next attempt', async () => {
  const { stdout } = await runProgram(`
    const ending = () => process.stdout.write(JSON.stringify({ ...exporter.stats(), uptime: 0 }))
    process.on('exit', ending)`)
  const stats = JSON.parse(stdout)
  expect([stats.sent, stats.queued + stats.inFlight]).toEqual([0, 1])
})

test('a process stays alive while it waits for a flush, however long the next attempt is off', async () => {
  const { stdout } = await runProgram(`
    await exporter.flush({ timeout: 3000 })
    process.stdout.write(JSON.stringify(exporter.stats()))`)
  // Nothing but the flush holds it between the attempts.
  const stats = JSON.parse(stdout)
  // It may be over in the middle of an attempt.
  expect([stats.sent, stats.queued + stats.inFlight]).toEqual([0, 1])
  expect(stats.requests).toBeGreaterThanOrEqual(2)
})
