// The admin port: who may see what.

import type { AddressInfo } from 'node:net'
import express from 'express'
import { Registry } from 'prom-client'
import { createAdmin } from '../../src/http/admin.ts'

async function openAdmin(token: string) {
  const console = express.Router()
  console.get('/', (_request, response) => {
    response.send('the page')
  })
  const readiness = () => ({ ready: true, reason: 'ready', kafka: {} })
  const app = createAdmin({
    ...{ readiness, token, console },
    registry: new Registry(),
    dialects: [],
    version: '0.0.0',
  })
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    status: async (path: string, authorization?: string) => {
      const headers = authorization === undefined ? {} : { authorization }
      const response = await fetch(`${url}${path}`, { headers })
      await response.text()
      return response.status
    },
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const basic = (password: string) => `Basic ${Buffer.from(`anybody:${password}`).toString('base64')}`

test('without a token everything is there for everybody', async () => {
  await using admin = await openAdmin('')
  for (const path of ['/livez', '/readyz', '/metrics', '/openapi/', '/console/', '/']) {
    expect([path, await admin.status(path)]).toEqual([path, 200])
  }
})

test('with a token all but the probes want it', async () => {
  await using admin = await openAdmin('s3cret:x')
  for (const path of ['/livez', '/readyz']) expect(await admin.status(path)).toBe(200)
  for (const path of ['/metrics', '/openapi/', '/console/', '/elsewhere']) {
    expect([path, await admin.status(path)]).toEqual([path, 401])
    expect(await admin.status(path, 'Bearer wrong')).toBe(401)
    expect(await admin.status(path, 'Bearer ')).toBe(401)
    expect(await admin.status(path, basic('wrong'))).toBe(401)
  }
  expect(await admin.status('/metrics', 'Bearer s3cret:x')).toBe(200)
  expect(await admin.status('/console/', basic('s3cret:x'))).toBe(200)
})
