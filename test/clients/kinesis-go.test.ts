// Amazon's SDK for Go, version 2.

import { goAbsence, GO_WITHIN_MS, provideGo, startGoClient, type GoClient } from '../support/go.ts'
import { notRun } from '../support/not-run.ts'
import { serviceOfFile } from '../support/service.ts'
import { kinesisSuite } from './kinesis-suite.ts'
import { placeInKinesis } from './places.ts'

function suite(): void {
  let program = ''
  beforeAll(async () => {
    program = await provideGo('kinesis-go')
  }, GO_WITHIN_MS)

  kinesisSuite({
    service: serviceOfFile(),
    connect({ url }) {
      const client: GoClient = startGoClient([program, url], {})
      return Promise.resolve({
        call: (operation, input) => client.call(operation, inBase64(input) as object),
        typeOf: (error) => (error as Error).message.split(':')[0] ?? '',
        [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
      })
    },
    nameOf: (stream) => stream,
    placeOf: placeInKinesis,
  })
}

/** Buffers as Go reads bytes out of JSON. */
function inBase64(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('base64')
  if (Array.isArray(value)) return value.map(inBase64)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inBase64(each)]))
}

const absence = goAbsence()
if (absence === undefined) suite()
else notRun('the SDK for Go', absence)
