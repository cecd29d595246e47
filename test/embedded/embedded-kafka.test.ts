import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Kafka, logLevel, type EachMessagePayload } from 'kafkajs'
import { startEmbeddedKafka, type EmbeddedKafka } from '../../src/embedded/embedded-kafka.ts'
import { freshFolder, JARS_DIRECTORY, kafkaJars, PACKAGE_ROOT } from '../support/kafka-jars.ts'
import { isAlive, startParent, until } from './processes.ts'

// A first run fetches the jars.
jest.setTimeout(120_000)

const root = freshFolder('embedded with space-')
const started: EmbeddedKafka[] = []

beforeAll(() => kafkaJars(), 600_000)
afterAll(async () => {
  await Promise.all(started.map((kafka) => kafka.stop()))
  rmSync(root, { recursive: true })
})

const optionsFor = (name: string) => ({
  directory: join(root, name),
  jarsDirectory: JARS_DIRECTORY,
  packageRoot: PACKAGE_ROOT,
})

async function start(name: string, onExit?: (sentence: string) => void): Promise<EmbeddedKafka> {
  const kafka = await startEmbeddedKafka({
    starter: process.pid,
    ...optionsFor(name),
    environment: process.env,
    progress: () => undefined,
    ...(onExit ? { onExit } : {}),
    // A start after a crash waits for the end of the dead one's session.
    properties: { 'broker.session.timeout.ms': '3000', 'broker.heartbeat.interval.ms': '500' },
  })
  started.push(kafka)
  return kafka
}

const client = ({ brokers }: EmbeddedKafka) =>
  new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 10 } })

async function write(kafka: EmbeddedKafka, topic: string, value: string): Promise<void> {
  const admin = client(kafka).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
  await admin.disconnect()
  const producer = client(kafka).producer()
  await producer.connect()
  await producer.send({ topic, messages: [{ value }] })
  await producer.disconnect()
}

async function readFirst(kafka: EmbeddedKafka, topic: string): Promise<string> {
  const consumer = client(kafka).consumer({ groupId: topic, maxWaitTimeInMs: 200 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const value = await new Promise<string>((resolve, reject) => {
    const eachMessage = ({ message }: EachMessagePayload) => {
      resolve(String(message.value))
      return Promise.resolve()
    }
    consumer.run({ eachMessage }).catch(reject)
  })
  await consumer.disconnect()
  return value
}

describe('the embedded Kafka', () => {
  it('keeps its data and its address over a restart', async () => {
    const first = await start('restart')
    await write(first, 'kept', 'a record')
    await first.stop()
    expect(isAlive(first.pid)).toBe(false)
    const second = await start('restart')
    expect(second.brokers).toEqual(first.brokers)
    expect(await readFirst(second, 'kept')).toBe('a record')
    await second.stop()
    await second.stop()
    const files = ['data', 'kafka.log', 'ports.json', 'server.properties']
    expect(readdirSync(join(root, 'restart')).sort()).toEqual(files)
  })

  it('takes other ports when its own are taken', async () => {
    const first = await start('ports')
    await first.stop()
    const server = createServer()
    const taken = Number(first.brokers[0]?.split(':')[1])
    await new Promise<void>((resolve) => server.listen(taken, '127.0.0.1', resolve))
    const second = await start('ports')
    server.close()
    expect(second.brokers).not.toEqual(first.brokers)
    await write(second, 'ports', 'x')
    await second.stop()
  })

  it('refuses data in use in one sentence, and leaves the first one alone', async () => {
    const first = await start('lock')
    const ports = readFileSync(join(root, 'lock', 'ports.json'), 'utf8')
    await expect(start('lock')).rejects.toThrow(/another one, still running, uses the data in/)
    expect(readFileSync(join(root, 'lock', 'ports.json'), 'utf8')).toBe(ports)
    expect(readFileSync(join(root, 'lock', 'kafka.log'), 'utf8')).toContain('Kafka Server started')
    await write(first, 'lock', 'x')
    await first.stop()
  })

  it('gives its last words when the data is not its own', async () => {
    const first = await start('foreign')
    await first.stop()
    const meta = join(root, 'foreign', 'data', 'meta.properties')
    const text = readFileSync(meta, 'utf8')
    writeFileSync(meta, text.replace('node.id=1', 'node.id=7'))
    await expect(start('foreign')).rejects.toThrow(/did not start: .*last words:\n.*node/s)
  })

  it('tells when it dies by itself, and only then', async () => {
    const sentences: string[] = []
    const kafka = await start('dies', (sentence) => void sentences.push(sentence))
    process.kill(kafka.pid, 'SIGKILL')
    await until(() => sentences.length > 0)
    expect(sentences).toEqual([
      expect.stringMatching(/^The embedded Kafka has died: signal 9 ended it\. Its last words:\n/),
    ])
    await kafka.stop()
    const again = await start('dies', (sentence) => void sentences.push(sentence))
    await again.stop()
    expect(sentences).toHaveLength(1)
  })
})

describe('no orphan', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'when %s ends the whole group of the parent',
    async (signal) => {
      const { child, kafkaPid } = startParent(root, optionsFor(`parent-${signal}`))
      const pid = await kafkaPid
      expect(isAlive(pid)).toBe(true)
      process.kill(-child.pid!, signal)
      await until(() => !isAlive(pid))
    },
  )

  it('when the parent is killed and Kafka is stopped', async () => {
    const { child, kafkaPid } = startParent(root, optionsFor('parent-stopped'))
    const pid = await kafkaPid
    process.kill(pid, 'SIGSTOP')
    child.kill('SIGKILL')
    await until(() => !isAlive(pid))
  })

  it('when the parent is killed while Kafka starts', async () => {
    const { child } = startParent(root, optionsFor('parent-early'))
    await until(() => existsSync(join(root, 'parent-early', 'starting.log')))
    child.kill('SIGKILL')
    // Kafka's lock on the data goes with it.
    await until(() =>
      start('parent-early').then(
        () => true,
        () => false,
      ),
    )
  })
})
