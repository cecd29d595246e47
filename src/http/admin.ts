// The admin port: liveness, readiness, metrics, the OpenAPI documents and the console. Never on a data
// port. Probes need no token: they come from those who run the process.

import express, { type Express, type Router } from 'express'
import type { Registry } from 'prom-client'
import { stringify } from 'yaml'
import type { Dialect } from '../core/dialect.ts'
import { createAdminGuard } from './admin-guard.ts'
import { openApiOf } from './openapi.ts'

/** What /readyz tells. Kafka's state is told but does not decide: see docs/operations.md. */
export interface Readiness {
  readonly ready: boolean
  readonly reason: string
  readonly kafka: Readonly<Record<string, unknown>>
}

export interface AdminOptions {
  readonly readiness: () => Readiness
  readonly registry: Registry
  readonly dialects: readonly Dialect[]
  readonly version: string
  /** What whoever asks for more than health must show; empty: nothing. */
  readonly token: string
  readonly console: Router
}

export function createAdmin(options: AdminOptions): Express {
  const { readiness, registry, dialects, version } = options
  const app = express()
  app.disable('x-powered-by')
  app.get('/livez', (_request, response) => {
    response.type('text').send('alive\n')
  })
  app.get('/readyz', (_request, response) => {
    const state = readiness()
    response.status(state.ready ? 200 : 503).json(state)
  })
  app.use(createAdminGuard(options.token))
  app.get('/', (_request, response) => {
    response.redirect('/console/')
  })
  app.use('/console/', options.console)
  app.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics())
  })
  app.get(['/openapi', '/openapi/'], (_request, response) => {
    response.json({ documents: dialects.map(({ name }) => `/openapi/${name}.yaml`) })
  })
  for (const dialect of dialects) {
    const document = openApiOf([dialect], version)
    app.get(`/openapi/${dialect.name}.json`, (_request, response) => {
      response.json(document)
    })
    app.get(`/openapi/${dialect.name}.yaml`, (_request, response) => {
      response.type('yaml').send(stringify(document, { aliasDuplicateObjects: false }))
    })
  }
  app.use((_request, response) => {
    response
      .status(404)
      .type('text')
      .send('Tributary admin: /livez /readyz /metrics /openapi/ /console/\n')
  })
  return app
}
