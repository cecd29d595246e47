// The obvious gateway, as one writes it in an afternoon: Express, express.json() and kafkajs' send(),
// one for each request, acks of all replicas. A yardstick; it stays as it is.
//
// * Each stream has a producer, since one of kafkajs is of no use any more once a topic of its is deleted.
//
//   NODE_ENV=production node obvious.js HOST:PORT PARTITIONS      prints `port N` once it listens

import { hash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import express from 'express'
import { Kafka, logLevel, type Producer } from 'kafkajs'

interface Entry {
  readonly PartitionKey: string
  readonly Data: string
}

const [broker = '', partitions = '1'] = process.argv.slice(2)
const PARTITIONS = Number(partitions)
const kafka = new Kafka({ clientId: 'obvious', brokers: [broker], logLevel: logLevel.ERROR })
const producers = new Map<string, Promise<Producer>>()

async function connect(): Promise<Producer> {
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  return producer
}

function producerOf(topic: string): Promise<Producer> {
  let producer = producers.get(topic)
  if (producer === undefined) producers.set(topic, (producer = connect()))
  return producer
}

function partitionOf(key: string): number {
  const digest = Number.parseInt(hash('md5', key, 'hex').slice(0, 8), 16)
  return Math.floor((digest / 2 ** 32) * PARTITIONS)
}

async function store(topic: string, entries: readonly Entry[]) {
  const messages = entries.map(({ PartitionKey: key, Data }) => {
    return { key, value: Buffer.from(Data, 'base64'), partition: partitionOf(key) }
  })
  const producer = await producerOf(topic)
  const answers = await producer.send({ topic, messages, acks: -1 })
  const next = new Map(answers.map((each) => [each.partition, Number(each.baseOffset)]))
  return messages.map(({ partition }) => {
    const offset = next.get(partition) ?? 0
    next.set(partition, offset + 1)
    return {
      SequenceNumber: String(offset),
      ShardId: `shardId-${String(partition).padStart(12, '0')}`,
    }
  })
}

const app = express()
app.disable('x-powered-by')
app.disable('etag')
app.use(express.json({ limit: '10mb', type: 'application/x-amz-json-1.1' }))
app.post('/', async (request, response) => {
  const input = request.body as Entry & { StreamName: string; Records?: Entry[] }
  const results = await store(input.StreamName, input.Records ?? [input])
  response.json(input.Records ? { FailedRecordCount: 0, Records: results } : results[0])
})
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`)
})
