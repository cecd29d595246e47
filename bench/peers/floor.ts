// The floor: what PutRecord and PutRecords cost when nothing is done but the work. node:http,
// JSON.parse, a batch encoder, one socket to the only broker.
//
//   node floor.js HOST:PORT PARTITIONS      prints `port N` once it listens
//
// * Kinesis' JSON in and out, placed by the MD5 of the key; base64 is decoded straight into the batch.
// * All partitions that wait leave in one Produce request, two are on their way at most, and a
//   partition has one batch in flight.
// * No validation, limits, retries, idempotence, TLS or memory bound: a yardstick, not a gateway. Any
//   failure ends it. It stays as it is, so that what is measured against it can be compared.

import { hash } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import process from 'node:process'
import { crc32c } from '@node-rs/crc32'

/** A request on its way, and where its records lie. */
interface Put {
  readonly response: ServerResponse
  readonly single: boolean
  readonly partitions: number[]
  readonly offsets: number[]
  left: number
}

/** What waits for one partition, and what is on its way there. */
interface Lane {
  readonly topic: string
  readonly partition: number
  /** Each as large as a topic takes by default; the first one goes first. */
  readonly waiting: Batch[]
  busy: boolean
}

interface Batch {
  readonly puts: Put[]
  readonly places: number[]
  readonly keys: string[]
  readonly data: string[]
  /** Of the encoded records, at most. */
  bytes: number
}

interface Entry {
  readonly PartitionKey: string
  readonly Data: string
}

type Body = Entry & { readonly StreamName: string; readonly Records?: readonly Entry[] }

const [broker = '', count = '1'] = process.argv.slice(2)
const PARTITIONS = Number(count)
const REQUESTS_MAX = 2
const BATCH_BYTES_MAX = 1_000_000
const BATCH_HEAD = 61
const RECORD_HEAD_MAX = 24
const HEX_32 = 2 ** 32

const lanes = new Map<string, Lane[]>()
const ready = new Set<Lane>()
const flights: Lane[][] = []
const flying: Batch[][] = []
let scheduled = false

const [host, port] = broker.split(':')
const socket = connect({ host: host ?? '', port: Number(port), noDelay: true })
socket.on('error', fail)
socket.on('close', () => fail(new Error('The broker closed the connection')))

function fail(error: unknown): never {
  process.stderr.write(`${String(error)}\n`)
  process.exit(1)
}

function emptyBatch(): Batch {
  return { puts: [], places: [], keys: [], data: [], bytes: BATCH_HEAD }
}

function lanesOf(topic: string): Lane[] {
  let all = lanes.get(topic)
  if (all === undefined) {
    all = Array.from({ length: PARTITIONS }, (_, partition) => {
      return { topic, partition, waiting: [], busy: false }
    })
    lanes.set(topic, all)
  }
  return all
}

function put(response: ServerResponse, { StreamName, Records, ...alone }: Body): void {
  const entries = Records ?? [alone]
  const left = entries.length
  const request = { response, single: Records === undefined, partitions: [], offsets: [], left }
  const topicLanes = lanesOf(StreamName)
  for (const [place, { PartitionKey: key, Data: data }] of entries.entries()) {
    const digest = Number.parseInt(hash('md5', key, 'hex').slice(0, 8), 16)
    const lane = topicLanes[Math.floor((digest / HEX_32) * PARTITIONS)]
    if (lane === undefined) continue
    add(lane, { request, place, key, data })
  }
  if (!scheduled) {
    scheduled = true
    setImmediate(flush)
  }
}

interface Adding {
  readonly request: Put
  readonly place: number
  readonly key: string
  readonly data: string
}

function add(lane: Lane, { request, place, key, data }: Adding): void {
  const bytes = RECORD_HEAD_MAX + key.length * 3 + (data.length / 4) * 3
  let batch = lane.waiting.at(-1)
  if (batch === undefined || batch.bytes + bytes > BATCH_BYTES_MAX) {
    lane.waiting.push((batch = emptyBatch()))
  }
  request.partitions[place] = lane.partition
  batch.puts.push(request)
  batch.places.push(place)
  batch.keys.push(key)
  batch.data.push(data)
  batch.bytes += bytes
  if (!lane.busy) ready.add(lane)
}

/** Sends what is ready, unless two requests are on their way. */
function flush(): void {
  scheduled = false
  if (ready.size === 0 || flights.length >= REQUESTS_MAX) return
  // A topic's lanes stand together in the request.
  const going = [...ready].sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : 0))
  ready.clear()
  const batches = going.map((lane) => {
    lane.busy = true
    return lane.waiting.shift() ?? emptyBatch()
  })
  flights.push(going)
  flying.push(batches)
  socket.write(encodeProduce(going, batches))
}

/** A Produce request, version 7, acks=all. */
function encodeProduce(going: readonly Lane[], batches: readonly Batch[]): Buffer {
  const bytesMax = batches.reduce((sum, { bytes }) => sum + bytes + 300, 100)
  const target = Buffer.allocUnsafe(bytesMax)
  let at = target.writeInt16BE(0, 4)
  at = target.writeInt16BE(7, at)
  at = target.writeInt32BE(0, at)
  at = target.writeInt16BE(-1, at) // no client id
  at = target.writeInt16BE(-1, at) // no transaction
  at = target.writeInt16BE(-1, at) // all replicas
  at = target.writeInt32BE(30_000, at)
  at = target.writeInt32BE(new Set(going.map(({ topic }) => topic)).size, at)
  for (const [i, { topic, partition }] of going.entries()) {
    if (topic !== going[i - 1]?.topic) {
      at = target.writeInt16BE(topic.length, at)
      at += target.write(topic, at, 'latin1')
      at = target.writeInt32BE(going.filter((lane) => lane.topic === topic).length, at)
    }
    at = target.writeInt32BE(partition, at)
    const end = encodeBatch(target, at + 4, batches[i] ?? emptyBatch())
    target.writeInt32BE(end - at - 4, at)
    at = end
  }
  target.writeInt32BE(at - 4, 0)
  return target.subarray(0, at)
}

function encodeBatch(target: Buffer, from: number, { keys, data }: Batch): number {
  const last = keys.length - 1
  let at = from + BATCH_HEAD
  for (let i = 0; i <= last; i++) at = encodeRecord(target, at, i, keys[i] ?? '', data[i] ?? '')
  const now = BigInt(Date.now())
  target.writeBigInt64BE(0n, from)
  target.writeInt32BE(at - from - 12, from + 8)
  target.writeInt32BE(-1, from + 12)
  target.writeInt8(2, from + 16)
  target.writeInt16BE(0, from + 21)
  target.writeInt32BE(last, from + 23)
  target.writeBigInt64BE(now, from + 27)
  target.writeBigInt64BE(now, from + 35)
  target.writeBigInt64BE(-1n, from + 43)
  target.writeInt16BE(-1, from + 51)
  target.writeInt32BE(-1, from + 53)
  target.writeInt32BE(last + 1, from + 57)
  target.writeUInt32BE(crc32c(target.subarray(from + 21, at)), from + 17)
  return at
}

function encodeRecord(target: Buffer, from: number, i: number, key: string, data: string): number {
  const keyBytes = Buffer.byteLength(key)
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0
  const dataBytes = (data.length / 4) * 3 - padding
  const body = 4 + varintBytes(i) + varintBytes(keyBytes) + varintBytes(dataBytes) - 1
  let at = writeVarint(target, from, body + keyBytes + dataBytes)
  target[at++] = 0 // attributes
  target[at++] = 0 // time, after the first one's
  at = writeVarint(target, at, i)
  at = writeVarint(target, at, keyBytes)
  at += target.write(key, at)
  at = writeVarint(target, at, dataBytes)
  at += target.write(data, at, 'base64')
  target[at++] = 0 // headers
  return at
}

function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value * 2; rest >= 0x80; rest >>>= 7) bytes++
  return bytes
}

function writeVarint(target: Buffer, from: number, value: number): number {
  let at = from
  let rest = value * 2
  for (; rest >= 0x80; rest >>>= 7) target[at++] = (rest & 0x7f) | 0x80
  target[at++] = rest
  return at
}

let rest: Buffer = Buffer.alloc(0)
socket.on('data', (chunk: Buffer) => {
  rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
  while (rest.length >= 4) {
    const end = 4 + rest.readInt32BE(0)
    if (rest.length < end) return
    onReply(rest.subarray(0, end))
    rest = rest.subarray(end)
  }
})

function onReply(reply: Buffer): void {
  const sent = flights.shift() ?? []
  const batches = flying.shift() ?? []
  const places = new Map(sent.map((lane, i) => [`${lane.topic}/${lane.partition}`, i]))
  let at = 12
  for (let topics = reply.readInt32BE(8); topics > 0; topics--) {
    const end = at + 2 + reply.readInt16BE(at)
    const topic = reply.toString('latin1', at + 2, end)
    at = end + 4
    for (let parts = reply.readInt32BE(end); parts > 0; parts--) {
      const place = places.get(`${topic}/${reply.readInt32BE(at)}`) ?? 0
      const code = reply.readInt16BE(at + 4)
      if (code !== 0) fail(new Error(`Kafka refused a batch: ${code}`))
      settle(batches[place] ?? emptyBatch(), Number(reply.readBigInt64BE(at + 6)))
      at += 30
    }
  }
  for (const lane of sent) {
    lane.busy = false
    if (lane.waiting.length > 0) ready.add(lane)
  }
  flush()
}

function settle({ puts, places }: Batch, offset: number): void {
  for (const [i, request] of puts.entries()) {
    request.offsets[places[i] ?? 0] = offset + i
    if (--request.left === 0) answer(request)
  }
}

function answer({ response, single, partitions, offsets }: Put): void {
  const results = offsets.map((offset, i) => {
    const shard = String(partitions[i]).padStart(12, '0')
    return `{"SequenceNumber":"${offset}","ShardId":"shardId-${shard}"}`
  })
  const [first = ''] = results
  const text = single ? first : `{"FailedRecordCount":0,"Records":[${results.join()}]}`
  const body = Buffer.from(text)
  response.writeHead(200, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': body.length,
  })
  response.end(body)
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const [first] = chunks
    const body = chunks.length === 1 && first ? first : Buffer.concat(chunks)
    put(response, JSON.parse(body.toString()) as Body)
  })
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`)
})
