import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { describe, expect, test } from 'vitest'

import { startIngestServer } from '../support/ingest-server.ts'

const HELD_AGENT = `\
support · ok · 30 in, 15 out
├─ llm chat gpt-4o-mini · ok · 10 in, 5 out
├─ tool ask · ok
│  └─ other sub · ok
│     └─ llm chat gpt-4o-mini · ok · 10 in, 5 out
└─ llm chat gpt-4o-mini · ok · 10 in, 5 out
`

const MEGABYTE = 1024 * 1024
const example = join(import.meta.dirname, '../../examples/mastra-agent')

/* Programs of their own, which have the newest versions. */
describe('a process', () => {
  test('is the example with a memory and an approval', async () => {
    await expect(await run(['src/index.mjs'], { cwd: example })).toMatchFileSnapshot(
      'example.output.txt',
    )
  })

  test('sends what the example does to the service, as the contract asks for it', async () => {
    await using server = await startIngestServer()
    await run(['src/index.mjs'], { cwd: example, env: environment(server.url) })
    expect(server.refused).toEqual([])
    expect(server.traces.map(({ name, session_id, error }) => [name, session_id, error])).toEqual([
      ['support', 'conversation-1', null],
      ['support', 'conversation-1', null],
      ['refund', 'refund-1', null],
      ['refund', 'refund-1', null],
    ])
    expect(server.feedback).toMatchObject([{ trace_id: server.traces[0]?.id, label: 'good' }])
  })

  test('finds the current span without being handed it', async () => {
    expect(await run(['held-agent.mjs'])).toBe(HELD_AGENT)
  })

  test('sends what it recorded when it ends without a flush', async () => {
    await using server = await startIngestServer()
    await expect(
      run(['leave-without-flush.mjs'], { env: environment(server.url) }),
    ).resolves.toContain('Hello.')
    expect(server.refused).toEqual([])
    expect(server.traces).toMatchObject([{ name: 'support', spans: [{ type: 'llm' }] }])
  })

  test('sends what it recorded when a signal ends it', async () => {
    await using server = await startIngestServer()
    const { signal } = await fails(['leave-without-flush.mjs', 'SIGTERM'], environment(server.url))
    expect(signal).toBe('SIGTERM')
    expect(server.traces).toMatchObject([{ name: 'support', spans: [{ type: 'llm' }] }])
  })

  test('says how much is lost when it exits', async () => {
    await using server = await startIngestServer()
    const { stderr } = await start(['leave-without-flush.mjs', 'exit'], {
      env: environment(server.url),
    })
    expect(stderr).toContain('1 trace')
  })

  test('goes on with a run that waited in another one', async () => {
    const first = parse(await run(['resume-elsewhere.mjs', 'start']))
    const second = parse(
      await run(['resume-elsewhere.mjs', 'resume', JSON.stringify(first['stored'])]),
    )
    const { runId } = first['stored'] as { runId: string }
    const { id, externalId } = first['trace'] as { id: string; externalId: string }
    expect(first['trace']).toMatchObject({
      tree: 'flow · interrupted\n└─ other human · interrupted',
      sessionId: runId,
    })
    expect(second['trace']).toMatchObject({
      tree: 'flow · ok\n└─ other human · ok',
      sessionId: runId,
      externalId,
      resumedFrom: id,
    })
    expect(second['trace']).not.toMatchObject({ id })
  })

  test('has the same heap after ten thousand turns more, half of which never end', async () => {
    const { before, after, ...rest } = parse(await run(['--expose-gc', 'tell-again.mjs']))
    expect(rest).toEqual({ recorded: 20_000, open: 0, late: 0, ok: 10_000, incomplete: 10_000 })
    expect(Number(after) - Number(before)).toBeLessThan(5 * MEGABYTE)
  }, 120_000)
})

function parse(text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>
}

function environment(endpoint: string): NodeJS.ProcessEnv {
  return { ...process.env, TRULAYER_API_KEY: 'tl_test', TRULAYER_ENDPOINT: endpoint }
}

async function run(...call: Parameters<typeof start>): Promise<string> {
  return (await start(...call)).stdout
}

/* How a program ended that did not end well. */
async function fails(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly signal?: unknown }> {
  try {
    await start(args, { env })
    return {}
  } catch (error) {
    return error as { readonly signal?: unknown }
  }
}

function start(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return promisify(execFile)('node', ['--conditions=@trulayer/source', ...args], {
    cwd: import.meta.dirname,
    timeout: 100_000,
    ...options,
  })
}
