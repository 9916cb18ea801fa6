import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { serve } from '@hono/node-server'
import { type Relay, toNodeHandler } from '@trulayer/core/relay'
import express from 'express'
import { Hono } from 'hono'

import type { Files } from './build-pages.ts'

/** What a host serves. */
export interface Site {
  readonly files: Files
  readonly relay: Relay
  /** Answers a question, by the agent that is on the server. */
  readonly chat: () => Promise<{ readonly answer: string; readonly traceId: string }>
}

/** A server of a program that uses us, with a relay behind it. */
export interface Host extends AsyncDisposable {
  readonly origin: string
}

/** The servers that the relay stands behind. */
export const hosts: Readonly<Record<string, (site: Site) => Promise<Host>>> = {
  'node:http': serveNode,
  Express: (site) => serveExpress(site, { parses: false }),
  'Express behind express.json()': (site) => serveExpress(site, { parses: true }),
  Hono: serveHono,
}

function serveNode({ files, relay, chat }: Site): Promise<Host> {
  const handleRelay = toNodeHandler(relay)
  return listen(
    createServer((request, response) => {
      const path = request.url?.split('?')[0] ?? '/'
      const file = files.get(path)
      if (path === '/api/trulayer') {
        void handleRelay(request, response)
      } else if (path === '/chat' && request.method === 'POST') {
        void chat().then((answer) => response.end(JSON.stringify(answer)))
      } else if (file === undefined) {
        response.writeHead(404).end()
      } else {
        response.writeHead(200, { 'content-type': file.type }).end(file.text)
      }
    }),
  )
}

function serveExpress(
  { files, relay, chat }: Site,
  { parses }: { parses: boolean },
): Promise<Host> {
  const app = express()
  if (parses) {
    app.use(express.json())
  }
  app.use('/api/trulayer', toNodeHandler(relay))
  app.post('/chat', async (_, response) => {
    response.json(await chat())
  })
  for (const [path, { type, text }] of files) {
    app.get(path, (_, response) => {
      response.type(type).send(text)
    })
  }
  return listen(createServer(app))
}

function serveHono({ files, relay, chat }: Site): Promise<Host> {
  const app = new Hono()
  app.all('/api/trulayer', (context) => relay(context.req.raw))
  app.post('/chat', async (context) => context.json(await chat()))
  for (const [path, { type, text }] of files) {
    app.get(path, (context) => context.body(text, 200, { 'content-type': type }))
  }
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => {
      resolve(hostOf(server as Server))
    })
  })
}

async function listen(server: Server): Promise<Host> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return hostOf(server)
}

function hostOf(server: Server): Host {
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
