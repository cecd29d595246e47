// What upstream tools send at their start and under failure, as their sources have it, and what becomes
// of their records: huaweicloud-dis-agent 1.2.4 (DISSender and its publisher), flume-dis-plugin 1.2.2
// (DISSink), logstash-output-dis 1.1.4 (through the Kafka adapter, in protobuf).

import { base64, PROJECT, startBridge, type Answer, type Bridge } from './bridge.ts'
import { PROTOBUF, putRequest, readPutResult, type Entry } from './protobuf.ts'

const JAVA = {
  accept: '*/*; charset=utf-8',
  'user-agent': 'Apache-HttpClient/4.5.13 (Java/17.0.15)',
  'x-project-id': PROJECT,
  'x-sdk-version': '1.3.5-SNAPSHOT/java',
}
const JSON_BODY = { ...JAVA, 'content-type': 'application/json; charset=utf-8' }
const PUT = 'POST /v2/{p}/records/'

interface Result {
  readonly error_code?: string
  readonly sequence_number?: string
  readonly partition_id?: string
}

/** What failed of records whose results are these. */
function failedOf<T>(records: readonly T[], results: readonly Result[]): readonly T[] {
  expect(results).toHaveLength(records.length)
  return records.filter((_, i) => (results[i]!.error_code ?? '') !== '')
}

interface Line {
  readonly data: string
  readonly partition_key: string
}

/** The agent's buffer: what it still holds of its lines after one attempt. */
async function agentSends(
  send: Bridge['send'],
  lines: readonly Line[],
  to: object = { stream_name: 's1' },
): Promise<{ held: readonly Line[]; status: number }> {
  const { status, json } = await send(PUT, { ...to, records: lines }, JSON_BODY)
  if ([400, 401, 403].includes(status)) throw new Error(`the agent drops its buffer on ${status}`)
  if (status !== 200) return { held: lines, status }
  const results = json['records'] as Result[]
  for (const { error_code: code, sequence_number: sequence } of results) {
    if (code === undefined) expect(Number.isSafeInteger(Number(sequence))).toBe(true)
  }
  return { held: failedOf(lines, results), status }
}

function lines(count: number): Line[] {
  return Array.from({ length: count }, (_, i) => ({
    data: base64(`line ${i}\n`),
    partition_key: `${(i * 7919) % 1_000_000}`,
  }))
}

function storedIn({ log }: Bridge): string[] {
  return log.messages('s1').map(({ value }) => value.toString().trim())
}

describe('the agent', () => {
  const texts = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}`).sort()

  test('describes its stream at its start, and ends where there is none', async () => {
    const { send } = startBridge({ s1: 2 })
    const describes = (name: string) =>
      send(`GET /v2/{p}/streams/${name}/?stream_name=${name}&limit_partitions=100&`, '', JSON_BODY)
    expect((await describes('s1')).json['status']).toBe('RUNNING')
    const { status, json } = await describes('none')
    expect([status, json['errorCode']]).toEqual([400, 'DIS.4301'])
  })

  test.each([500, 10_000])('%d lines at once', async (count) => {
    const bridge = startBridge({ s1: 4 })
    expect((await agentSends(bridge.send, lines(count))).held).toEqual([])
    expect(storedIn(bridge).sort()).toEqual(texts(count))
  })

  test('with a stream’s id it names no stream', async () => {
    const bridge = startBridge({ s1: 2 })
    const { json } = await bridge.send('GET /v2/{p}/streams/s1')
    const to = { stream_id: json['stream_id'] }
    expect((await agentSends(bridge.send, lines(3), to)).held).toEqual([])
    expect(storedIn(bridge)).toHaveLength(3)
  })

  test('a stream that is made later: it waits, and loses nothing', async () => {
    const bridge = startBridge()
    const first = await agentSends(bridge.send, lines(10))
    expect(first).toEqual({ held: lines(10), status: 410 })
    await bridge.send('POST /v2/{p}/streams/', { stream_name: 's1', partition_count: 1 })
    expect((await agentSends(bridge.send, first.held)).held).toEqual([])
    expect(storedIn(bridge)).toHaveLength(10)
  })

  test.each(['unavailable', 'throttled'] as const)(
    'some partitions %s: it sends the rest again, each line once',
    async (reason) => {
      const bridge = startBridge({ s1: 4 })
      bridge.log.fail(({ partition }) =>
        partition % 2 === 1 ? { state: 'refused', reason } : undefined,
      )
      const first = await agentSends(bridge.send, lines(100))
      expect(first.held.length).toBeGreaterThan(0)
      expect(first.held.length).toBeLessThan(100)
      bridge.log.fail()
      expect((await agentSends(bridge.send, first.held)).held).toEqual([])
      expect(storedIn(bridge).sort()).toEqual(texts(100))
    },
  )

  test('Kafka away: it keeps everything', async () => {
    const bridge = startBridge({ s1: 2 })
    bridge.log.fail(() => ({ state: 'unknown', stored: false }))
    expect(await agentSends(bridge.send, lines(9))).toEqual({ held: lines(9), status: 200 })
  })
})

describe('the Flume sink', () => {
  const CURSOR = 'stream-name=s1&partition-id=0&cursor-type=LATEST&'

  /** It starts on anything but an answer that is an error. */
  async function starts({ send }: Bridge): Promise<Answer> {
    return send(`GET /v2/{p}/cursors/?${CURSOR}`, undefined, { ...JAVA, ...PROTOBUF })
  }

  async function sends({ send }: Bridge, events: readonly Entry[]): Promise<readonly Entry[]> {
    const body = putRequest({ stream_name: 's1', records: events })
    const reply = await send(PUT, body, { ...JAVA, ...PROTOBUF })
    // It tries again for ever, whatever the status.
    if (reply.status !== 200) return events
    return failedOf(events, readPutResult(reply.body).records)
  }

  const events = Array.from({ length: 250 }, (_, i) => ({
    data: Buffer.from(`event ${i}`),
    partition_key: `${(i * 104_729) % 9_999_999}`,
  }))

  test('starts, and what it sends is stored', async () => {
    const bridge = startBridge({ s1: 2 })
    const started = await starts(bridge)
    expect(started.status).toBe(200)
    expect(started.json['partition_cursor']).toMatch(/^[A-Za-z0-9_-]{1,512}$/)
    expect(await sends(bridge, events)).toEqual([])
    expect(storedIn(bridge)).toHaveLength(250)
  })

  test('does not start without its stream, and starts once it is there', async () => {
    const bridge = startBridge()
    const refused = await starts(bridge)
    expect([refused.status, refused.json['errorCode']]).toEqual([400, 'DIS.4301'])
    await bridge.send('POST /v2/{p}/streams', { stream_name: 's1', partition_count: 1 })
    expect((await starts(bridge)).status).toBe(200)
  })

  test('a partition fails: it sends those events again, until they are stored', async () => {
    const bridge = startBridge({ s1: 3 })
    let failing = 3
    bridge.log.fail(({ partition }) =>
      partition === 1 && failing-- > 0 ? { state: 'refused', reason: 'unavailable' } : undefined,
    )
    let rest: readonly Entry[] = events
    let rounds = 0
    for (; rest.length > 0; rounds++) rest = await sends(bridge, rest)
    expect(rounds).toBe(4)
    expect(storedIn(bridge).sort()).toEqual(events.map(({ data }) => data.toString()).sort())
  })
})

describe('the Logstash output', () => {
  test('5000 events in protobuf, to partitions it has chosen; only what failed is sent again', async () => {
    const bridge = startBridge({ s1: 3 })
    const events = Array.from({ length: 5000 }, (_, i) => ({
      data: Buffer.from(`event ${i}`),
      partition_id: `${i % 3}`,
      partition_key: `k${i}`,
    }))
    bridge.log.fail(({ partition }) =>
      partition === 2 ? { state: 'refused', reason: 'throttled' } : undefined,
    )
    const sends = async (records: readonly Entry[]) => {
      const body = putRequest({ stream_name: 's1', records })
      const reply = await bridge.send(PUT, body, { ...JAVA, ...PROTOBUF })
      const { records: results } = readPutResult(reply.body)
      for (const { error_code: code } of results as Result[]) {
        if (code !== undefined) expect(code).toBe('DIS.4303')
      }
      return failedOf(records, results)
    }
    const rest = await sends(events)
    expect(rest).toHaveLength(1666)
    bridge.log.fail()
    expect(await sends(rest)).toEqual([])
    const stored = bridge.log.messages('s1')
    expect(stored).toHaveLength(5000)
    expect(new Set(stored.map(({ value }) => value.toString())).size).toBe(5000)
  })

  test('partitions are counted before records go to them in order', async () => {
    const { send } = startBridge({ s1: 3 })
    const query = 'stream_name=s1&limit_partitions=1&'
    const { json } = await send(`GET /v2/{p}/streams/s1/?${query}`, undefined, {
      ...JAVA,
      ...PROTOBUF,
    })
    expect(json['writable_partition_count']).toBe(3)
  })
})
