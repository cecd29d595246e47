// The console: a page on the admin port that shows what goes on, and what it asks for. Read-only; works
// without any other host.
//
// * What passes through this instance comes as sums; the page makes rates of two of them.
// * A stream's shards come from Kafka when somebody opens the stream, so that they count all writers.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import express, { type Router } from 'express'
import type { Reading } from './reading.ts'

const FILES = ['index.html', 'console.css', 'console.js'] as const

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
}

/** The routes below `/console/`. Reads the page's files once. */
export function createConsole(reading: Reading): Router {
  const folder = join(import.meta.dirname, 'page')
  const router = express.Router()
  router.use((_request, response, next) => {
    response.set(HEADERS)
    next()
  })
  for (const name of FILES) {
    const content = readFileSync(join(folder, name))
    router.get(name === 'index.html' ? '/' : `/${name}`, (_request, response) => {
      response.type(name).send(content)
    })
  }
  router.get('/now.json', (_request, response) => {
    response.json(reading.now())
  })
  router.get('/connect.json', (_request, response) => {
    response.json(reading.connect())
  })
  router.get('/topics.json', async (_request, response) => {
    response.json(await reading.topics())
  })
  router.get('/topic.json', async (request, response) => {
    const { name } = request.query
    const topic = typeof name === 'string' ? await reading.topic(name) : undefined
    if (topic) response.json(topic)
    else response.status(404).json({ error: 'There is no such topic.' })
  })
  return router
}
