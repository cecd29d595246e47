// Bodies in protobuf, and compressed: what real clients sent, what both forms have in common, and what
// a body that is none costs.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { Encoder } from '@toondepauw/node-zstd'
import { compressSync as lz4 } from 'lz4-napi'
import { compressSync as snappy } from 'snappy'
import { BridgeError } from '../../../src/core/errors.ts'
import { startBridge as startService } from '../../support/bridge.ts'
import { ROOT } from '../../support/source-files.ts'
import { until } from '../../support/until.ts'
import { writeMessage } from '../../support/protobuf.ts'
import { base64, LIMITS, NOW_MS, startBridge } from './bridge.ts'
import { entryFields, PROTOBUF, putRequest, readPutResult, type Entry } from './protobuf.ts'

const PUT = 'POST /v2/{p}/records/'
const FOLDER = join(ROOT, 'test/vectors/dis')

interface Vector {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body_base64: string
}

const PUTS = readdirSync(FOLDER)
  .map((name): [string, Vector] => [
    name,
    JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Vector,
  ])
  .filter(([, { method }]) => method === 'POST')

type Headers = Readonly<Record<string, string>>

function headersOf({ headers }: Vector): Headers {
  return Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]))
}

/** Raw blocks and a frame, as the Java SDK makes them. */
const COMPRESSED: Readonly<
  Record<string, (plain: Buffer) => { readonly headers: Headers; readonly body: Buffer }>
> = {
  lz4: (plain) => ({
    // This package puts the size before the block.
    body: lz4(plain).subarray(4),
    headers: { 'content-encoding': 'lz4', 'x-dis-lz4-content-length': `${plain.length}` },
  }),
  snappy: (plain) => ({ body: snappy(plain), headers: { 'content-encoding': 'snappy' } }),
  zstd: (plain) => ({
    body: new Encoder(3).encodeSync(plain),
    headers: { 'content-encoding': 'zstd', 'x-dis-zstd-content-length': `${plain.length}` },
  }),
}
const CODECS = Object.keys(COMPRESSED)

describe('as real clients sent them', () => {
  test.each(PUTS)('%s is stored, and answered in its own form', async (_, vector) => {
    const headers = headersOf(vector)
    const plain = startBridge()
    const asked = await plain.send(
      `POST ${vector.target}`,
      Buffer.from(vector.body_base64, 'base64'),
      headers,
    )
    // The stream's name is the run's: the answer that there is none tells it.
    const [, stream = ''] = /\[([^\]]+)\]/.exec(asked.text) ?? []
    const { send, log } = startBridge({ [stream]: 1 })

    const reply = await send(
      `POST ${vector.target}`,
      Buffer.from(vector.body_base64, 'base64'),
      headers,
    )

    const isProtobuf = headers['content-type']?.includes('protobuf') === true
    expect(reply.status).toBe(200)
    expect(reply.headers['content-type']).toBe(
      isProtobuf ? 'application/x-protobuf' : 'application/json',
    )
    const result = isProtobuf ? readPutResult(reply.body) : reply.json
    const stored = log.messages(stream)
    expect(stored.length).toBeGreaterThan(0)
    expect(result).toEqual({
      failed_record_count: 0,
      records: stored.map((_each, i) => ({
        partition_id: 'shardId-0000000000',
        sequence_number: `${i}`,
      })),
    })
  })
})

describe('protobuf', () => {
  test('the smallest request and its answer, byte for byte', async () => {
    const { send, log } = startBridge({ s1: 1 })
    const reply = await send(PUT, Buffer.from('0a02733112091a04646174612a0130', 'hex'), PROTOBUF)
    expect(reply.headers).toEqual({ 'content-type': 'application/x-protobuf' })
    // failedRecordCount is there although it is zero: it is required.
    expect(reply.body.toString('latin1')).toBe(
      '\xa8\x01\x00\xb2\x01\x19\xba\x01\x12shardId-0000000000\xc2\x01\x010',
    )
    expect(log.messages('s1')).toMatchObject([
      { value: Buffer.from('data'), key: Buffer.from('0') },
    ])
  })

  test('every member; what is not known is passed over', async () => {
    const { send, log } = startBridge({ s1: 4 })
    const entry: Entry = {
      data: Buffer.from([0, 255, 10]),
      partition_id: '2',
      partition_key: 'ключ',
      explicit_hash_key: '7',
      timestamp: NOW_MS - 1000,
    }
    const extendedInfo = writeMessage([
      [8, 'file'],
      [9, 'id'],
      [11, 3n],
    ])
    const unknown = Buffer.from([(15 << 3) | 1, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f])
    const body = Buffer.concat([
      putRequest({ stream_name: 's1', stream_id: '', records: [] }),
      writeMessage([[2, [...entryFields(entry), [7, extendedInfo], [100, 'x']]]]),
      unknown,
    ])

    const reply = await send(PUT, body, PROTOBUF)

    expect(readPutResult(reply.body)).toEqual({
      failed_record_count: 0,
      records: [{ partition_id: 'shardId-0000000002', sequence_number: '0' }],
    })
    expect(log.messages('s1')).toEqual([
      expect.objectContaining({
        partition: 2,
        key: Buffer.from('ключ'),
        value: Buffer.from([0, 255, 10]),
        timestampMs: NOW_MS - 1000,
        headers: [{ name: 'tributary-explicit-hash-key', value: Buffer.from('7') }],
      }),
    ])
  })

  test('a record’s fault in its place, and the count of faults', async () => {
    const { send, account } = startBridge({ s1: 2 })
    const records = [{ data: Buffer.from('x'), partition_id: '9' }, {}, { data: Buffer.from('y') }]
    const reply = await send(PUT, putRequest({ stream_name: 's1', records }), PROTOBUF)
    expect(readPutResult(reply.body)).toEqual({
      failed_record_count: 2,
      records: [
        {
          error_code: 'DIS.4302',
          error_message: 'Partition does not exist. shardId-0000000009',
        },
        { error_code: 'DIS.4200', error_message: 'Invalid request. data is required.' },
        { partition_id: 'shardId-0000000000', sequence_number: '0' },
      ],
    })
    expect(Object.fromEntries(account.failures)).toEqual({ 'shard-not-found': 1, constraint: 1 })
  })

  test('failures of the whole call stay JSON', async () => {
    const { send } = startBridge()
    const records = [{ data: Buffer.from('x') }]
    const missing = await send(PUT, putRequest({ stream_name: 'no', records }), PROTOBUF)
    const empty = await send(PUT, putRequest({ stream_name: 'no', records: [] }), PROTOBUF)
    expect([missing, empty].map(({ status, json }) => [status, json['errorCode']])).toEqual([
      [410, 'DIS.4301'],
      [400, 'DIS.4202'],
    ])
  })

  test('other calls are not taken in it, with a status on which no agent drops its data', async () => {
    const { status, json } = await startBridge().send('POST /v2/{p}/streams', 'x', PROTOBUF)
    expect([status, json['errorCode']]).toEqual([415, 'DIS.4605'])
  })

  test('a great many empty records are one too many, whatever stands behind them', async () => {
    const { send } = startBridge({ s1: 1 })
    const body = Buffer.concat([
      Buffer.from('1200'.repeat(1_000_000), 'hex'),
      putRequest({ stream_name: 's1', records: [] }),
    ])
    const { status, json } = await send(PUT, body, PROTOBUF)
    expect([status, json['message']]).toEqual([
      400,
      'Invalid request. records must have at most 10000 elements.',
    ])
  })

  const texts = fc.option(
    fc.oneof(
      fc.constantFrom('', '0', 'shardId-0000000001', '7', 'k', '-1', '9223372036854775807', 'x'),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
    ),
    { nil: undefined },
  )
  const entries = fc.record({
    data: fc.option(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      { nil: undefined },
    ),
    explicit_hash_key: texts,
    partition_key: texts,
    partition_id: texts,
    timestamp: fc.option(
      fc.oneof(
        fc.constantFrom(-1, 0, NOW_MS, NOW_MS - 5, 2 ** 53, 2 ** 62),
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
      ),
      { nil: undefined },
    ),
  })
  const requests = fc.record({
    stream_name: fc.constantFrom('s1', 's1', 's1', '', 'none', undefined),
    stream_id: fc.constantFrom('', 'unknown', undefined),
    records: fc.array(entries, { maxLength: 6 }),
  })

  test('takes what JSON takes, answers and stores the same', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        // A message without any field has no bytes, and a body without any is empty.
        fc.pre(putRequest(request).length > 0)
        const [json, protobuf] = [startBridge({ s1: 4 }), startBridge({ s1: 4 })]
        const records = request.records.map(({ data, ...others }) => ({
          ...others,
          ...(data && { data: data.toString('base64') }),
        }))
        const one = await json.send(PUT, { ...request, records })
        const other = await protobuf.send(PUT, putRequest(request), PROTOBUF)

        expect(other.status).toBe(one.status)
        if (one.status === 200) expect(readPutResult(other.body)).toEqual(one.json)
        else expect(other.json).toEqual(one.json)
        expect(protobuf.log.messages('s1')).toEqual(json.log.messages('s1'))
        expect(protobuf.account.failures).toEqual(json.account.failures)
      }),
      { numRuns: 300 },
    )
  })
})

describe('compressed', () => {
  const BODY = JSON.stringify({
    stream_name: 's1',
    records: Array.from({ length: 300 }, (_, i) => ({ data: base64(`value ${i % 20}`) })),
  })

  test.each(CODECS)('%s: JSON and protobuf', async (name) => {
    const { send, log } = startBridge({ s1: 1 })
    const json = COMPRESSED[name]!(Buffer.from(BODY))
    const records = Array.from({ length: 300 }, () => ({ data: Buffer.from('some more data') }))
    const protobuf = COMPRESSED[name]!(putRequest({ stream_name: 's1', records }))

    const one = await send(PUT, json.body, json.headers)
    const other = await send(PUT, protobuf.body, { ...PROTOBUF, ...protobuf.headers })

    expect([
      one.json['failed_record_count'],
      readPutResult(other.body).failed_record_count,
    ]).toEqual([0, 0])
    expect(log.messages('s1')).toHaveLength(600)
  })

  test.each(CODECS)('%s: an empty record, and 10,000 of them', async (name) => {
    const { send, log } = startBridge({ s1: 1 })
    for (const count of [1, 10_000]) {
      const records = Array.from({ length: count }, () => ({ data: Buffer.alloc(0) }))
      const { body, headers } = COMPRESSED[name]!(putRequest({ stream_name: 's1', records }))
      const reply = await send(PUT, body, { ...PROTOBUF, ...headers })
      expect(readPutResult(reply.body).failed_record_count).toBe(0)
    }
    expect(log.messages('s1')).toHaveLength(10_001)
  })

  test.each(CODECS)('%s: the room is taken before anything is undone', async (name) => {
    const plain = Buffer.from(BODY)
    const { body, headers } = COMPRESSED[name]!(plain)
    const charges: number[] = []
    const whole = startBridge({ s1: 1 }, { charge: (bytes) => charges.push(bytes) })
    await whole.send(PUT, body, headers)
    expect(charges[0]).toBeGreaterThanOrEqual(plain.length)

    const full = startBridge(
      { s1: 1 },
      {
        charge: () => {
          throw new BridgeError('throttled', 'no room')
        },
      },
    )
    // So it is not even looked at: this one is cut short.
    const reply = await full.send(PUT, body.subarray(0, name === 'zstd' ? undefined : 4), headers)
    expect([reply.status, reply.json['errorCode']]).toEqual([503, 'DIS.4303'])
  })

  test.each(['lz4', 'zstd'])('%s: more or less than announced is refused', async (name) => {
    const { send, log } = startBridge({ s1: 1 })
    const { body, headers } = COMPRESSED[name]!(Buffer.from(BODY))
    const header = `x-dis-${name}-content-length`
    for (const length of [BODY.length - 1, BODY.length + 1, 0, -1, 'x', '']) {
      const reply = await send(PUT, body, { ...headers, [header]: `${length}` })
      expect([length, reply.status, reply.json['errorCode']]).toEqual([length, 400, 'DIS.4300'])
    }
    const reply = await send(PUT, body, { 'content-encoding': name })
    expect(reply.json['message']).toContain(`${header} must say how long the body is`)
    expect(log.messages('s1')).toEqual([])
  })

  test.each(CODECS)('%s: what would be too large is a 413 at once, a bomb too', async (name) => {
    const most = LIMITS.bodyBytesMax
    const charges: number[] = []
    const { send } = startBridge({ s1: 1 }, { charge: (bytes) => charges.push(bytes) })
    const { body, headers } = COMPRESSED[name]!(Buffer.alloc(most + 1))

    const reply = await send(PUT, body, headers)

    expect([reply.status, reply.json['errorCode']]).toEqual([413, 'DIS.4200'])
    expect(charges).toEqual([])
  })

  test.each(['lz4', 'zstd'])('%s: a bomb that announces little', async (name) => {
    const charges: number[] = []
    const { send } = startBridge({ s1: 1 }, { charge: (bytes) => charges.push(bytes) })
    const { body, headers } = COMPRESSED[name]!(Buffer.alloc(LIMITS.bodyBytesMax))
    const startedMs = performance.now()

    const reply = await send(PUT, body, { ...headers, [`x-dis-${name}-content-length`]: '100' })

    expect(reply.status).toBe(400)
    expect(performance.now() - startedMs).toBeLessThan(5000)
    expect(charges.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(9 * 2 ** 20)
  })

  test('upper case, and blanks about it', async () => {
    const { send } = startBridge({ s1: 1 })
    const { body, headers } = COMPRESSED['lz4']!(Buffer.from(BODY))
    const reply = await send(PUT, body, { ...headers, 'content-encoding': ' LZ4 ' })
    expect(reply.status).toBe(200)
  })

  test('over HTTP: 16 MB in a few kilobytes; the memory is given back', async () => {
    await using bridge = await startService({
      topics: { s1: 4 },
      environment: { TRIBUTARY_MEMORY_BYTES_MAX: `${64 * 2 ** 20}` },
    })
    const records = Array.from({ length: 10_000 }, () => ({ data: Buffer.alloc(1600) }))
    const plain = putRequest({ stream_name: 's1', records })
    for (const name of CODECS) {
      const { body, headers } = COMPRESSED[name]!(plain)
      const response = await fetch(`${bridge.url}/v2/p/records`, {
        method: 'POST',
        headers: { ...PROTOBUF, ...headers },
        body,
      })
      const reply = Buffer.from(await response.arrayBuffer())
      expect([response.status, readPutResult(reply).records.length]).toEqual([200, 10_000])
    }
    expect(bridge.log.messages('s1')).toHaveLength(30_000)
    await until(() => bridge.bytesHeld() === 0)
  })
})

describe('whatever comes', () => {
  const PLAIN = putRequest({
    stream_name: 's1',
    records: Array.from({ length: 40 }, (_, i) => ({
      data: Buffer.from(`value ${i % 7}`),
      partition_key: `${i}`,
      timestamp: NOW_MS,
    })),
  })
  const bodies: Readonly<Record<string, { readonly headers: Headers; readonly body: Buffer }>> = {
    protobuf: { headers: {}, body: PLAIN },
    ...Object.fromEntries(CODECS.map((name) => [name, COMPRESSED[name]!(PLAIN)])),
  }

  /** A real body with bytes changed, taken away or put in. */
  const mutations = fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.nat(4),
      insert: fc.uint8Array({ maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 6 },
  )

  test.each(Object.entries(bodies))(
    '%s, spoilt: stored or refused in the vendor’s words, and never at length',
    async (_, { headers, body }) => {
      await fc.assert(
        fc.asyncProperty(mutations, async (changes) => {
          let spoilt = body
          for (const { at, remove, insert } of changes) {
            const place = Math.floor(at * spoilt.length)
            const rest = spoilt.subarray(place + remove)
            spoilt = Buffer.concat([spoilt.subarray(0, place), insert, rest])
          }
          const startedMs = performance.now()
          const reply = await startBridge({ s1: 2 }).send(PUT, spoilt, { ...PROTOBUF, ...headers })
          expect(performance.now() - startedMs).toBeLessThan(5000)
          expect([200, 400, 410, 413]).toContain(reply.status)
          if (reply.status === 200) readPutResult(reply.body)
          else expect(reply.json['errorCode']).toMatch(/^DIS\.4(200|202|300|301)$/)
        }),
        { numRuns: 400 },
      )
    },
  )
})
