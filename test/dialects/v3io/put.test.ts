// PutRecords over the log in memory: what is stored, and what is answered for it.

import fc from 'fast-check'
import { base64, headOf, LIMITS, startBridge, v3io } from './bridge.ts'

const DATA = base64('data')
const OUT_OF_RANGE = { ErrorCode: -201326594, ErrorMessage: 'ShardIDOutOfRangeException' }
const INVALID = { ErrorCode: -201326592, ErrorMessage: 'InvalidArgumentException' }
const TRANSIENT =
  '{"ErrorCode":-117440512,"ErrorMessage":"Failed to send a control message request"}'

describe('the answer', () => {
  test('is exact', async () => {
    const bridge = startBridge({ 'bigdata.s': 3 })
    const records = [
      { Data: DATA, ShardId: 1 },
      { Data: DATA, ShardId: 1 },
      { Data: DATA, ShardId: 3 },
    ]
    const { status, headers, text } = await bridge.call('PutRecords', { Records: records })
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/json')
    expect(text).toBe(
      '{"FailedRecordCount":1,"Records":[{"SequenceNumber":1,"ShardId":1},{"SequenceNumber":2,"ShardId":1},{"ErrorCode":-201326594,"ErrorMessage":"ShardIDOutOfRangeException"}]}',
    )
    expect(bridge.account).toMatchObject({
      operation: 'PutRecords',
      stream: 'bigdata/s',
      records: 3,
    })
    expect([...bridge.account.failures]).toEqual([['shard-not-found', 1]])
  })

  test.each(['POST', 'PUT'])('comes to %s, in any spelling of the path', async (method) => {
    const bridge = startBridge({ 'bigdata.dir.s': 1 })
    const body = { Records: [{ Data: DATA }] }
    for (const path of ['/bigdata/dir/s/', '/bigdata/dir/s', '//bigdata/dir//s//']) {
      const { status } = await bridge.send(`${method} ${path}`, body, {
        'x-v3io-function': 'PutRecords',
      })
      expect(status).toBe(200)
    }
    const named = { ...body, StreamName: 's' }
    await bridge.send(`${method} /bigdata/dir/`, named, { 'x-v3io-function': 'PutRecords' })
    expect(bridge.log.messages('bigdata.dir.s')).toHaveLength(4)
  })

  test("to the vendor's own example", async () => {
    const bridge = startBridge({ 'mycontainer.MyDirectory.MyStream': 1 })
    const { status, text } = await bridge.send(
      'POST /mycontainer/MyDirectory/MyStream/',
      `{
    "Records": [
        {
            "ClientInfo": "MTIzNA0K",
            "Data":       "ZGF0YQ0K"
        }
    ]
}
`,
      { 'x-v3io-function': 'PutRecords', 'content-type': 'application/json' },
    )
    expect([status, text]).toEqual([
      200,
      '{"FailedRecordCount":0,"Records":[{"SequenceNumber":1,"ShardId":0}]}',
    ])
    const [message] = bridge.log.messages('mycontainer.MyDirectory.MyStream')
    expect(message?.value.toString()).toBe('data\r\n')
    expect(message?.key).toBeNull()
    expect(message?.headers).toEqual([
      { name: 'tributary-client-info', value: Buffer.from('1234\r\n') },
    ])
  })
})

describe('the shard', () => {
  test('ShardId wins over PartitionKey, which is the key all the same', async () => {
    const bridge = startBridge({ 'bigdata.s': 4 })
    const results = await bridge.put(
      [0, 1, 2, 3].map((shard) => ({ Data: DATA, ShardId: shard, PartitionKey: 'ké' })),
    )
    expect(results.map(({ ShardId }) => ShardId)).toEqual([0, 1, 2, 3])
    for (const { key } of bridge.log.messages('bigdata.s')) expect(key?.toString()).toBe('ké')
  })

  test('one key, one shard: hash modulo shards', async () => {
    const bridge = startBridge({ 'bigdata.s': 8 })
    const results = await bridge.put(
      ['hello', 'x', 'hello'].map((key) => ({ Data: DATA, PartitionKey: key })),
    )
    expect(results[0]?.['ShardId']).toBe(613_153_351 % 8)
    expect(results[2]?.['ShardId']).toBe(613_153_351 % 8)
  })

  test('without either, in turn from shard 0, and on across requests', async () => {
    const bridge = startBridge({ 'bigdata.s': 8 })
    const first = await bridge.put(Array.from({ length: 146 }, () => ({ Data: DATA })))
    const second = await bridge.put(Array.from({ length: 20 }, () => ({ Data: DATA })))
    const shards = [...first, ...second].map(({ ShardId }) => ShardId)
    expect(shards).toEqual(Array.from({ length: 166 }, (_, i) => i % 8))
    expect(second[6]).toEqual({ SequenceNumber: 20, ShardId: 0 })
  })

  test('turns go on over any requests, whatever else is in them', async () => {
    const record = fc.constantFrom<object>({}, {}, { ShardId: 0 }, { PartitionKey: 'k' })
    const requests = fc.array(fc.array(record, { minLength: 1, maxLength: 6 }), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(requests, fc.integer({ min: 1, max: 5 }), async (batches, shards) => {
        const bridge = startBridge({ 'bigdata.s': shards })
        const taken: unknown[] = []
        for (const batch of batches) {
          const results = await bridge.put(batch.map((extra) => ({ Data: DATA, ...extra })))
          const inTurn = results.filter((_, i) => Object.keys(batch[i]!).length === 0)
          taken.push(...inTurn.map(({ ShardId }) => ShardId))
        }
        expect(taken).toEqual(taken.map((_, i) => i % shards))
      }),
      { numRuns: 30 },
    )
  })

  test('a turn is taken by nobody but those that go in turn', async () => {
    const bridge = startBridge({ 'bigdata.s': 4 })
    const results = await bridge.put([
      { Data: DATA },
      { Data: DATA, ShardId: 3 },
      { Data: '?' },
      { Data: DATA, PartitionKey: 'k' },
      { Data: DATA },
    ])
    expect([results[0]?.['ShardId'], results[4]?.['ShardId']]).toEqual([0, 1])
  })

  test('numbers count from 1 in each shard, in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 2 }), { minLength: 1 }), async (shards) => {
        const bridge = startBridge({ 'bigdata.s': 3 })
        const results = await bridge.put(
          shards.map((shard, i) => ({ Data: base64(String(i)), ShardId: shard })),
        )
        const next = [1, 1, 1]
        for (const [i, { SequenceNumber, ShardId }] of results.entries()) {
          expect([ShardId, SequenceNumber]).toEqual([shards[i], next[shards[i]!]!++])
        }
        for (const { partition, offset, value } of bridge.log.messages('bigdata.s')) {
          expect(results[Number(value)]).toEqual({ SequenceNumber: offset + 1, ShardId: partition })
        }
      }),
      { numRuns: 30 },
    )
  })
})

describe('odd records that clients send', () => {
  test('are taken', async () => {
    const bridge = startBridge({ 'bigdata.s': 2 })
    const results = await bridge.put([
      { Data: DATA, ClientInfo: '', PartitionKey: '', ShardId: 1 },
      { Data: DATA, ShardId: null, PartitionKey: null, ClientInfo: null },
      { Data: '' },
      { Data: DATA, ClientInfo: 'client' },
      { Data: DATA, SomethingElse: {} },
    ])
    expect(results.every(({ ErrorCode }) => ErrorCode === undefined)).toBe(true)
    const messages = bridge.log.messages('bigdata.s')
    expect(messages.every(({ key }) => key === null)).toBe(true)
    expect(messages.filter(({ value }) => value.length === 0)).toHaveLength(1)
    expect(messages.flatMap(({ headers }) => headers.map(({ value }) => value.toString()))).toEqual(
      ['client'],
    )
  })

  const over = (bytes: number): string => Buffer.alloc(bytes).toString('base64')

  test.each<[string, Record<string, unknown>, object]>([
    ['a shard one past the end', { ShardId: 1 }, OUT_OF_RANGE],
    ['a shard below zero', { ShardId: -1 }, OUT_OF_RANGE],
    ['a shard beyond 2^53', { ShardId: 2 ** 53 }, OUT_OF_RANGE],
    ['a shard beyond 64 bits', { ShardId: 2 ** 64 }, OUT_OF_RANGE],
    ['a fraction of a shard', { ShardId: 0.5 }, OUT_OF_RANGE],
    ['data that is not base64', { Data: 'a?==' }, INVALID],
    ['data without padding', { Data: 'YQ' }, INVALID],
    ['URL-safe base64', { Data: '-_8=' }, INVALID],
    ['data over 2 MiB', { Data: over(LIMITS.recordBytesMax + 1) }, INVALID],
    ['a key over 256 bytes', { PartitionKey: 'é'.repeat(129) }, INVALID],
    ['ClientInfo over 16 bytes', { ClientInfo: over(17) }, INVALID],
    ['raw ClientInfo over 16 bytes', { ClientInfo: 'seventeen letters' }, INVALID],
  ])('%s fails in its place, the others are stored', async (_case, odd, failure) => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    const { text } = await bridge.call('PutRecords', {
      Records: [{ Data: base64('a') }, { Data: DATA, ...odd }, { Data: base64('b') }],
    })
    expect(JSON.parse(text)).toEqual({
      FailedRecordCount: 1,
      Records: [{ SequenceNumber: 1, ShardId: 0 }, failure, { SequenceNumber: 2, ShardId: 0 }],
    })
    const values = bridge.log.messages('bigdata.s').map(({ value }) => value.toString())
    expect(values).toEqual(['a', 'b'])
    expect(bridge.account.records).toBe(3)
    expect([...bridge.account.failures.values()]).toEqual([1])
  })

  test('at their limits are taken', async () => {
    const bridge = startBridge()
    await bridge.call('CreateStream')
    const results = await bridge.put([
      { Data: over(LIMITS.recordBytesMax), PartitionKey: 'é'.repeat(128), ClientInfo: over(16) },
    ])
    expect(results).toEqual([{ SequenceNumber: 1, ShardId: 0 }])
  })

  test('a record over what the topic takes fails in its place', async () => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    const results = await bridge.put([{ Data: over(1_048_600) }, { Data: DATA }])
    expect(results).toEqual([INVALID, { SequenceNumber: 1, ShardId: 0 }])
  })

  test('all failing is still a 200', async () => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    expect(await bridge.put([{ Data: DATA, ShardId: 1 }])).toEqual([OUT_OF_RANGE])
  })
})

describe('a call that is wrong as a whole stores nothing', () => {
  test.each<[string, unknown, string]>([
    ['no records', {}, 'Records is missing'],
    ['null records', { Records: null }, 'Records is missing'],
    ['empty records', { Records: [] }, 'Records is too small'],
    [
      'over 1,000 records',
      { Records: Array.from({ length: 1001 }, () => ({ Data: DATA })) },
      'Records is too large',
    ],
    ['records that are no array', { Records: {} }, 'Records must be an array'],
    ['a record that is no object', { Records: [DATA] }, 'Records[0] must be an object'],
    ['a null record', { Records: [null] }, 'Records[0] is missing'],
    ['no data', { Records: [{ Data: DATA }, {}] }, 'Records[1].Data is missing'],
    ['data of a number', { Records: [{ Data: 5 }] }, 'Records[0].Data must be a string'],
    [
      'a shard in a string',
      { Records: [{ Data: DATA, ShardId: '0' }] },
      'Records[0].ShardId must be an integer',
    ],
    [
      'a shard in quotes',
      { Records: [{ Data: DATA, ShardId: '0' }] },
      'Records[0].ShardId must be an integer',
    ],
    [
      'a key of a number',
      { Records: [{ Data: DATA, PartitionKey: 1 }] },
      'Records[0].PartitionKey must be a string',
    ],
    [
      'a name with a slash',
      { StreamName: 'a/b', Records: [{ Data: DATA }] },
      'StreamName is no name',
    ],
    [
      'a name of a number',
      { StreamName: 1, Records: [{ Data: DATA }] },
      'StreamName must be a string',
    ],
    ['no JSON', "{'Records': []", 'The body is not a JSON object in UTF-8'],
    ['quotes of both kinds', `{'Records': "x"}`, 'The body is not a JSON object in UTF-8'],
    [
      'a key that go wrote without escaping it',
      '{"Records": [{"Data": "YQ==", "PartitionKey": "a"b"}]}',
      'The body is not a JSON object in UTF-8',
    ],
  ])('%s', async (_case, body, reason) => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    const { status, text, headers } = await bridge.call('PutRecords', body)
    expect([status, JSON.parse(text)]).toEqual([400, INVALID])
    expect(headers['x-tributary-reason']).toBe(reason)
    expect(bridge.log.messages('bigdata.s')).toHaveLength(0)
  })

  test('1,000 records are not too many', async () => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    expect(await bridge.put(Array.from({ length: 1000 }, () => ({ Data: DATA })))).toHaveLength(
      1000,
    )
  })

  test('a missing stream, even with nothing but bad records', async () => {
    const bridge = startBridge()
    for (const records of [[{ Data: DATA }], [{ Data: '?' }]]) {
      const { status, text } = await bridge.call('PutRecords', { Records: records })
      expect([status, text]).toEqual([
        404,
        '{"ErrorCode":-201326608,"ErrorMessage":"ResourceNotFoundException"}',
      ])
    }
  })

  test('a container that cannot be one', async () => {
    const { status, text } = await startBridge().send('POST /No/s/', '{"Records":[{"Data":""}]}', {
      'x-v3io-function': 'PutRecords',
    })
    expect([status, text]).toEqual([404, '{"ErrorCode":-2,"ErrorMessage":"Container not found"}'])
  })

  test('a bad escape in the path', async () => {
    const { status, text } = await startBridge().send('POST /bigdata/%zz/', '{}', {
      'x-v3io-function': 'PutRecords',
    })
    expect([status, JSON.parse(text)]).toEqual([400, INVALID])
  })
})

describe('what may pass fails the whole call with a 503', () => {
  const two = {
    Records: [
      { Data: DATA, ShardId: 0 },
      { Data: DATA, ShardId: 1 },
    ],
  }

  test.each(['unavailable', 'throttled', 'partition-missing'] as const)(
    'one record refused: %s',
    async (reason) => {
      const bridge = startBridge({ 'bigdata.s': 2 })
      bridge.log.fail(({ partition }) =>
        partition === 1 ? { state: 'refused', reason } : undefined,
      )
      const { status, text } = await bridge.call('PutRecords', two)
      expect([status, text]).toEqual([503, TRANSIENT])
    },
  )

  test('one record undecided', async () => {
    const bridge = startBridge({ 'bigdata.s': 2 })
    bridge.log.fail(({ partition }) =>
      partition === 0 ? { state: 'unknown', stored: true } : undefined,
    )
    const { status, text } = await bridge.call('PutRecords', two)
    expect([status, text]).toEqual([503, TRANSIENT])
    expect([...bridge.account.failures]).toEqual([['undecided', 1]])
  })

  test('a partition without a leader', async () => {
    const bridge = startBridge({ 'bigdata.s': 2 })
    bridge.log.loseLeaders('bigdata.s', [1])
    expect((await bridge.call('PutRecords', two)).status).toBe(503)
    expect(await bridge.put([{ Data: DATA }, { Data: DATA }])).toMatchObject([
      { ShardId: 0 },
      { ShardId: 0 },
    ])
  })

  test('also beside a record that is bad for good', async () => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    bridge.log.fail(() => ({ state: 'refused', reason: 'unavailable' }))
    const { status } = await bridge.call('PutRecords', {
      Records: [{ Data: '?' }, { Data: DATA }],
    })
    expect(status).toBe(503)
  })

  test('a record that Kafka names as bad fails in its place', async () => {
    const bridge = startBridge({ 'bigdata.s': 2 })
    bridge.log.fail(({ partition }) =>
      partition === 1 ? { state: 'refused', reason: 'malformed' } : undefined,
    )
    const { status, text } = await bridge.call('PutRecords', two)
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({ FailedRecordCount: 1, Records: [{}, INVALID] })
  })

  test('a topic that goes away meanwhile is a missing stream', async () => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    bridge.log.fail(() => ({ state: 'refused', reason: 'topic-missing' }))
    expect((await bridge.call('PutRecords', { Records: [{ Data: DATA }] })).status).toBe(404)
  })
})

test('no access key is in what is known of a call', async () => {
  const bridge = startBridge({ 'bigdata.s': 1 })
  const secret = 'e8bd4ca2-537b-4175-bf01-8c74963e90bf'
  const { caller } = v3io.open({
    head: headOf('POST /bigdata/s/', {
      'x-v3io-function': 'PutRecords',
      'x-v3io-session-key': secret,
    }),
    body: Buffer.from('{}'),
    id: '',
    receivedAtMs: 0,
    deadlineMs: 0,
    charge: () => undefined,
    release: () => undefined,
  })
  expect(caller).toBeUndefined()
  const answer = await bridge.call('PutRecords', '{')
  expect(JSON.stringify([answer, bridge.account])).not.toContain(secret)
})
