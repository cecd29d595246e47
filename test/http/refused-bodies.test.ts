// Bodies that are refused for load on one connection of HTTP/2: each call is answered, none is cut.

import { connect, constants } from 'node:http2'
import { startBridge } from '../support/bridge.ts'

const BODY_BYTES = 14_000_000

test('three large bodies at once on one connection are all answered', async () => {
  await using bridge = await startBridge({ topics: { orders: 1 } })
  // Node's own client cuts what it has not sent beyond 10 MB of session memory (ENHANCE_YOUR_CALM).
  const session = connect(bridge.url, { maxSessionMemory: 1000 })
  const data = Buffer.alloc(1_000_000, 1).toString('base64')
  const records = Array.from({ length: Math.floor(BODY_BYTES / data.length) - 1 }, (_, i) => {
    return { PartitionKey: String(i), Data: data }
  })
  const body = JSON.stringify({ StreamName: 'orders', Records: records })

  const put = () =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const stream = session.request({
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: '/',
        'content-type': 'application/x-amz-json-1.1',
        'content-length': Buffer.byteLength(body),
        'x-amz-target': 'Kinesis_20131202.PutRecords',
      })
      let status = 0
      let text = ''
      stream.on('response', (headers) => (status = Number(headers[':status'])))
      stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      stream.on('error', reject)
      stream.on('close', () => resolve({ status, text }))
      stream.end(body)
    })

  const answers = await Promise.allSettled([put(), put(), put()])
  session.close()

  const seen = answers.map((each) =>
    each.status === 'fulfilled' ? each.value.status : String(each.reason),
  )
  expect(seen.every((status) => status === 200 || status === 400)).toBe(true)
  expect(seen).toContain(200)
})
