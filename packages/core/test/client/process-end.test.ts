import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startIngestServer } from '../../../../test/support/ingest-server.ts'

/* Runs a program with a client in a process of its own, and tells how that ended. */
async function runProgram(
  endpoint: string,
  program: string,
): Promise<{ stderr: string; milliseconds: number }> {
  const source = new URL('../../src/index.ts', import.meta.url)
  const script = `
    import { TruLayer } from ${JSON.stringify(source.href)}
    const client = new TruLayer({ apiKey: 'tl_test', endpoint: ${JSON.stringify(endpoint)} })
    ${program}`
  const started = performance.now()
  const { stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script],
    { timeout: 10_000 },
  )
  return { stderr, milliseconds: performance.now() - started }
}

test('a process that ends by itself delivers what it recorded, and what is still open', async () => {
  await using server = await startIngestServer()
  const { stderr } = await runProgram(
    server.url,
    `await client.trace('answer', () => client.span('tool', 'tool', () => 1))
     void client.trace('hanging', () => new Promise(() => {}))`,
  )
  expect(stderr).toBe('')
  expect(server.traces).toMatchObject([
    { name: 'answer', spans: [{ name: 'tool' }] },
    { name: 'hanging', metadata: { 'trulayer.status': 'incomplete' } },
  ])
  expect(server.refused).toEqual([])
})

test('a process ends although nothing can be delivered, and says what was left', async () => {
  const gone = await startIngestServer()
  await gone.close()
  const { stderr, milliseconds } = await runProgram(
    gone.url,
    `await client.trace('answer', () => 1)
     process.on('exit', (code) => { if (code !== 0) console.error('exit', code) })`,
  )
  expect(stderr.split('\n').at(-2)).toBe(
    '[trulayer] 1 trace was dropped: the process ended first. Await flush() or shutdown() before it ends, ' +
      "set the option `spool`, or set `exitFlush: 'sync'`.",
  )
  expect(stderr).not.toContain('exit')
  expect(milliseconds).toBeLessThan(6000)
})

test('a process with nothing to deliver is not held up', async () => {
  const { stderr } = await runProgram('http://127.0.0.1:9', `await client.flush()`)
  expect(stderr).toBe('')
})
