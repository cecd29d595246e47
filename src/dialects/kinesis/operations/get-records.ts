// GetRecords (docs: API version 2013-12-02).
//
// * An iterator is read as its stream would be: whoever may not read that one learns nothing of it.
// * There are up to ten megabytes in an answer, and fewer where memory has no room for them: clients
//   ask on from where it ends. A large answer is written as the client takes it.
// * What retention has deleted is skipped. A stream that was made again makes iterators invalid.
// * A shard never ends here: there is always a next iterator, and never a child.

import type { Ask, Operation, Reply, StreamedReply } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import { contentBytesOf } from '../../../core/sizes.ts'
import type { From, Reading } from '../../../core/read.ts'
import type { Token } from '../../../core/token.ts'
import { replyFormat } from '../encode.ts'
import type { Facts } from '../facts.ts'
import { ITERATOR_LIVES_MS, readIterator, writeIterator } from '../iterator.ts'
import { namedStream } from '../names.ts'
import { showRecord } from '../records.ts'
import { orMissing } from '../start.ts'

const RECORDS_MAX = 10_000
const BYTES_MAX = 10 * 2 ** 20
/** A larger answer is written in pieces. */
const WHOLE_BYTES_MAX = 256 * 1024

export function createGetRecords(facts: Facts): Operation['perform'] {
  return async function getRecords(ask) {
    const token = tokenOf(ask, facts)
    const stream = facts.streamAt(token.stream)
    if (!stream) throw invalidIterator()
    refuseOther(ask, stream.name)
    const place = { ...token, stream }
    const reading = await orMissing(place, facts, () => read(ask, place))
    const next = { ...token, ordinal: reading.next, givenMs: ask.call.receivedAtMs }
    return encode(ask, { reading, next, facts })
  }
}

function invalidIterator(why = ''): BridgeError {
  return new BridgeError('invalid-position', `Invalid ShardIterator.${why}`)
}

function tokenOf({ input, call: { receivedAtMs: nowMs } }: Ask, facts: Facts): Token {
  const token = readIterator(String(input['ShardIterator']))
  if (token?.dialect !== facts.name) throw invalidIterator()
  // Of another instance's clock we expect as much as of an iterator's life.
  if (token.givenMs > nowMs + ITERATOR_LIVES_MS) throw invalidIterator()
  if (nowMs - token.givenMs <= ITERATOR_LIVES_MS) return token
  throw new BridgeError(
    'expired-position',
    `Iterator expired. The iterator was created at time ${showTime(token.givenMs)} while right now it is ${showTime(nowMs)} which is further in the future than the tolerated delay of ${ITERATOR_LIVES_MS} milliseconds.`,
    { as: 'ExpiredIteratorException' },
  )
}

/** As Java shows it: Thu Jan 22 01:22:02 UTC 2015 */
function showTime(timeMs: number): string {
  const [day = '', date, month, year, time] = new Date(timeMs).toUTCString().split(/,? /)
  return [day, month, date, time, 'UTC', year].join(' ')
}

function refuseOther({ input }: Ask, name: string): void {
  const arn = input['StreamARN']
  if (typeof arn !== 'string' || namedStream({ StreamARN: arn }) === name) return
  throw new BridgeError(
    'invalid-argument',
    `StreamARN ${arn} is not that of the stream for which the ShardIterator was given.`,
  )
}

async function read({ reader, input, call }: Ask, from: From): Promise<Reading> {
  let held = 0
  const limits = {
    recordsMax: Math.floor(Number(input['Limit'] ?? RECORDS_MAX)),
    bytesMax: BYTES_MAX,
    waitMs: 0,
    deadlineMs: call.deadlineMs,
    hold(bytes: number) {
      call.charge(bytes)
      held += bytes
    },
  }
  try {
    const first = await reader.read(from, limits)
    if (first.state === 'read') return first
    // What is not there yet is waited for, where it will be.
    if (first.state === 'beyond') return { ...NOTHING, next: from.ordinal }
    call.release(held)
    const second = await reader.read({ ...from, ordinal: first.oldest }, limits)
    return second.state === 'read' ? second : { ...NOTHING, next: second.oldest }
  } catch (error) {
    const isOld = error instanceof BridgeError && error.code === 'invalid-position'
    throw isOld ? invalidIterator(' The stream was deleted and made again.') : error
  }
}

const NOTHING = { state: 'read', records: [], behind: 0, behindMs: 0 } as const

interface Results {
  readonly reading: Reading
  readonly next: Token
  readonly facts: Facts
}

function encode({ call }: Ask, { reading, next, facts }: Results): Reply | StreamedReply {
  const { records, behindMs } = reading
  const format = replyFormat(call.head)
  const head = { status: 200, headers: { 'content-type': format.type } }
  const bytes = contentBytesOf(records)
  const rest = {
    NextShardIterator: writeIterator(next),
    MillisBehindLatest: Math.round(behindMs),
  }
  const pieces = format.writeList('Records', shown(), rest)
  if (bytes > WHOLE_BYTES_MAX) return { ...head, body: gathered(pieces) }
  return { ...head, body: Buffer.concat([...pieces]) }

  function* shown() {
    for (const record of records) yield showRecord(record, facts)
  }
}

const PIECE_BYTES = 64 * 1024

/** Small pieces together. */
// eslint-disable-next-line @typescript-eslint/require-await -- all is there; it is taken as it is wanted
async function* gathered(pieces: Iterable<Buffer>): AsyncGenerator<Buffer> {
  let some: Buffer[] = []
  let bytes = 0
  for (const piece of pieces) {
    some.push(piece)
    bytes += piece.length
    if (bytes < PIECE_BYTES) continue
    yield Buffer.concat(some)
    some = []
    bytes = 0
  }
  yield Buffer.concat(some)
}
