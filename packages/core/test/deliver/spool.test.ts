import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSpool, type Spool } from '../../src/deliver/spool.ts'
import { createId } from '../../src/shape/ids.ts'
import { eventually, idOf, makeEncoded, makeTrace, makeTraces, startDelivery } from './support.ts'

interface Folder extends AsyncDisposable {
  readonly path: string
  names(): Promise<string[]>
}

async function makeFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'trulayer-spool-'))
  return {
    path,
    names: async () => (await readdir(path)).toSorted(),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}

const SOON = { timeout: 25_000 }
/* No traces of a test are larger. */
const SIZE = JSON.stringify(makeTrace(0)).length

function open(folder: Folder, options: object = {}): { spool: Spool; lost: unknown[] } {
  const lost: unknown[] = []
  const spool = openSpool({ directory: join(folder.path), ...options }, (reason, segment) =>
    lost.push([reason, segment.traces, segment.isOwn]),
  )
  if (spool === undefined) throw new Error('no files here')
  return { spool, lost }
}

test('what memory has no room for goes to disk and is delivered when the service is back', async () => {
  await using folder = await makeFolder()
  let isUp = false
  await using delivery = await startDelivery(
    { answer: () => (isUp ? undefined : { status: 503 }) },
    { spool: folder.path, maxQueueBytes: 100 * SIZE, batchSize: 10 },
  )
  for (let index = 0; index < 1000; index += 1) {
    delivery.export([makeTrace(index)])
  }
  const { spooled = 0, dropped } = delivery.exporter.stats()
  expect([spooled > 500, dropped]).toEqual([true, {}])
  isUp = true
  await eventually(() => {
    void delivery.exporter.flush(SOON)
    expect(delivery.exporter.stats()).toMatchObject({ sent: 1000, spooled: 0, dropped: {} })
  })
  expect(delivery.server.traces.length).toBe(1000)
  expect(new Set(delivery.server.traces.map((trace) => trace.id)).size).toBe(1000)
  expect(await folder.names()).toEqual([])
})

test('what a shutdown leaves is delivered by the next start, its duplicates counted as sent', async () => {
  await using folder = await makeFolder()
  {
    await using delivery = await startDelivery({ answer: () => 'hang' }, { spool: folder.path })
    delivery.export(makeTraces(0, 60))
    await delivery.exporter.shutdown({ timeout: 30 })
    expect(delivery.exporter.stats()).toMatchObject({ spooled: 60, queued: 0, dropped: {} })
  }
  await using next = await startDelivery({}, { spool: { directory: folder.path } })
  // One of them had arrived before the first process ended.
  await using early = await startDelivery({}, { endpoint: next.server.url })
  early.export([makeTrace(7)])
  await early.exporter.flush(SOON)
  next.export([makeTrace(60)])
  await eventually(() => expect(next.server.traces.length).toBe(61))
  await eventually(() => expect(next.exporter.stats()).toMatchObject({ queued: 0, inFlight: 0 }))
  const { sent, recovered, dropped } = next.exporter.stats()
  expect({ sent, recovered, dropped }).toEqual({ sent: 61, recovered: 60, dropped: {} })
  expect(await folder.names()).toEqual([])
})

test('a long outage puts what waits on disk, where a sudden end of the process cannot reach it', async () => {
  await using folder = await makeFolder()
  await using delivery = await startDelivery(
    { answer: () => ({ status: 503 }) },
    { spool: folder.path },
  )
  delivery.export(makeTraces(0, 20))
  await eventually(() => expect(delivery.exporter.stats().requests).toBeGreaterThan(5))
  expect((await folder.names()).length).toBe(1)
  const [name = ''] = await folder.names()
  expect((await readFile(join(folder.path, name), 'utf8')).split('\n').length).toBe(21)
})

test('several processes share a folder: each file is taken once, oldest first', async () => {
  await using folder = await makeFolder()
  const { spool: writer } = open(folder)
  for (let index = 0; index < 5; index += 1) {
    writer.write([makeEncoded(index)])
  }
  expect(writer.size).toBe(5)
  const readers = Array.from({ length: 3 }, () => open(folder).spool)
  const taken = Array.from({ length: 6 }, (_, index) => readers[index % 3]?.take())
  expect(taken.map((found) => found?.lines[0]?.slice(-14, -2))).toEqual([
    ...[0, 1, 2, 3, 4].map((index) => idOf(index).slice(-12)),
    undefined,
  ])
  expect(taken.map((found) => found?.segment.isOwn)).toEqual([...Array(5).fill(false), undefined])
})

test('a file that a process took before it ended is free again; one that is being delivered is not', async () => {
  await using folder = await makeFolder()
  const { spool } = open(folder)
  spool.write([makeEncoded(1)])
  expect(spool.take()?.lines.length).toBe(2)
  const [claimed = ''] = await folder.names()
  expect(open(folder).spool.take()).toBeUndefined()

  // The same claim by a process that is no more, and by one that had this process's id before.
  const gone = claimed.replace(/\.\d+-\d+-/, `.${Date.now()}-4194304-`)
  await rename(join(folder.path, claimed), join(folder.path, gone))
  expect(open(folder).spool.take()?.lines.length).toBe(2)
  const [again = ''] = await folder.names()
  const reused = `${again.slice(0, -36)}${createId(0)}`
  await rename(join(folder.path, again), join(folder.path, reused))
  expect(open(folder).spool.take()?.lines.length).toBe(2)

  // And one of another machine, which is too old to be alive.
  const [last = ''] = await folder.names()
  const old = last.replace(/\.\d+-\d+-/, `.${Date.now() - 11 * 60_000}-1-`)
  await rename(join(folder.path, last), join(folder.path, old))
  expect(open(folder).spool.take()?.lines.length).toBe(2)
})

test('damaged lines are skipped and counted, and other files are left alone', async () => {
  await using folder = await makeFolder()
  const lines = [0, 1].map((index) => JSON.stringify({ id: idOf(index), name: 'x', spans: [] }))
  const name = `trulayer-${Date.now()}-3-100-${createId(Date.now())}.jsonl`
  await writeFile(join(folder.path, name), `${lines.join('\n')}\n{"id":"${idOf(2)}","na`)
  await writeFile(join(folder.path, 'notes.txt'), 'mine')
  await using delivery = await startDelivery({ validate: false }, { spool: folder.path })
  await delivery.exporter.flush(SOON)
  await eventually(() => expect(delivery.server.traces.length).toBe(2))
  await eventually(() =>
    expect(delivery.exporter.stats()).toMatchObject({
      sent: 2,
      recovered: 3,
      dropped: { spool_damaged: 1 },
    }),
  )
  expect(await folder.names()).toEqual(['notes.txt'])
})

test.each(['a FIFO', 'a folder', 'a link'])(
  'what has the name of a spool file and is %s never blocks and is never read',
  async (kind) => {
    await using folder = await makeFolder()
    const path = join(folder.path, `trulayer-${Date.now()}-1-100-${createId(Date.now())}.jsonl`)
    const secret = join(folder.path, 'secret.txt')
    await writeFile(secret, JSON.stringify({ id: idOf(0), name: 'x', spans: [] }))
    if (kind === 'a FIFO') {
      execFileSync('mkfifo', [path])
    } else {
      await (kind === 'a folder' ? mkdir(path) : symlink(secret, path))
    }
    await using delivery = await startDelivery({}, { spool: folder.path })
    await delivery.exporter.flush(SOON)
    await eventually(() =>
      expect(delivery.exporter.stats()).toMatchObject({
        sent: 0,
        recovered: 1,
        dropped: { spool_damaged: 1 },
      }),
    )
    expect(delivery.server.requests).toEqual([])
  },
)

test('beyond its size the oldest file goes, beyond its age every file, and both are counted', async () => {
  await using folder = await makeFolder()
  const bytes = makeEncoded(0).bytes + 1
  const { spool, lost } = open(folder, { maxBytes: 3 * bytes })
  for (let index = 0; index < 4; index += 1) {
    spool.write([makeEncoded(index)])
  }
  expect([spool.size, lost]).toEqual([3, [['spool_full', 1, true]]])
  expect(() => spool.write([0, 1, 2, 3].map((index) => makeEncoded(index)))).toThrow('maxBytes')

  const { spool: late, lost: lostLate } = open(folder, { maxAge: -1000 })
  expect(late.take()).toBeUndefined()
  expect(lostLate).toEqual([1, 2, 3].map(() => ['expired', 1, false]))
  expect(await folder.names()).toEqual([])
})

test('a folder that cannot be written costs nothing that memory can hold', async () => {
  await using folder = await makeFolder()
  const file = join(folder.path, 'file')
  await writeFile(file, '')
  let isUp = false
  await using delivery = await startDelivery(
    { answer: () => (isUp ? undefined : { status: 503 }) },
    { spool: join(file, 'below'), maxQueueBytes: 100 * SIZE },
  )
  delivery.export(makeTraces(0, 50))
  await eventually(() => expect(delivery.exporter.stats().requests).toBeGreaterThan(6))
  expect(delivery.exporter.stats()).toMatchObject({ spooled: 0, dropped: {} })
  expect(delivery.lines.some((line) => line.includes('The spool cannot be written'))).toBe(true)
  isUp = true
  await delivery.exporter.flush(SOON)
  expect(delivery.exporter.stats()).toMatchObject({ sent: 50, dropped: {} })
})
