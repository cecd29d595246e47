// JSON 1.1 and CBOR 1.1 say the same: every call in both, every answer compared.

import fc from 'fast-check'
import type { Shape } from '../../../src/core/shape.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { createDialects } from '../../../src/dialects/index.ts'
import { decodeBase64 } from '../../../src/dialects/shared/base64.ts'
import { decodeCbor } from '../../../src/dialects/shared/cbor.ts'
import { encodeCbor } from '../../../src/dialects/shared/cbor-write.ts'
import { startBridge, type Bridge } from '../../support/bridge.ts'
import { structureOf } from '../../support/inputs.ts'
import { startBridge as startInside, type Members } from './bridge.ts'

async function send(bridge: Bridge, type: string, operation: string, body: Buffer) {
  const reply = await fetch(bridge.url, {
    method: 'POST',
    headers: { 'content-type': type, 'x-amz-target': `Kinesis_20131202.${operation}` },
    body,
  })
  expect(reply.headers.get('content-type')).toBe(type)
  return { status: reply.status, body: Buffer.from(await reply.arrayBuffer()) }
}

/** Blobs as JSON has them, times in its seconds. */
function plain(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('base64')
  if (value instanceof Date) return value.getTime() / 1000
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]))
}

/** Without what names a topic's id: either bridge has topics of its own. */
function told(members: Record<string, unknown>): unknown {
  return plain('ShardIterator' in members ? { ...members, ShardIterator: 'one' } : members)
}

async function answers(
  calls: readonly (readonly [string, Record<string, unknown>])[],
  isCbor: boolean,
) {
  await using bridge = await startBridge({ topics: { orders: 3 } })
  const type = `application/x-amz-${isCbor ? 'cbor' : 'json'}-1.1`
  const results: unknown[] = []
  for (const [operation, input] of calls) {
    const body = isCbor ? encodeCbor(input) : Buffer.from(JSON.stringify(plain(input)))
    const reply = await send(bridge, type, operation, body)
    const text = reply.body
    const parse: (bytes: Buffer) => unknown = isCbor ? decodeCbor : parseJson
    const content = text.length === 0 ? null : parse(text)
    results.push({ operation, status: reply.status, content: plain(content) })
  }
  return {
    results,
    stored: bridge.log.messages('orders').map(({ partition, value }) => [partition, value]),
  }
}

function parseJson(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString())
}

const DATA = Buffer.from([0, 1, 2, 255])
const RECORD = { PartitionKey: 'ключ', Data: DATA }

test('the same calls have the same answers and store the same', async () => {
  const calls: (readonly [string, Record<string, unknown>])[] = [
    ['PutRecord', { StreamName: 'orders', ...RECORD }],
    ['PutRecords', { StreamName: 'orders', Records: [RECORD, { PartitionKey: 'a', Data: DATA }] }],
    ['PutRecord', { StreamName: 'none', ...RECORD }],
    ['PutRecord', { StreamName: 'orders', ...RECORD, ExplicitHashKey: 'x' }],
    ['PutRecord', { StreamName: 'orders', PartitionKey: 5, Data: DATA }],
    ['PutRecords', { StreamName: 'orders', Records: [] }],
    ['ListShards', { StreamName: 'orders' }],
    ['ListShards', { StreamName: 'orders', StreamCreationTimestamp: new Date(1_700_000_000_000) }],
    ['DescribeStream', { StreamName: 'orders' }],
    ['ListStreams', {}],
    ['CreateStream', { StreamName: 'new', ShardCount: 2 }],
    ['Fly', {}],
  ]
  const [json, cbor] = [await answers(calls, false), await answers(calls, true)]
  const withoutTimes = (text: string): unknown =>
    JSON.parse(text.replace(/"SequenceNumber":"\d+"/g, '"SequenceNumber":"…"'))
  expect(withoutTimes(JSON.stringify(cbor))).toEqual(withoutTimes(JSON.stringify(json)))
  expect(json.results.map((each) => (each as { status: number }).status)).toEqual([
    ...[200, 200, 400, 400, 400, 400, 200, 200, 200, 200, 200, 400],
  ])
})

test('a body that is no CBOR, and an empty one, are answered in CBOR', async () => {
  await using bridge = await startBridge()
  const type = 'application/x-amz-cbor-1.1'
  for (const body of [Buffer.of(0xff), Buffer.alloc(0), Buffer.alloc(1000, 0x81)]) {
    const reply = await send(bridge, type, 'ListStreams', body)
    expect([reply.status, decodeCbor(reply.body)]).toEqual([
      400,
      expect.objectContaining({ __type: 'SerializationException' }),
    ])
  }
})

test('times are whole milliseconds under tag 1', async () => {
  await using bridge = await startBridge({ topics: { orders: 1 } })
  const input = encodeCbor({ StreamName: 'orders' })
  const { body } = await send(bridge, 'application/x-amz-cbor-1.1', 'DescribeStream', input)
  const name = Buffer.from('StreamCreationTimestamp')
  const after = body.subarray(body.indexOf(name) + name.length)
  expect(after.subarray(0, 2).toString('hex')).toBe('c11b')
})

/** A value as CBOR has it: bytes, and times of their own. */
function toCbor(shape: Shape | undefined, value: unknown): unknown {
  if (shape?.type === 'blob' && typeof value === 'string') return decodeBase64(value) ?? value
  if (shape?.type === 'time' && typeof value === 'number') return new Date(value * 1000)
  if (Array.isArray(value)) {
    return value.map((each) => toCbor(shape?.type === 'list' ? shape.of : undefined, each))
  }
  if (typeof value !== 'object' || value === null) return value
  const members = shape?.type === 'structure' ? shape.members : {}
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, toCbor(members[name], each)]),
  )
}

const DIALECTS = createDialects(loadConfig({ environment: {} }).dialects)
const OPERATIONS = DIALECTS.filter(({ name }) => name === 'kinesis' || name === 'yandex').flatMap(
  ({ name, operations }) =>
    Object.entries(operations).map(([operation, { input }]) => ({ name, operation, input })),
)

test.each(OPERATIONS)(
  '$name $operation: any input has the same answer in both',
  async ({ name, operation, input: shape }) => {
    const headers = name === 'yandex' ? { 'x-yacloud-subjecttoken': 't' } : {}
    const bridges = [startInside({ demo: 3 }), startInside({ demo: 3 })] as const
    await fc.assert(
      fc.asyncProperty(structureOf(shape), async (generated) => {
        // Neither has a form for undefined, and JSON has none for odd numbers.
        const input = JSON.parse(JSON.stringify(generated)) as Members
        const json = await bridges[0].call(operation, input, { headers })
        const cbor = await bridges[1].call(operation, toCbor(shape, input) as Members, {
          headers,
          cbor: true,
        })
        expect([input, cbor.status, told(cbor.json)]).toEqual([input, json.status, told(json.json)])
        expect(cbor.text === '').toBe(json.text === '')
      }),
      { numRuns: 50 },
    )
  },
)
