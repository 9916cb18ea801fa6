/* What the examples on feedback take for granted: a page, servers, and what these know of a visitor. */
import type { NodeHandler } from '@trulayer/core/relay'

export const traceId = '0190f5fe-7c00-7a00-8080-000000000000'

export const button = new EventTarget()

export const show = (text: string): string => text

/** Hono's `app`, as far as it is used. */
export const hono = {
  post: (
    path: string,
    handle: (context: { req: { raw: Request } }) => Promise<Response>,
  ): unknown => [path, handle],
}

/** Express's `app`, as far as it is used. */
export const express = { use: (path: string, handle: NodeHandler): unknown => [path, handle] }

export const sessions = {
  userOf: async (request: Request): Promise<string> => request.headers.get('cookie') ?? '',
  owns: async (user: string, trace: string): Promise<boolean> => user === trace,
}
