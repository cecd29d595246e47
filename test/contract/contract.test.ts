// What every dialect must do, whatever its words.

import { request as httpRequest } from 'node:http'
import { until } from '../support/until.ts'
import { startBridge, type Bridge, type BridgeOptions } from '../support/bridge.ts'
import { SAMPLES, type Failure, type Request, type SampleRecord } from './samples.ts'

async function send(bridge: Bridge, { method, path, headers, body }: Request) {
  const response = await fetch(`${bridge.url}${path}`, { method, headers, body })
  // A character for a byte: not all answers are text.
  const text = Buffer.from(await response.arrayBuffer()).toString('latin1')
  return { status: response.status, body: text, headers: response.headers }
}

function record(text: string, key?: string): SampleRecord {
  return { data: Buffer.from(text), ...(key !== undefined && { key }) }
}

/** Bytes of every value, and as many keys as shards could need. */
const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
const KEYS = Array.from({ length: 64 }, (_, i) => `key-${i}`)

describe.each(SAMPLES)('$name', (sample) => {
  const { stream, topic } = sample.stream('orders')
  const start = (options: BridgeOptions = {}): Promise<Bridge> =>
    startBridge({ topics: { [topic]: 4 }, ...options })

  function expectFailure(reply: { status: number; body: string }, failure: Failure): void {
    expect(reply).toMatchObject({ status: failure.status })
    expect(reply.body).toContain(failure.says)
  }

  test('puts: records with one key land on one shard, in order, and are answered in place', async () => {
    await using bridge = await start()
    const records = KEYS.flatMap((key) => [record(`${key} 1`, key), record(`${key} 2`, key)])

    const reply = await send(bridge, sample.put(stream, records))

    const { failed, answers } = sample.read(reply.body)
    expect({ status: reply.status, failed, count: answers.length }).toEqual({
      status: 200,
      failed: 0,
      count: records.length,
    })
    const stored = bridge.log.messages(topic)
    for (const [i, answer] of answers.entries()) {
      const found = stored.find(
        ({ partition, offset }) =>
          'shard' in answer && partition === answer.shard && offset === answer.ordinal,
      )
      expect(found).toMatchObject({ value: records[i]?.data, key: Buffer.from(records[i]!.key!) })
    }
    const byKey = new Map(
      KEYS.map((key) => [key, stored.filter((each) => each.key?.equals(Buffer.from(key)))]),
    )
    for (const [key, [first, second]] of byKey) {
      expect([first?.value.toString(), second?.value.toString()]).toEqual([`${key} 1`, `${key} 2`])
      expect(second?.partition).toBe(first?.partition)
    }
    expect(new Set(stored.map(({ partition }) => partition)).size).toBe(4)
  })

  test('puts: data is kept byte for byte, a plain record has no headers', async () => {
    await using bridge = await start()
    await send(bridge, sample.put(stream, [{ data: EVERY_BYTE, key: 'ключ' }]))
    expect(bridge.log.messages(topic)).toMatchObject([
      { value: EVERY_BYTE, key: Buffer.from('ключ'), headers: [] },
    ])
  })

  test('puts: empty data is an empty value, not null', async () => {
    await using bridge = await start()
    const reply = await send(bridge, sample.put(stream, [record('', 'k')]))
    expect(sample.read(reply.body).failed).toBe(0)
    expect(bridge.log.messages(topic)).toMatchObject([{ value: Buffer.alloc(0) }])
  })

  test('puts: requests one after the other go on where the last one ended', async () => {
    await using bridge = await start()
    const ordinals: unknown[] = []
    for (const text of ['one', 'two', 'three']) {
      const reply = await send(bridge, sample.put(stream, [record(text, 'k')]))
      ordinals.push(
        ...sample.read(reply.body).answers.map((each) => 'ordinal' in each && each.ordinal),
      )
    }
    expect(ordinals).toEqual([0, 1, 2])
  })

  test('a missing stream', async () => {
    await using bridge = await start()
    const { stream: other } = sample.stream('other')
    expectFailure(
      await send(bridge, sample.put(other, [record('x', 'k')])),
      sample.failures.missingStream,
    )
  })

  test('topics that no catalogue lists are missing streams', async () => {
    await using bridge = await startBridge({ topics: { __consumer_offsets: 1, _tributary: 1 } })
    const names = ['__consumer_offsets', '_tributary']
    for (const name of names) {
      const hidden = sample.stream('x').stream.replace(/[^/]*$/, name)
      const reply = await send(bridge, sample.put(hidden, [record('x', 'k')]))
      expectFailure(reply, sample.failures.missingStream)
    }
    expect(names.flatMap((name) => bridge.log.messages(name))).toEqual([])
  })

  test('a body that cannot be parsed', async () => {
    await using bridge = await start()
    const request = sample.put(stream, [record('x', 'k')])
    for (const text of ['{', '{"a":}', 'null', '"text"', '\u0000']) {
      const reply = await send(bridge, { ...request, body: Buffer.from(text) })
      expectFailure(reply, sample.failures.malformedBody)
    }
  })

  test('as many records as allowed, and one more', async () => {
    await using bridge = await start()
    const most = Array.from({ length: sample.recordsMax }, () => record('x', 'k'))
    const full = await send(bridge, sample.put(stream, most))
    expect(sample.read(full.body).failed).toBe(0)
    const over = await send(bridge, sample.put(stream, [...most, record('x', 'k')]))
    expectFailure(over, sample.failures.tooManyRecords)
    expect(bridge.log.messages(topic)).toHaveLength(sample.recordsMax)
  })

  test('a body over the limit is answered, and the service goes on', async () => {
    await using bridge = await start()
    const request = sample.put(stream, [record('x', 'k')])
    const body = Buffer.alloc(sample.bodyBytesMax + 1, 0x20)
    expectFailure(await send(bridge, { ...request, body }), sample.failures.bodyTooLarge)
    expect((await send(bridge, request)).status).toBe(200)
    await expectIdle(bridge)
  })

  test('what does not fit into memory is refused in the words for throttling', async () => {
    await using bridge = await start({ environment: { TRIBUTARY_MEMORY_BYTES_MAX: `${2 ** 20}` } })
    const request = sample.put(stream, [{ data: Buffer.alloc(2 ** 20), key: 'k' }])
    expectFailure(await send(bridge, request), sample.failures.overload)
    expect(bridge.log.messages(topic)).toEqual([])
    await expectIdle(bridge)
  })

  test.each(['refused', 'unknown'] as const)('every record %s by Kafka', async (state) => {
    await using bridge = await start()
    bridge.log.fail(() =>
      state === 'refused'
        ? { state, reason: 'unavailable', detail: 'no leader' }
        : { state, stored: true, detail: 'no answer' },
    )
    const reply = await send(bridge, sample.put(stream, [record('x', 'a'), record('y', 'b')]))
    const { nothingStored } = sample.failures
    if (nothingStored) expectFailure(reply, nothingStored)
    else {
      expect(reply.status).toBe(200)
      const { failed, answers } = sample.read(reply.body)
      expect(failed).toBe(2)
      expect(answers).toEqual([
        { error: sample.inPlace.transient },
        { error: sample.inPlace.transient },
      ])
    }
  })

  test('some records refused by Kafka', async () => {
    await using bridge = await start()
    bridge.log.fail(({ partition }) =>
      partition === 0
        ? { state: 'refused', reason: 'unavailable', detail: 'no leader' }
        : undefined,
    )
    const reply = await send(
      bridge,
      sample.put(
        stream,
        KEYS.map((key) => record(key, key)),
      ),
    )
    const { someFailed } = sample.failures
    if (someFailed) {
      expectFailure(reply, someFailed)
      return
    }
    const { failed, answers } = sample.read(reply.body)
    expect(reply.status).toBe(200)
    expect(failed).toBe(answers.filter((each) => 'error' in each).length)
    expect(failed).toBeGreaterThan(0)
    expect(failed + bridge.log.messages(topic).length).toBe(KEYS.length)
    expect(answers.filter((each) => 'error' in each)).toEqual(
      Array.from({ length: failed }, () => ({ error: sample.inPlace.transient })),
    )
  })

  test('a record too large for its topic', async () => {
    await using bridge = await start()
    await bridge.log.configure(topic, { messageBytesMax: 1000 })
    const records = [record('small', 'a'), { data: Buffer.alloc(2000), key: 'a' }]
    const reply = await send(bridge, sample.put(stream, records))
    const { recordTooLarge } = sample.failures
    if (recordTooLarge) {
      expectFailure(reply, recordTooLarge)
      expect(bridge.log.messages(topic)).toEqual([])
    } else {
      expect(reply.status).toBe(200)
      expect(sample.read(reply.body).answers).toEqual([
        expect.objectContaining({ ordinal: 0 }),
        { error: sample.inPlace.tooLarge },
      ])
    }
  })

  test('a client that goes away half-way leaves nothing behind', async () => {
    await using bridge = await start()
    const request = sample.put(stream, [record('x', 'k')])
    const { method, path, headers } = request
    const half = httpRequest(`${bridge.url}${path}`, { method, headers })
    half.on('error', () => undefined)
    half.write(request.body.subarray(0, 10))
    await until(() => bridge.bytesHeld() > 0)
    half.destroy()
    await expectIdle(bridge)
    expect(bridge.log.messages(topic)).toEqual([])
  })
})

/** All bytes of the budget come back. */
async function expectIdle(bridge: Bridge): Promise<void> {
  await until(() => bridge.bytesHeld() === 0)
}
