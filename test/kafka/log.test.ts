import { createKafkaLog } from '../../src/kafka/log.ts'
import { describeLog } from '../support/log-suite.ts'

const brokers = (process.env['TRIBUTARY_TEST_BROKERS'] ?? '').split(',')

describeLog('Kafka', async () => {
  const { log, topics, connect, close } = createKafkaLog({
    brokers,
    clientId: 'suite',
    bytesMax: 64 * 1024 * 1024,
  })
  await connect(Date.now() + 30_000)
  return { log, topics, close }
})
