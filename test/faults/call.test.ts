// What a call's attempts come to, as the ledger will judge them: by scripted attempts.

import { call, type Finished } from './call.ts'
import type { Attempt } from './http.ts'
import type { Instance } from './service.ts'
import { ALL_STYLES } from './styles.ts'

const RECORD = { data: Buffer.from('data'), key: 'key' }
const STORED = { kind: 'stored', partition: 0, offset: 7 }

function instance(number: number, how: { killed?: boolean; codes?: string[] } = {}): Instance {
  const { killed = false, codes = [] } = how
  return { number, killed: () => killed, codesOf: () => codes } as unknown as Instance
}

const one = instance(1)

const broken = (at = one): Attempt => ({
  ...{ kind: 'broken', instance: at, refused: false, timedOut: false, ms: 1, why: '' },
})
const refused = (at = one): Attempt => ({
  ...{ kind: 'broken', instance: at, refused: true, timedOut: false, ms: 1, why: '' },
})
const answered = (status: number, body: unknown, at = one): Attempt => ({
  ...{ kind: 'answered', instance: at, status, body: JSON.stringify(body), requestId: 'id', ms: 1 },
})

const SUCCESS: Record<string, unknown> = {
  kinesis: {
    FailedRecordCount: 0,
    Records: [{ ShardId: 'shardId-000000000000', SequenceNumber: sequenceNumber(7) }],
  },
  dis: {
    failed_record_count: 0,
    records: [{ partition_id: 'shardId-0000000000', sequence_number: '7' }],
  },
  v3io: { FailedRecordCount: 0, Records: [{ ShardId: 0, SequenceNumber: 8 }] },
}

/** The ordinal lies in hexadecimal digits 11 to 26. */
function sequenceNumber(ordinal: number): string {
  const digits = ordinal.toString(16).padStart(16, '0')
  return BigInt(`0x2${'0'.repeat(10)}${digits}${'0'.repeat(20)}`).toString()
}

const success = (dialect: string, at = one) => answered(200, SUCCESS[dialect], at)

async function run(dialect: string, attempts: readonly Attempt[]): Promise<Finished> {
  const left = [...attempts]
  const finished = await call(
    {
      style: ALL_STYLES.find(({ sample }) => sample.name === dialect)!,
      caller: { send: () => Promise.resolve(left.shift()!), close: () => undefined },
      ...{ stream: 'stream', timeoutMs: 1000, onAttempt: () => undefined },
    },
    [RECORD],
  )
  expect(left).toEqual([])
  return finished
}

const FAILED = answered(500, { __type: 'InternalFailure' })

test.each(['kinesis', 'dis', 'v3io'])('%s: an answer is what it says', async (dialect) => {
  const { results } = await run(dialect, [success(dialect)])
  expect(results).toEqual([{ word: STORED, doubt: undefined }])
})

test('an instance that knows the id again leaves no doubt', async () => {
  const { results } = await run('kinesis', [broken(), FAILED, success('kinesis')])
  expect(results).toEqual([{ word: STORED, doubt: undefined }])
})

test('another instance does not know it', async () => {
  const dead = instance(1, { killed: true })
  const { results } = await run('kinesis', [broken(dead), success('kinesis', instance(2))])
  expect(results).toEqual([{ word: STORED, doubt: 'instance' }])
})

test('without an id, a reply that was never read leaves a doubt', async () => {
  const { results } = await run('dis', [broken(), success('dis')])
  expect(results).toEqual([{ word: STORED, doubt: 'unread' }])
})

test('what was refused a connection was not sent', async () => {
  const { results } = await run('dis', [refused(), success('dis')])
  expect(results).toEqual([{ word: STORED, doubt: undefined }])
})

test('a call whose attempts are used up is open', async () => {
  const finished = await run('kinesis', [broken(), broken(), broken()])
  expect(finished).toMatchObject({ results: [{ word: { kind: 'open' } }], doubtAfter: 'unknown' })
})

test('a refusal says nothing of the attempts before it', async () => {
  const throttled = answered(400, { __type: 'ProvisionedThroughputExceededException' })
  const { results } = await run('kinesis', [broken(), throttled, throttled])
  expect(results).toMatchObject([{ word: { kind: 'open' } }])
})

test('the service’s own log tells not written from unknown', async () => {
  const sure = instance(1, { codes: ['unavailable'] })
  const failed = answered(500, { __type: 'InternalFailure' }, sure)
  const { results } = await run('kinesis', [failed, failed, failed])
  expect(results).toMatchObject([{ word: { kind: 'denied' } }])
})

test('v3io sends nothing again on a status, and once on a broken connection', async () => {
  const failed = answered(503, {})
  expect(await run('v3io', [failed])).toMatchObject({ results: [{ word: { kind: 'open' } }] })
  expect((await run('v3io', [broken(), success('v3io')])).results[0]?.doubt).toBe('unread')
  expect(await run('v3io', [broken(), broken()])).toMatchObject({ doubtAfter: 'unread' })
})
