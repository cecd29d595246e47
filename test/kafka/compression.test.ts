// Batches in each codec: what Kafka's own code reads of them, that the order stays, and that a
// repetition is the same bytes.

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { compressBatch, loadCompressor } from '../../src/kafka/compression.ts'
import type { Compression } from '../../src/kafka/compression.ts'
import { createPortableCrc32c, loadCrc32c } from '../../src/kafka/crc32c.ts'
import type { Batch } from '../../src/kafka/lane.ts'
import { createKafkaLog } from '../../src/kafka/log.ts'
import type { KafkaLog } from '../../src/kafka/log.ts'
import { BATCH_HEAD_BYTES, batchBytes } from '../../src/kafka/protocol/record-batch.ts'
import type { Message } from '../../src/core/log.ts'
import { startKafkaCluster } from '../support/kafka-cluster.ts'
import type { KafkaCluster } from '../support/kafka-cluster.ts'
import { kafkaJars } from '../support/kafka-jars.ts'
import { uniqueTopic, until, writable } from '../support/log-suite.ts'
import { expectStored, readTopic } from '../support/reader.ts'
import { startFakeCluster } from './fake-cluster.ts'

const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'] as const
const crc32c = loadCrc32c()
const soon = (): number => Date.now() + 15_000

function text(i: number, length = 300): Buffer {
  return Buffer.from(`{"record":${i},"data":"${'abcdefgh'.repeat(length / 8)}"}`)
}

const put = (value: Buffer, partition = 0): Message => ({ partition, key: null, value })

function batchOf(values: readonly Uint8Array[]): Batch {
  const messages = values.map((value) => put(Buffer.from(value)))
  const timestamps = values.map(() => 1_700_000_000_000)
  return {
    messages,
    timestamps,
    slices: [],
    producer: { producerId: 4321, epoch: 7, sequence: 8 },
    bytes: batchBytes({ messages, timestamps }),
    sealedMs: 0,
    perhapsStored: false,
    encoded: undefined,
  }
}

async function encode(compression: Compression, batch: Batch): Promise<Buffer | undefined> {
  await compressBatch(batch, { compressor: loadCompressor(compression)!, crc32c })
  return batch.encoded
}

describe('a batch', () => {
  test.each(CODECS)('%s: says so in its head, which is not compressed', async (codec) => {
    const batch = batchOf([text(0), text(1), text(2), text(3)])

    const bytes = (await encode(codec, batch))!

    expect(bytes.readInt16BE(21)).toBe(1 + CODECS.indexOf(codec))
    expect(bytes.readInt32BE(8)).toBe(bytes.length - 12)
    expect(bytes.readInt32BE(57)).toBe(4)
    expect(bytes.readBigInt64BE(43)).toBe(4321n)
    expect(bytes.readUInt32BE(17)).toBe(createPortableCrc32c()(bytes.subarray(21)))
    expect(bytes.length).toBeLessThan(batch.bytes / 2)
  })

  test('gzip: holds what it would hold uncompressed', async () => {
    const value = fc.uint8Array({ minLength: 300, maxLength: 400, max: 3 })
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 4, maxLength: 20 }), async (values) => {
        const records = gunzipSync(
          (await encode('gzip', batchOf(values)))!.subarray(BATCH_HEAD_BYTES),
        )

        expect(records.length).toBe(batchOf(values).bytes - BATCH_HEAD_BYTES)
        for (const each of values) expect(records.includes(Buffer.from(each))).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  test('snappy: is framed as Java’s library frames it', async () => {
    const bytes = (await encode('snappy', batchOf([text(0), text(1), text(2), text(3)])))!
    const section = bytes.subarray(BATCH_HEAD_BYTES)

    expect(section.toString('hex', 0, 16)).toBe('82534e41505059000000000100000001')
    expect(section.readInt32BE(16)).toBe(section.length - 20)
  })

  test.each(CODECS)('%s: stays as it is where it would not shrink, or is small', async (codec) => {
    expect(await encode(codec, batchOf([randomBytes(2000)]))).toBeUndefined()
    expect(await encode(codec, batchOf([text(0)]))).toBeUndefined()
  })

  const refuse = (): never => {
    throw new Error('out of memory')
  }
  test.each([
    ['at once', refuse],
    ['later', () => Promise.resolve().then(refuse)],
  ])('stays as it is where a codec fails %s', async (_, compress) => {
    const batch = batchOf([text(0), text(1), text(2), text(3)])

    await compressBatch(batch, { compressor: { codec: 1, compress }, crc32c })

    expect(batch.encoded).toBeUndefined()
  })

  test('none: is left alone', () => {
    expect(loadCompressor('none')).toBeUndefined()
  })
})

describe('a repetition', () => {
  test.each(CODECS)('%s: is the same bytes, stored once', async (compression) => {
    const cluster = await startFakeCluster({ topics: { t: 1 } })
    const kafka = createKafkaLog({
      ...{ brokers: cluster.bootstrap, clientId: 'test', bytesMax: 1_000_000, compression },
      requestTimeoutMs: 1000,
    })
    try {
      await kafka.connect(soon())
      let asked = 0
      cluster.onProduce(() => {
        asked++
        return asked === 1 ? { silence: 'close', append: true } : undefined
      })

      const first = kafka.log.append(
        't',
        [0, 1, 2, 3, 4].map((i) => put(text(i))),
        soon(),
      )
      await until(() => Promise.resolve(cluster.arrived.length > 0))
      const second = kafka.log.append(
        't',
        [5, 6, 7, 8].map((i) => put(text(i))),
        soon(),
      )

      expect((await first).map((each) => each.state === 'written' && each.offset)).toEqual([
        ...[0, 1, 2, 3, 4],
      ])
      expect((await second).map((each) => each.state === 'written' && each.offset)).toEqual([
        ...[5, 6, 7, 8],
      ])
      const [one, two] = cluster.arrived
      expect(one!.bytes.readInt16BE(21)).toBe(1 + CODECS.indexOf(compression))
      expect(two!.bytes.equals(one!.bytes)).toBe(true)
    } finally {
      await kafka.close()
      await cluster.close()
    }
  })
})

describe('Kafka', () => {
  let cluster: KafkaCluster
  let kafka: KafkaLog
  beforeAll(async () => {
    cluster = await startKafkaCluster({ nodes: 1 })
  }, 120_000)
  afterAll(() => cluster.stop())
  afterEach(() => kafka.close())

  async function open(compression: Compression): Promise<string> {
    kafka = createKafkaLog({
      ...{ brokers: cluster.brokers, clientId: 'compression', bytesMax: 2 ** 26, compression },
    })
    await kafka.connect(soon())
    const topic = uniqueTopic()
    await kafka.topics.create(topic, { partitions: 1 })
    await writable(kafka.log, topic, 1)
    return topic
  }

  /** The records of the topic's only partition, as Kafka's own code reads its file. */
  async function readSegment(topic: string) {
    const { java, jars } = await kafkaJars()
    const folder = join(cluster.directory, 'node-1', 'data', `${topic}-0`)
    const files = readdirSync(folder).filter((name) => name.endsWith('.log'))
    const program = join(__dirname, 'ReadSegment.java')
    const args = ['-XX:TieredStopAtLevel=1', '-cp', `${jars}/*`, program]
    const { stdout } = await promisify(execFile)(
      java,
      [...args, ...files.map((name) => join(folder, name))],
      { maxBuffer: 2 ** 26 },
    )
    const lines = stdout.split('\n').filter((line) => line !== '')
    return lines.map((line) => {
      const [offset, codec, , value = ''] = line.split(' ')
      return { offset: Number(offset), codec, value: Buffer.from(value, 'base64').toString() }
    })
  }

  test.each(CODECS)(
    '%s: reads what is written, where and in the order it was',
    async (codec) => {
      const topic = await open(codec)

      const calls = Array.from({ length: 40 }, (_, call) => {
        const values = Array.from({ length: 1 + (call % 7) * 20 }, (_, i) => text(call * 1000 + i))
        const answers = kafka.log.append(
          topic,
          values.map((value) => put(value)),
          soon(),
        )
        return { values, answers }
      })

      const expected: { offset: number; value: string }[] = []
      for (const { values, answers } of calls) {
        for (const [i, answer] of (await answers).entries()) {
          if (answer.state !== 'written') throw new Error(`${i}: ${answer.detail}`)
          expected.push({ offset: answer.offset, value: values[i]!.toString() })
        }
      }
      const stored = await readSegment(topic)
      const sent = stored.filter(({ value }) => value.startsWith('{"record"'))
      expect(sent.map(({ offset, value }) => ({ offset, value }))).toEqual(expected)
      expect(new Set(sent.slice(-1000).map((record) => record.codec))).toEqual(new Set([codec]))
    },
    60_000,
  )

  test.each(CODECS)(
    '%s: takes whole batches at the limit of the topic',
    async (codec) => {
      const topic = await open(codec)

      const answers = await kafka.log.append(
        topic,
        Array.from({ length: 3000 }, (_, i) => put(text(i, 1000))),
        soon(),
      )

      expect(new Set(answers.map(({ state }) => state))).toEqual(new Set(['written']))
    },
    60_000,
  )

  test('gzip: another client reads what is written', async () => {
    const topic = await open('gzip')
    const before = await readTopic(cluster.brokers, topic)
    const values = Array.from({ length: 500 }, (_, i) => text(i))

    const answers = await kafka.log.append(
      topic,
      values.map((value) => put(value)),
      soon(),
    )

    const records = await readTopic(cluster.brokers, topic)
    expectStored(
      answers.map((answer, i) => {
        if (answer.state !== 'written') throw new Error(answer.detail)
        return { partition: 0, offset: answer.offset, key: null, value: values[i]! }
      }),
      records.slice(before.length),
    )
  }, 60_000)
})
