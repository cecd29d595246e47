// Express on HTTP/2: an application whose requests and responses inherit from Node's HTTP/2
// compatibility classes instead of its HTTP/1.1 ones, with Express' own additions on top.

import express, { type Application, type Router } from 'express'
import { Http2ServerRequest, Http2ServerResponse } from 'node:http2'

function graft(additions: object, prototype: object): object {
  return Object.create(prototype, Object.getOwnPropertyDescriptors(additions)) as object
}

/** Two applications over one router: for HTTP/1.1, and for HTTP/2. */
export function createApplications(router: Router): { http1: Application; http2: Application } {
  const http1 = express()
  const http2 = express()
  const own = { configurable: true, enumerable: true, value: http2, writable: true }
  const prototypes = http2 as unknown as { request: object; response: object }
  prototypes.request = Object.create(graft(express.request, Http2ServerRequest.prototype), {
    app: own,
  }) as object
  prototypes.response = Object.create(graft(express.response, Http2ServerResponse.prototype), {
    app: own,
  }) as object
  for (const app of [http1, http2]) {
    app.disable('x-powered-by')
    app.disable('etag')
    app.use(router)
  }
  return { http1, http2 }
}
