// What a request holds of its body while Kafka is waited for: nothing.

import { connect } from 'node:net'
import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { startBridge } from '../support/bridge.ts'
import { until } from '../support/until.ts'

const REQUESTS = 8
const BODY_BYTES = 2_000_000

/** A record of one byte in a large body, each for a shard of its own. */
function bodyFor(shard: number): string {
  const hash = ((2n ** 128n / BigInt(REQUESTS)) * BigInt(shard)).toString()
  const record = { StreamName: 'orders', PartitionKey: 'k', ExplicitHashKey: hash, Data: 'QQ==' }
  return JSON.stringify(record).padEnd(BODY_BYTES, ' ')
}

function request(framing: string, body: string): string {
  const head = ['POST / HTTP/1.1', 'Host: x', 'Content-Type: application/x-amz-json-1.1']
  return [...head, 'X-Amz-Target: Kinesis_20131202.PutRecord', framing, '', body].join('\r\n')
}

test.each([
  ['of a known length', (body: string) => request(`Content-Length: ${BODY_BYTES}`, body)],
  [
    'that comes in chunks',
    (body: string) =>
      request('Transfer-Encoding: chunked', `${BODY_BYTES.toString(16)}\r\n${body}\r\n0\r\n\r\n`),
  ],
])('a body %s is gone when Kafka is waited for', async (_, textOf) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const environment = { TRIBUTARY_MEMORY_BYTES_MAX: String(2 * REQUESTS * BODY_BYTES) }
  await using bridge = await startBridge({ topics: { orders: REQUESTS }, environment })
  let waiting = 0
  let answer = (): void => undefined
  const answered = new Promise<undefined>((resolve) => (answer = () => resolve(undefined)))
  bridge.log.fail(() => {
    waiting++
    return answered
  })
  collect()
  const before = process.memoryUsage().arrayBuffers

  const sockets = Array.from({ length: REQUESTS }, () => connect(bridge.port, '127.0.0.1'))
  for (const [shard, socket] of sockets.entries()) socket.write(textOf(bodyFor(shard)))

  await until(() => waiting === REQUESTS)
  await until(() => {
    collect()
    return process.memoryUsage().arrayBuffers - before < BODY_BYTES
  })

  answer()
  await until(() => bridge.lives.length === REQUESTS)
  expect(bridge.lives.map(({ status }) => status)).toEqual(sockets.map(() => 200))
  for (const socket of sockets) socket.destroy()
})
