import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { spanTree } from '@trulayer/core/testing'
import { TruLayerExporter } from '@trulayer/mastra'
import { expect, onTestFinished, test } from 'vitest'

import { collectingClient } from '../support/collecting-client.ts'
import { ScriptedModel } from '../support/mastra-scripted-model.ts'
import { loadSet, setName } from './frameworks.ts'

const set = await loadSet(setName)
const { MCPClient, MCPServer } = (await import(`./${setName}/mcp.js`)) as McpModule

/** `@mastra/mcp`, as far as it is used. */
interface McpModule {
  readonly MCPServer: new (options: object) => { startHTTP(options: object): Promise<void> }
  readonly MCPClient: new (options: object) => {
    listTools(): Promise<Record<string, McpTool>>
    disconnect(): Promise<void>
    readonly resources: { list(): Promise<unknown> }
  }
}

interface McpTool {
  execute(input: object, context: object): Promise<unknown>
}

/* A server with two tools and an agent, and a client of another program. */
async function connect(options: object = {}) {
  const { Agent, createTool, InMemoryStore, Mastra, Observability, z } = set
  const { client, traces, settled } = collectingClient()
  const add = createTool({
    id: 'add',
    description: 'Adds',
    inputSchema: z.object({ a: z.number(), b: z.number() }),
    execute: ({ a, b }: { readonly a: number; readonly b: number }) =>
      Promise.resolve({ sum: a + b }),
  })
  const fail = createTool({
    id: 'fail',
    description: 'Fails',
    inputSchema: z.object({ a: z.number() }),
    execute: () => Promise.reject(new RangeError('exploded')),
  })
  const model = new ScriptedModel([{ text: 'helped' }])
  const helper = new Agent({
    id: 'helper',
    name: 'helper',
    description: 'Helps',
    instructions: 'Be kind.',
    model,
  })
  const calc = new MCPServer({
    id: 'calc',
    name: 'calc',
    version: '1.0.0',
    tools: { add, fail },
    agents: { helper },
    ...options,
  })
  const exporters = [new TruLayerExporter({ client })]
  const mastra = new Mastra({
    logger: false,
    storage: new InMemoryStore({ id: 'store' }),
    agents: { helper },
    mcpServers: { calc },
    ...(Observability && {
      observability: new Observability({
        configs: { default: { serviceName: 'test', exporters } },
      }),
    }),
  })
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const stateless = { sessionIdGenerator: undefined }
    const given = { url, httpPath: '/mcp', req: request, res: response, options: stateless }
    calc.startHTTP(given).catch(() => response.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const remote = new MCPClient({
    id: crypto.randomUUID(),
    servers: { calc: { url: new URL(`http://127.0.0.1:${port}/mcp`) } },
  })
  onTestFinished(async () => {
    await remote.disconnect()
    server.close()
    server.closeAllConnections()
    await mastra.shutdown?.()
  })
  return { remote, traces, settled }
}

test('a tool that an MCP server runs is one tool, and listings are no traces', async () => {
  const { remote, traces, settled } = await connect()
  const tools = await remote.listTools()
  await tools['calc_add']?.execute({ a: 1, b: 2 }, {})
  await tools['calc_fail']?.execute({ a: 1 }, {}).catch(() => {})
  await settled()
  expect(traces.map(spanTree)).toEqual([
    'add · ok\n└─ tool add · ok',
    'fail · error (Error: exploded)\n└─ tool fail · error (Error: exploded)',
  ])
  const [add] = traces[0]?.spans ?? []
  expect(add).toMatchObject({
    input: { a: 1, b: 2 },
    output: { content: [{ type: 'text', text: '{"sum":3}' }] },
    metadata: { 'gen_ai.operation.name': 'execute_tool' },
  })
})

test('an agent that an MCP server offers is inside the tool', async () => {
  const { remote, traces, settled } = await connect()
  const { calc_ask_helper: ask } = await remote.listTools()
  await ask?.execute({ message: 'Help' }, {})
  await settled()
  expect(traces.map(spanTree)).toEqual([
    `\
ask_helper · ok · 10 in, 5 out
└─ tool ask_helper · ok
   └─ other helper · ok
      └─ llm chat gpt-4o-mini · ok · 10 in, 5 out`,
  ])
})

test('a listing that fails is a trace', async () => {
  const listResources = () => Promise.reject(new Error('no disk'))
  const { remote, traces, settled } = await connect({ resources: { listResources } })
  await remote.resources.list().catch(() => {})
  await settled()
  expect(traces.map(spanTree)).toEqual(['resources/list · error (Error: no disk)'])
})
