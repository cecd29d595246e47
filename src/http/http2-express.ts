// Express on HTTP/2: an application whose requests and responses inherit from those of our HTTP/2
// instead of Node's HTTP/1.1, with Express' own additions on top.

import express, { type Application, type Router } from 'express'
import { Http2Request, Http2Response } from './http2-exchange.ts'

function graft(additions: object, prototype: object): object {
  return Object.create(prototype, Object.getOwnPropertyDescriptors(additions)) as object
}

/** Two applications over one router: for HTTP/1.1, and for HTTP/2. */
export function createApplications(router: Router): { http1: Application; http2: Application } {
  const http1 = express()
  const http2 = express()
  const own = { configurable: true, enumerable: true, value: http2, writable: true }
  const prototypes = http2 as unknown as { request: object; response: object }
  prototypes.request = Object.create(graft(express.request, Http2Request.prototype), {
    app: own,
  }) as object
  prototypes.response = Object.create(graft(express.response, Http2Response.prototype), {
    app: own,
  }) as object
  for (const app of [http1, http2]) {
    app.disable('x-powered-by')
    app.disable('etag')
    app.use(router)
  }
  return { http1, http2 }
}
