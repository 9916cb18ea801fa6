import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { TruLayer } from '../../src/client/client.ts'
import { startIngestServer } from '../../../../test/support/ingest-server.ts'
import { pause } from '../support.ts'

/* Processes start slowly on a machine that does much else. */
vi.setConfig({ testTimeout: 60_000 })

interface End {
  readonly stdout: string
  readonly stderr: string
  /** The exit code, or the signal. */
  readonly status: number | string | null
}

/* Runs a program with a client in a process of its own, and tells how that ended. */
function runProgram(endpoint: string, program: string, options: object = {}): Promise<End> {
  const source = new URL('../../src/index.ts', import.meta.url)
  const script = `
    import { TruLayer } from ${JSON.stringify(source.href)}
    const client = new TruLayer(${JSON.stringify({ apiKey: 'tl_test', endpoint, ...options })})
    ${program}`
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      timeout: 50_000,
      killSignal: 'SIGKILL',
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (text) => (stdout += text))
    child.stderr.on('data', (text) => (stderr += text))
    child.on('close', (code, signal) => {
      resolve({ stdout, stderr, status: signal ?? code })
    })
  })
}

const THREE = `for (const name of ['a', 'b', 'c']) await client.trace(name, () => 1);`
const STAY = `setInterval(() => {}, 1000);`
const TRACE_ID = '00000000-0000-7000-8000-000000000001'
const LEFT = '[trulayer] 3 traces were dropped: the process ended first. '

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'trulayer-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
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
  const { stderr, stdout, status } = await runProgram(
    gone.url,
    `${THREE}
     const at = performance.now()
     process.on('exit', () => process.stdout.write(String(performance.now() - at)))`,
  )
  expect(stderr.split('\n').at(-2)).toBe(
    `[trulayer] 3 traces were dropped: the process ended while nothing could be delivered to ${gone.url} (ECONNREFUSED). ` +
      'Set the option `spool`, and the next start delivers what is left.',
  )
  expect(status).toBe(0)
  expect(Number(stdout)).toBeLessThan(8000)
})

test('a process with nothing to deliver is not held up', async () => {
  const { stderr } = await runProgram('http://127.0.0.1:9', `await client.flush()`)
  expect(stderr).toBe('')
})

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'])(
  '%s: everything is delivered, and the process ends by that signal',
  async (signal) => {
    await using server = await startIngestServer()
    const { stderr, status } = await runProgram(
      server.url,
      `${THREE} ${STAY} process.kill(process.pid, '${signal}')`,
    )
    expect([stderr, status, server.traces.length]).toEqual(['', signal, 3])
  },
)

test('a signal ends the process in time although the service hangs, and says what was left', async () => {
  await using server = await startIngestServer({ answer: () => 'hang' })
  const { stderr, stdout, status } = await runProgram(
    server.url,
    `${THREE} ${STAY}
     process.on('SIGINT', function first() { process.off('SIGINT', first) })
     process.emit('SIGINT')
     setTimeout(() => process.kill(process.pid, 'SIGINT'), 20)
     setInterval(() => process.stdout.write('.'), 50)`,
  )
  expect(status).toBe('SIGINT')
  expect(stderr).toContain(LEFT)
  // Half a second of them; a busy machine has fewer.
  expect(stdout.length).toBeLessThan(20)
})

test('a second signal ends the process at once', async () => {
  await using server = await startIngestServer({ answer: () => 'hang' })
  const { stdout, status } = await runProgram(
    server.url,
    `${THREE} ${STAY}
     process.kill(process.pid, 'SIGTERM')
     setInterval(() => {
       if (process.listenerCount('SIGTERM') > 0) return
       process.kill(process.pid, 'SIGTERM')
       process.stdout.write('late')
     }, 10)`,
  )
  expect([status, stdout]).toEqual(['SIGTERM', ''])
})

test.each([
  ['on', 'after'],
  ['once', 'before'],
])('where the program listens to a signal (%s, %s us) its own end counts', async (how, when) => {
  await using server = await startIngestServer()
  const listen = `process.${how}('SIGTERM', () => setInterval(() => {
    if (client.stats().traces.sent === 3) process.exit(7)
  }, 10));`
  const { stderr, status } = await runProgram(
    server.url,
    `${when === 'before' ? listen : ''} ${THREE} ${when === 'after' ? listen : ''}
     void client.trace('running', () => new Promise(() => {}))
     ${STAY} process.kill(process.pid, 'SIGTERM')`,
    // What is delivered is because of the signal, and not because it is time.
    { flushInterval: 3_600_000 },
  )
  expect([status, server.traces.map((trace) => trace.name)]).toEqual([7, ['a', 'b', 'c']])
  // What went on until the very end could not leave any more.
  expect(stderr).toContain('1 trace was dropped: the process ended first.')
})

test.each([
  ['process.exit(3)', 3],
  ['setTimeout(() => { throw new Error("boom") }); await new Promise(() => {})', 1],
  ['void Promise.reject(new Error("boom")); await new Promise(() => setTimeout(() => {}, 900))', 1],
])('%s: without more nothing is delivered, and the exit code stays', async (program, code) => {
  await using server = await startIngestServer()
  const { stderr, status } = await runProgram(server.url, `${THREE} ${program}`)
  expect([server.traces.length, status]).toEqual([0, code])
  expect(stderr.split(LEFT).length).toBe(2)
})

test.each([
  ['process.exit(3)', 3],
  ['setTimeout(() => { throw new Error("boom") }); await new Promise(() => {})', 1],
])("%s: with exitFlush: 'sync' everything is delivered", async (program, code) => {
  await using server = await startIngestServer()
  const { stderr, status } = await runProgram(
    server.url,
    `process.env.NODE_OPTIONS = '--import=/nowhere.mjs'; ${THREE} ${program}`,
    { exitFlush: 'sync' },
  )
  expect([server.traces.length, server.refused, status]).toEqual([3, [], code])
  expect(stderr).not.toContain('[trulayer]')
})

test('with a spool nothing is lost at the end, and the next start delivers it', async () => {
  await using folder = await temporaryFolder()
  await using server = await startIngestServer()
  const options = { spool: folder.path }
  const end = await runProgram('http://127.0.0.1:9', `${THREE} process.exit(3)`, options)
  expect([end.status, end.stderr]).toEqual([3, ''])
  const [name = ''] = await readdir(folder.path)
  const text = await readFile(join(folder.path, name), 'utf8')
  expect(text.split('\n').map((line) => line === '' || JSON.parse(line).name)).toEqual([
    'a',
    'b',
    'c',
    true,
  ])
  expect((await stat(join(folder.path, name))).mode & 0o777).toBe(0o600)

  const next = await runProgram(
    server.url,
    `await client.trace('d', () => 1); await client.flush()
     console.log(JSON.stringify(client.stats().traces))`,
    options,
  )
  expect(next.stderr).toBe('')
  expect(server.traces.map((trace) => trace.name).toSorted()).toEqual(['a', 'b', 'c', 'd'])
  expect(await readdir(folder.path)).toEqual([])
})

/* The first answer makes feedback wait, with nothing that would hold the process. */
function failFirst(path: string): (request: { path: string }) => { status: number } | undefined {
  let isFirst = true
  return (request) => {
    const fails = isFirst && request.path === path
    isFirst &&= request.path !== path
    return fails ? { status: 500 } : undefined
  }
}

test.each([
  ['by itself', ''],
  ['by a signal', `${STAY} setTimeout(() => process.kill(process.pid, 'SIGTERM'), 100)`],
])('feedback alone is delivered when the process ends %s', async (_, end) => {
  await using server = await startIngestServer({ answer: failFirst('/v1/feedback') })
  const { stderr } = await runProgram(
    server.url,
    `void client.submitFeedback({ traceId: '${TRACE_ID}', label: 'bad' }); ${end}`,
  )
  expect(stderr).toBe('')
  expect(server.feedback).toEqual([{ trace_id: TRACE_ID, label: 'bad' }])
})

test.each([
  ['by itself', ''],
  ['by a signal', `${STAY} process.kill(process.pid, 'SIGTERM')`],
  ['after shutdown()', `await client.shutdown(); console.log((await result).accepted)`],
  [
    'after a flush that closes',
    `await client.flush({ open: 'close' }); console.log((await result).accepted)`,
  ],
])('feedback on a turn that is open follows it when the process ends %s', async (how, end) => {
  // Slow enough for whoever waits for the trace alone to be gone.
  await using server = await startIngestServer({
    answer: (request, take) =>
      request.path === '/v1/feedback' ? pause(200).then(take) : undefined,
  })
  const { stdout, stderr } = await runProgram(
    server.url,
    `void client.trace('open', () => new Promise(() => {}), { id: '${TRACE_ID}' })
     const result = client.submitFeedback({ traceId: '${TRACE_ID}', label: 'good' }); ${end}`,
  )
  expect([stdout, stderr]).toEqual([how.startsWith('after') ? 'true\n' : '', ''])
  expect(server.requests.map(({ path }) => path)).toEqual(['/v1/ingest/batch', '/v1/feedback'])
  expect(server.feedback).toEqual([{ trace_id: TRACE_ID, label: 'good' }])
})

test.each<[string, string[], string[]]>([
  ['sync', ['/v1/ingest/batch', '/v1/feedback'], []],
  ['off', [], ['1 trace was dropped', 'Feedback was not taken: the process ended first.']],
])(
  'feedback that waits for its trace at process.exit(), with exitFlush %s',
  async (exitFlush, paths, told) => {
    // The process itself gets no answer; what is sent for it at its end does.
    const isOfProcess = (headers: object): boolean => 'x-trulayer-attempt' in headers
    await using server = await startIngestServer({
      answer: ({ headers }) => (isOfProcess(headers) ? 'hang' : undefined),
    })
    const { stderr } = await runProgram(
      server.url,
      `await client.trace('a', () => 1, { id: '${TRACE_ID}' })
     void client.submitFeedback({ traceId: '${TRACE_ID}', label: 'bad' })
     setInterval(() => client.stats().traces.inFlight === 1 && process.exit(), 10)`,
      { exitFlush },
    )
    const last = server.requests.filter(({ headers }) => !isOfProcess(headers))
    expect(last.map(({ path }) => path)).toEqual(paths)
    expect(server.feedback).toHaveLength(exitFlush === 'sync' ? 1 : 0)
    expect(stderr.split('\n').slice(0, -1)).toEqual(
      told.map((line) => expect.stringContaining(line)),
    )
  },
)

test('a process does not wait for feedback that nobody takes', async () => {
  await using server = await startIngestServer({ answer: () => ({ status: 500 }) })
  const { status } = await runProgram(
    server.url,
    `void client.submitFeedback({ traceId: '${TRACE_ID}', label: 'bad' })`,
  )
  // One that waits for the answer is ended from outside.
  expect(status).toBe(0)
})

test('a process in mode local opens no socket', async () => {
  const { stdout, stderr, status } = await runProgram(
    'http://127.0.0.1:9',
    `import { createRequire, syncBuiltinESMExports } from 'node:module'
     const load = createRequire('/')
     const refuse = (what) => () => { console.log('socket: ' + what); throw new Error(what) }
     const net = load('node:net'), dgram = load('node:dgram'), dns = load('node:dns')
     net.Socket.prototype.connect = refuse('tcp')
     net.Server.prototype.listen = refuse('server')
     dgram.createSocket = refuse('udp')
     dns.lookup = refuse('dns')
     globalThis.fetch = refuse('fetch')
     syncBuiltinESMExports()
     ${THREE}
     await client.submitFeedback({ traceId: 'x', label: 'good' })
     await client.flush(); await client.shutdown()
     console.log(client.stats().traces.sent)`,
    { mode: 'local' },
  )
  expect([stdout, stderr, status]).toEqual(['3\n', '', 0])
})

test('10,000 clients that were shut down leave no listener behind', async () => {
  const events = ['beforeExit', 'exit', 'SIGTERM', 'SIGINT', 'SIGHUP']
  const count = (): number[] => events.map((event) => process.listenerCount(event))
  const before = count()
  for (let round = 0; round < 100; round += 1) {
    const clients = Array.from({ length: 100 }, () => new TruLayer({ mode: 'local' }))
    expect(count()).toEqual(before)
    await Promise.all(clients.map((client) => client.trace('turn', () => 1)))
    expect(count()).toEqual(before.map((number) => number + 1))
    await Promise.all(clients.map((client) => client.shutdown()))
  }
  expect(count()).toEqual(before)
}, 30_000)
