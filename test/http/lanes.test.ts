// Puts past Express are what they are through it: both lanes accept the same requests and answer the
// same bytes, refusals included. Only what differs by itself is left out: ids, dates, times in
// sequence numbers.

import fc from 'fast-check'
import { parseSequence } from '../../src/dialects/kinesis/sequence.ts'
import { SAMPLES } from '../contract/samples.ts'
import type { Request } from '../contract/samples.ts'
import { startBridge, type Bridge, type BridgeOptions } from '../support/bridge.ts'
import { structureOf } from '../support/inputs.ts'

const RECORDS = [
  { data: Buffer.from('a'), key: 'k' },
  { data: Buffer.alloc(0), key: 'ü☃' },
  { data: Buffer.alloc(3000, 7), key: 'x'.repeat(100) },
]
const OWN = ['date', 'x-amzn-requestid', 'x-amz-id-2', 'x-request-id', 'x-amz-crc32', 'server']

async function withBoth(
  options: BridgeOptions,
  compare: (ask: (request: Request) => Promise<void>, hot: Bridge) => Promise<void>,
): Promise<void> {
  await using hot = await startBridge(options)
  await using express = await startBridge({ ...options, hotLane: false })
  await compare(async (request) => {
    const answers = await Promise.all([send(hot, request), send(express, request)])
    expect({ request: request.body.toString('latin1'), answer: answers[0] }).toEqual({
      request: request.body.toString('latin1'),
      answer: answers[1],
    })
  }, hot)
}

async function send({ url }: Bridge, { method, path, headers, body }: Request) {
  const reply = await fetch(`${url}${path}`, { method, headers, body: new Uint8Array(body) })
  const text = await reply.text()
  const shown = [...reply.headers].filter(([name]) => !OWN.includes(name)).sort()
  return { status: reply.status, headers: shown, text: timeless(text) }
}

function timeless(text: string): string {
  return text
    .replace(/\b\d{56}\b/g, (digits) => {
      const { shard, ordinal } = parseSequence(digits)!
      return `${shard}/${ordinal}`.padEnd(digits.length)
    })
    .replace(/"message":"[0-9a-f-]{36}/g, '"message":"id')
    .replace(/"(requestId|request_id)":"[^"]*"/g, '"$1":""')
}

describe.each(SAMPLES)('$name', ({ stream, put, recordsMax }) => {
  const { stream: orders, topic } = stream('orders')
  const hostile = [
    ['as they should be', put(orders, RECORDS)],
    ['one alone', put(orders, RECORDS.slice(0, 1))],
    ['a stream that is missing', put(stream('nowhere').stream, RECORDS)],
    [
      'too many',
      put(
        orders,
        Array.from({ length: recordsMax + 1 }, () => RECORDS[0]!),
      ),
    ],
    ['no JSON', { ...put(orders, RECORDS), body: Buffer.from('{"Records":[') }],
    ['nothing', { ...put(orders, RECORDS), body: Buffer.alloc(0) }],
    ['no content type', { ...put(orders, RECORDS), headers: withoutType(put(orders, RECORDS)) }],
    [
      'bad base64',
      { ...put(orders, RECORDS), body: altered(put(orders, RECORDS), /"YQ=="/, '"YQ="') },
    ],
    ['bad base64, and nowhere', altereds(put(stream('nowhere').stream, RECORDS))],
  ] as const

  test('both lanes answer alike', async () => {
    await withBoth({ topics: { [topic]: 4 } }, async (ask, hot) => {
      for (const [, request] of hostile) await ask(request)
      expect(hot.lives.length).toBe(hostile.length)
    })
  })

  test('both lanes answer alike to what does not fit into memory', async () => {
    const environment = { TRIBUTARY_MEMORY_BYTES_MAX: `${2 ** 20}` }
    const body = Buffer.alloc(2 ** 21, ' ')
    await withBoth({ topics: { [topic]: 4 }, environment }, async (ask, hot) => {
      await ask({ ...put(orders, RECORDS), body })
      expect(hot.lives.map(({ life }) => life.error?.code)).toEqual(['throttled'])
    })
  })
})

/** Inputs are made as JSON; what is not JSON on the wire has the same inputs behind it. */
const IN_JSON = SAMPLES.filter(({ put }) => put('s', []).body.toString().startsWith('{'))

describe.each(IN_JSON)('$name', ({ name, stream, put }) => {
  const { stream: orders, topic } = stream('orders')

  test('both lanes answer alike, whatever stands in the input', async () => {
    await withBoth({ topics: { [topic]: 4 } }, async (ask, hot) => {
      const operation = hot.dialects.find((each) => each.name === name)?.operations['PutRecords']
      const inputs = structureOf(operation!.input)
      const property = fc.asyncProperty(inputs, async (input) => {
        const request = put(orders, [])
        const own = JSON.parse(request.body.toString()) as object
        await ask({
          ...request,
          body: Buffer.from(JSON.stringify({ ...(input as object), ...named(own) })),
        })
      })
      await fc.assert(property, { numRuns: 60 })
    })
  })
})

/** The members that name the stream, without the records. */
function named(own: object): object {
  return Object.fromEntries(Object.entries(own).filter(([, value]) => !Array.isArray(value)))
}

function withoutType({ headers }: Request): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'content-type'))
}

function altered({ body }: Request, from: RegExp, to: string): Buffer {
  return Buffer.from(body.toString().replace(from, to))
}

function altereds(request: Request): Request {
  return { ...request, body: altered(request, /"YQ=="/, '"YQ="') }
}
