// What every dialect that reads must do, whatever its words.

import fc from 'fast-check'
import { startBridge, type Bridge } from '../support/bridge.ts'
import { READ_SAMPLES, type ReadBack, type ReadSample } from './read-samples.ts'
import { SAMPLES, type Request } from './samples.ts'

const SHARDS = 4

async function send(bridge: Bridge, { method, path, headers, body }: Request) {
  const response = await fetch(`${bridge.url}${path}`, { method, headers, body })
  return { status: response.status, body: await response.text() }
}

async function bodyOf(bridge: Bridge, request: Request): Promise<string> {
  const { status, body } = await send(bridge, request)
  if (status !== 200) throw new Error(`${status} ${body}`)
  return body
}

const PAIRS = READ_SAMPLES.flatMap((reading) => {
  const sample = SAMPLES.find(({ name }) => name === reading.name)
  return sample ? [{ name: reading.name, reading, sample }] : []
})

/** Reads a shard from its oldest record to its end. */
async function readAll(
  bridge: Bridge,
  { begin, readPosition, read, readPage }: ReadSample,
  stream: string,
  { shard, limit = 3 }: { shard: number; limit?: number },
): Promise<{ records: ReadBack[]; end: string }> {
  let position = readPosition(await bodyOf(bridge, begin(stream, shard)))
  const records: ReadBack[] = []
  for (let isBehind = true; isBehind;) {
    const page = readPage(await bodyOf(bridge, read(stream, shard, position, limit)))
    records.push(...page.records)
    isBehind = page.isBehind
    position = page.next
  }
  return { records, end: position }
}

describe.each(PAIRS)('$name', ({ reading, sample }) => {
  const { stream, topic } = sample.stream('orders')

  /** One key's records, and the shard that they are in. */
  async function start(texts: readonly string[] = []) {
    const bridge = await startBridge({ topics: { [topic]: SHARDS } })
    const records = texts.map((text) => ({ data: Buffer.from(text), key: 'one key' }))
    const answers =
      records.length === 0
        ? []
        : sample.read(await bodyOf(bridge, sample.put(stream, records))).answers
    const [first] = answers
    const shard = first && 'shard' in first ? first.shard : 0
    return { bridge, shard, [Symbol.asyncDispose]: () => bridge[Symbol.asyncDispose]() }
  }

  test('reads: what was put is read byte for byte, in order, under the numbers that were given', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 25 }),
        async (datas, limit) => {
          await using started = await start()
          const { bridge } = started
          const records = datas.map((data, i) => ({
            data: Buffer.from(data),
            key: `ключ ${i % 5}`,
          }))
          const { answers } = sample.read(await bodyOf(bridge, sample.put(stream, records)))
          const shards = new Set(answers.map((each) => ('shard' in each ? each.shard : -1)))
          for (const shard of shards) {
            const read = await readAll(bridge, reading, stream, { shard, limit })
            const wanted = answers.flatMap((each, i) =>
              'shard' in each && each.shard === shard
                ? [{ ordinal: each.ordinal, ...records[i]! }]
                : [],
            )
            expect(read.records).toEqual(wanted)
          }
        },
      ),
      { numRuns: 10 },
    )
  })

  test('reads: a position at the end finds what is put later, and nothing before', async () => {
    await using started = await start(['a', 'b'])
    const { bridge, shard } = started
    const { end } = await readAll(bridge, reading, stream, { shard })
    const nothing = reading.readPage(await bodyOf(bridge, reading.read(stream, shard, end, 10)))
    expect([nothing.records, nothing.isBehind]).toEqual([[], false])

    await bodyOf(bridge, sample.put(stream, [{ data: Buffer.from('c'), key: 'one key' }]))

    const { records } = reading.readPage(
      await bodyOf(bridge, reading.read(stream, shard, nothing.next, 10)),
    )
    expect(records.map(({ data }) => data.toString())).toEqual(['c'])
  })

  test('reads: what readers do not see is passed over, and is not behind', async () => {
    await using started = await start(['a'])
    const { bridge, shard } = started
    bridge.log.burn(topic, shard, 5)
    const { end } = await readAll(bridge, reading, stream, { shard })
    await bodyOf(bridge, sample.put(stream, [{ data: Buffer.from('b'), key: 'one key' }]))

    const page = reading.readPage(await bodyOf(bridge, reading.read(stream, shard, end, 10)))

    expect(page.records.map(({ ordinal }) => ordinal)).toEqual([6])
    expect(page.isBehind).toBe(false)
  })

  test('reads: the oldest record is the one that retention left', async () => {
    await using started = await start(['a', 'b', 'c'])
    const { bridge, shard } = started
    bridge.log.deleteBefore(topic, shard, 2)
    const { records } = await readAll(bridge, reading, stream, { shard })
    expect(records.map(({ data }) => data.toString())).toEqual(['c'])
  })

  test('reads: a position of a stream that was made again is good for nothing', async () => {
    await using started = await start(['a', 'b'])
    const { bridge, shard } = started
    const { end } = await readAll(bridge, reading, stream, { shard })
    await bridge.log.remove(topic)
    await bridge.log.create(topic, { partitions: SHARDS })
    const texts = ['x', 'y', 'z'].map((text) => ({ data: Buffer.from(text), key: 'one key' }))
    await bodyOf(bridge, sample.put(stream, texts))

    const reply = await send(bridge, reading.read(stream, shard, end, 10))

    expect(reply).toMatchObject({ status: reading.otherStream.status })
    expect(reply.body).toContain(reading.otherStream.says)
  })

  test('reads: a call takes memory for its answer and gives it back', async () => {
    await using started = await start(['a'.repeat(100_000)])
    const { bridge, shard } = started
    await readAll(bridge, reading, stream, { shard })
    expect(bridge.bytesHeld()).toBe(0)
  })
})
