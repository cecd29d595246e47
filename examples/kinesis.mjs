// Puts records with Amazon's SDK for JavaScript: npm install @aws-sdk/client-kinesis
//
//   node examples/kinesis.mjs [ENDPOINT] [STREAM]
//
// What differs from a program for Amazon Kinesis is the endpoint.

import { KinesisClient, PutRecordCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import process from 'node:process'

const [endpoint = 'http://127.0.0.1:8080', stream = 'demo'] = process.argv.slice(2)

const kinesis = new KinesisClient({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
})

// One record: what fails is thrown.
const one = await kinesis.send(
  new PutRecordCommand({
    StreamName: stream,
    PartitionKey: 'sensor-1',
    Data: Buffer.from('{"celsius":21.5}'),
  }),
)
console.log(one.ShardId, one.SequenceNumber)

// Many records: each succeeds or fails in its place, and what failed is sent again.
let records = [22, 22.5, 23].map((celsius) => ({
  PartitionKey: 'sensor-2',
  Data: Buffer.from(JSON.stringify({ celsius })),
}))
for (let tries = 0; records.length > 0 && tries < 5; tries++) {
  const { Records } = await kinesis.send(
    new PutRecordsCommand({ StreamName: stream, Records: records }),
  )
  for (const { ShardId, SequenceNumber, ErrorCode } of Records) {
    console.log(ErrorCode ?? `${ShardId} ${SequenceNumber}`)
  }
  records = records.filter((_, i) => Records[i].ErrorCode)
}
process.exitCode = records.length === 0 ? 0 : 1
