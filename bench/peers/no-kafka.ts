// What PutRecord and PutRecords cost without any Kafka: node:http, JSON.parse, base64, the MD5 of the
// key, an answer. A yardstick; it stays as it is.
//
//   node no-kafka.js [ignored]      prints `port N` once it listens

import { hash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'

interface Entry {
  readonly PartitionKey: string
  readonly Data: string
}

const SHARDS = 4
let sequence = 0

function store({ PartitionKey, Data }: Entry) {
  const data = Buffer.from(Data, 'base64')
  const digest = Number.parseInt(hash('md5', PartitionKey, 'hex').slice(0, 8), 16)
  const shard = Math.floor((digest / 2 ** 32) * SHARDS)
  sequence += data.length > 0 ? 1 : 0
  return { SequenceNumber: String(sequence), ShardId: `shardId-${String(shard).padStart(12, '0')}` }
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const input = JSON.parse(Buffer.concat(chunks).toString()) as Entry & { Records?: Entry[] }
    const reply = input.Records
      ? { FailedRecordCount: 0, Records: input.Records.map(store) }
      : store(input)
    const body = Buffer.from(JSON.stringify(reply))
    response.writeHead(200, {
      'content-type': 'application/x-amz-json-1.1',
      'content-length': body.length,
    })
    response.end(body)
  })
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`)
})
