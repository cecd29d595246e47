// What a page does: Amazon's SDK for JavaScript, bundled for a browser, puts records into another origin.

import {
  CreateStreamCommand,
  KinesisClient,
  PutRecordCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis'

const bytes = (text) => new TextEncoder().encode(text)

/** The answers, or what went wrong as a page sees it. */
globalThis.putFromPage = async ({ endpoint, StreamName }) => {
  const client = new KinesisClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  })
  const record = { PartitionKey: 'page', Data: bytes('from a page') }
  await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }))
  const single = await client.send(new PutRecordCommand({ StreamName, ...record }))
  const batch = await client.send(new PutRecordsCommand({ StreamName, Records: [record, record] }))
  const error = await client
    .send(new PutRecordCommand({ StreamName: `${StreamName}-none`, ...record }))
    .catch((reason) => reason)
  return {
    sequenceNumber: single.SequenceNumber,
    failed: batch.FailedRecordCount,
    // Exposed to pages, or the SDK had none.
    requestId: single.$metadata.requestId,
    error: { name: error.name, requestId: error.$metadata?.requestId },
  }
}
