import fc from 'fast-check'
import kafkajsDecoder from 'kafkajs/src/protocol/decoder.js'
import decodeBatch from 'kafkajs/src/protocol/recordBatch/v0/decoder.js'
import type { Message } from '../../src/core/log.ts'
import { createPortableCrc32c, loadCrc32c } from '../../src/kafka/crc32c.ts'
import { createFramer } from '../../src/kafka/framer.ts'
import { encodeAlterConfigs } from '../../src/kafka/protocol/alter-configs.ts'
import { encodeInitProducerId } from '../../src/kafka/protocol/init-producer-id.ts'
import { decodeMetadata, encodeMetadata, metadataApi } from '../../src/kafka/protocol/metadata.ts'
import { decodeProduce, encodeProduce, produceApi } from '../../src/kafka/protocol/produce.ts'
import { batchBytes, writeBatch } from '../../src/kafka/protocol/record-batch.ts'
import { Reader, Writer } from '../../src/kafka/protocol/wire.ts'

const crc32c = loadCrc32c()
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')

describe('CRC-32C', () => {
  test.each([
    ['', 0],
    ['123456789', 0xe3069283],
    ['a', 0xc1d04330],
  ])('of %j', (text, checksum) => {
    expect(crc32c(Buffer.from(text))).toBe(checksum)
    expect(createPortableCrc32c()(Buffer.from(text))).toBe(checksum)
  })

  test('native and portable code agree', () => {
    const portable = createPortableCrc32c()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(portable(bytes)).toBe(crc32c(bytes))
      }),
    )
  })
})

describe('RecordBatch', () => {
  const encode = (messages: readonly Message[], timestamps: readonly number[]): Buffer => {
    const content = { messages, timestamps }
    const target = Buffer.alloc(batchBytes(content), 0xee)
    const producer = { producerId: 4321, epoch: 7, sequence: 2_147_483_640 }
    writeBatch(target, content, { producer, crc32c })
    return target
  }

  test('golden bytes', () => {
    const bytes = encode(
      [
        { partition: 0, key: Buffer.from('k'), value: Buffer.from('hello') },
        {
          partition: 0,
          key: null,
          value: Buffer.alloc(0),
          headers: [{ name: 'h', value: Buffer.from([1]) }],
        },
      ],
      [1_700_000_000_000, 1_699_999_999_999],
    )

    expect(bytes).toEqual(
      hex(`
        0000000000000000 00000049 ffffffff 02 ${bytes.toString('hex', 17, 21)} 0000 00000001
        0000018bcfe56800 0000018bcfe56800 00000000000010e1 0007 7ffffff8 00000002
        18 00 00 00 02 6b 0a 68656c6c6f 00
        14 00 01 02 01 00 02 02 68 02 01
      `),
    )
    expect(bytes.readUInt32BE(17)).toBe(createPortableCrc32c()(bytes.subarray(21)))
  })

  test.each(['', 'key', 'ключ', '\ud800', '€'.repeat(40), '€'.repeat(100)])(
    '%j as a key is its UTF-8',
    (key) => {
      const batchOf = (written: Message['key']): Buffer =>
        encode([{ partition: 0, key: written, value: Buffer.from('hello') }], [1_700_000_000_000])

      expect(batchOf(key)).toEqual(batchOf(Buffer.from(key)))
    },
  )

  test('another implementation reads what is written', async () => {
    const buffer = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
    // The other implementation keeps headers in a plain object.
    const name = fc.string({ maxLength: 20 }).filter((text) => !(text in {}))
    const message = fc.record({
      key: fc.option(buffer),
      value: fc.option(buffer),
      timestamp: fc.integer({ min: 0, max: 253_402_300_799_999 }),
      headers: fc.option(
        fc.array(fc.record({ name, value: buffer }), {
          maxLength: 3,
        }),
        { nil: undefined },
      ),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 200 }), async (input) => {
        const messages = input.map(({ key, value, headers }) => ({
          partition: 0,
          key,
          value,
          ...(headers === undefined ? {} : { headers }),
        }))
        const bytes = encode(
          messages,
          input.map(({ timestamp }) => timestamp),
        )

        const batch = await decodeBatch(new kafkajsDecoder(bytes))

        expect(bytes.readUInt32BE(17)).toBe(crc32c(bytes.subarray(21)))
        expect(batch).toMatchObject({ producerId: '4321', producerEpoch: 7 })
        expect(batch.maxTimestamp).toBe(String(Math.max(...input.map((m) => m.timestamp))))
        expect(batch.lastOffsetDelta).toBe(input.length - 1)
        batch.records.forEach((record, i) => {
          const wanted = input[i]!
          expect(record.key).toEqual(wanted.key)
          expect(record.value).toEqual(wanted.value)
          expect(record.timestamp).toBe(String(wanted.timestamp))
          expect(record.offset).toBe(String(i))
          expect(countHeaders(record.headers)).toBe(wanted.headers?.length ?? 0)
        })
      }),
      { numRuns: 50 },
    )
  })
})

function countHeaders(headers: Record<string, Buffer | Buffer[]>): number {
  return Object.values(headers).flat().length
}

describe('requests', () => {
  test('Produce 8 and 13: golden bytes', () => {
    const request = {
      clientId: 'c',
      timeoutMs: 1200,
      topics: [
        {
          name: 'tt',
          id: hex('000102030405060708090a0b0c0d0e0f'),
          parts: [{ partition: 5, bytes: 3, write: (target: Buffer) => target.fill(0xab) }],
        },
      ],
    }

    expect(encodeProduce(produceApi(12), request)).toEqual(
      hex(`0000002a 0000 0008 00000000 0001 63 ffff ffff 000004b0
           00000001 0002 7474 00000001 00000005 00000003 ababab`),
    )
    expect(encodeProduce(produceApi(13), request)).toEqual(
      hex(`00000030 0000 000d 00000000 0001 63 00 00 ffff 000004b0
           02 000102030405060708090a0b0c0d0e0f 02 00000005 04 ababab 00 00 00`),
    )
  })

  test('Metadata 12 asks for topics by name and forbids to create them', () => {
    expect(encodeMetadata(metadataApi(13), 'c', { topics: ['t'] })).toEqual(
      hex(`00000023 0003 000c 00000000 0001 63 00
           02 00000000000000000000000000000000 02 74 00 00 00 00`),
    )
    expect(encodeMetadata(metadataApi(9), 'c', { topics: null })).toEqual(
      hex('00000010 0003 0007 00000000 0001 63 ffffffff 00'),
    )
  })

  test('InitProducerId and IncrementalAlterConfigs: golden bytes', () => {
    expect(encodeInitProducerId('c')).toEqual(
      hex('00000011 0016 0001 00000000 0001 63 ffff 0000ea60'),
    )
    expect(encodeAlterConfigs('c', 't', [['a', '1']])).toEqual(
      hex(`0000001f 002c 0000 00000000 0001 63
           00000001 02 0001 74 00000001 0001 61 00 0001 31 00`),
    )
  })
})

describe('replies', () => {
  test('Produce tells of each partition, errors of records included', () => {
    const api = produceApi(8)
    const body = new Writer().count(1).string('t').count(2)
    body.int32(0).int16(0).int64(41).int64(-1).int64(0).count(0).string(null)
    body.int32(1).int16(87).int64(-1).int64(-1).int64(-1)
    body.count(1).int32(3).string('bad').string('worse').int32(250)

    expect(decodeProduce(api, body.finish())).toEqual({
      throttleMs: 250,
      answers: [
        {
          topic: 't',
          partition: 0,
          code: 0,
          baseOffset: 41,
          logAppendTimeMs: -1,
          recordErrors: [],
          message: null,
        },
        {
          topic: 't',
          partition: 1,
          code: 87,
          baseOffset: -1,
          logAppendTimeMs: -1,
          recordErrors: [{ index: 3, message: 'bad' }],
          message: 'worse',
        },
      ],
    })
  })

  test('whatever comes, a reply is read or refused with RangeError, quickly', () => {
    const decoders = [
      (reply: Buffer) => decodeProduce(produceApi(8), reply),
      (reply: Buffer) => decodeProduce(produceApi(13), reply),
      (reply: Buffer) => decodeMetadata(metadataApi(12), reply),
      (reply: Buffer) => decodeMetadata(metadataApi(7), reply),
    ]
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(3), (bytes, which) => {
        try {
          decoders[which]!(Buffer.from(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
    )
  })

  test('tagged fields are skipped', () => {
    const writer = new Writer(true)
    writer.uvarint(2).uvarint(0).uvarint(300).raw(Buffer.alloc(300)).uvarint(9).uvarint(0)
    const reader = new Reader(writer.int32(77).finish(), true)

    reader.end()

    expect(reader.int32()).toBe(77)
  })

  test('integers of eight bytes are exact up to 2^53', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const bytes = new Writer().int64(value).finish()
        expect(bytes.readBigInt64BE(0)).toBe(BigInt(value))
        expect(new Reader(bytes).int64()).toBe(value)
      }),
    )
  })
})

describe('the framer', () => {
  test('replies come out whole, however the stream is cut', () => {
    const reply = fc.uint8Array({ minLength: 4, maxLength: 50 })
    fc.assert(
      fc.property(fc.array(reply, { maxLength: 10 }), fc.array(fc.nat(60)), (replies, cuts) => {
        const stream = Buffer.concat(
          replies.map((bytes) => Buffer.concat([hex(sizeOf(bytes.length)), bytes])),
        )
        const got: Buffer[] = []
        const take = createFramer((bytes) => got.push(Buffer.from(bytes)))
        let at = 0
        for (const cut of [...cuts, stream.length]) {
          expect(take(stream.subarray(at, at + cut))).toBe(true)
          at = Math.min(stream.length, at + cut)
        }
        expect(got).toEqual(replies.map((bytes) => Buffer.from(bytes)))
      }),
    )
  })

  test.each(['ffffffff00', '7fffffff00', '00000003000000'])('%s makes no sense', (stream) => {
    expect(createFramer(() => undefined)(hex(stream))).toBe(false)
  })
})

function sizeOf(bytes: number): string {
  return bytes.toString(16).padStart(8, '0')
}
