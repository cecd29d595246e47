// SIGTERM while a client puts: what was acknowledged is stored, nothing in flight is cut off, and the
// service ends by itself.

import {
  KinesisClient,
  PutRecordCommand,
  type PutRecordCommandOutput,
} from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { readTopic } from '../support/reader.ts'
import { startService } from '../support/service.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { createTopics } from '../support/topics.ts'
import { uniqueName } from '../support/unique.ts'
import { until } from '../support/until.ts'
import { placeInKinesis } from './places.ts'

const HANDLERS = {
  'HTTP/2': {},
  'HTTP/1.1': { requestHandler: new NodeHttpHandler() },
}

const LANES = 8

/**
 * What clients may see of a service that goes away: that it takes no new connection. Those that the
 * kernel had taken, and the service not yet, are reset; that no others are shows in Kafka, where
 * nothing may lie that was not acknowledged.
 */
const GONE = /ECONN(REFUSED|RESET)/

test.each(Object.entries(HANDLERS))('%s', async (_, extra) => {
  const topic = uniqueName('stopping')
  await createTopics(sharedBrokers(), { topics: [topic], partitions: 2 })
  await using service = await startService({
    environment: { KAFKA_BROKERS: sharedBrokers().join(), TRIBUTARY_SHUTDOWN_GRACE_MS: '300' },
  })
  const client = new KinesisClient({
    endpoint: service.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
    ...extra,
  })
  const acknowledged: { value: string; answer: PutRecordCommandOutput }[] = []
  const failures: Error[] = []

  async function putUntilItFails(lane: number): Promise<void> {
    for (let i = 0; failures.length === 0; i++) {
      const value = `${lane}.${i}`
      const command = { StreamName: topic, PartitionKey: value, Data: Buffer.from(value) }
      await client.send(new PutRecordCommand(command)).then(
        (answer) => acknowledged.push({ value, answer }),
        (error: unknown) => failures.push(error as Error),
      )
    }
  }

  const lanes = Array.from({ length: LANES }, (_each, lane) => putUntilItFails(lane))
  await until(() => acknowledged.length > 100)
  service.signal('SIGTERM')
  expect(await service.ended()).toBe(0)
  await Promise.all(lanes)
  client.destroy()

  expect(failures.map(String).filter((each) => !GONE.test(each))).toEqual([])
  const stored = new Map(
    (await readTopic(service.brokers, topic)).map(({ partition, offset, value }) => [
      `${partition}@${offset}`,
      String(value),
    ]),
  )
  for (const { value, answer } of acknowledged) {
    const { partition, offset } = placeInKinesis(answer)
    expect(stored.get(`${partition}@${offset}`)).toBe(value)
  }
  expect(stored.size).toBe(acknowledged.length)
})
