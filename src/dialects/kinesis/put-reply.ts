// The replies to puts whose records are all stored: written by hand, since they are nearly all the
// replies there are. Anything else is encoded from members, to the same bytes.

import type { Head, Reply } from '../../core/dialect.ts'
import type { Position } from '../../core/model.ts'
import { MAJOR } from '../shared/cbor.ts'
import { shortHead } from '../shared/cbor-write.ts'
import { replyFormat } from './encode.ts'
import type { Facts } from './facts.ts'
import { CBOR_1_1, JSON_1_1 } from './formats.ts'

export interface PutReplies {
  readonly one: (head: Head, position: Position) => Reply
  readonly many: (head: Head, positions: readonly Position[]) => Reply
}

/** How an encoding is written, as texts of one character for each byte. */
interface Spelling {
  readonly map: (members: number) => string
  readonly list: (items: number) => string
  readonly name: (name: string) => string
  /** What stands before a text of so many characters. */
  readonly textStart: (chars: number) => string
  readonly textEnd: string
  readonly zero: string
  /** Between members and between items. */
  readonly next: string
  readonly mapEnd: string
  readonly listEnd: string
}

const JSON_SPELLING: Spelling = {
  map: () => '{',
  list: () => '[',
  name: (name) => `"${name}":`,
  textStart: () => '"',
  textEnd: '"',
  ...{ zero: '0', next: ',', mapEnd: '}', listEnd: ']' },
}

const CBOR_SPELLING: Spelling = {
  map: (members) => shortHead(MAJOR.map, members),
  list: (items) => shortHead(MAJOR.list, items),
  name: (name) => shortHead(MAJOR.text, name.length) + name,
  textStart: (chars) => shortHead(MAJOR.text, chars),
  textEnd: '',
  ...{ zero: '\0', next: '', mapEnd: '', listEnd: '' },
}

type Written = Pick<Facts, 'shardId' | 'sequenceNumber' | 'showsEncryption'>

export function createPutReplies(facts: Written): PutReplies {
  const inJson = createWriting(facts, JSON_SPELLING)
  const inCbor = createWriting(facts, CBOR_SPELLING)
  const reply = (head: Head, write: (writing: Writing) => string): Reply =>
    replyFormat(head) === CBOR_1_1
      ? { status: 200, headers: CBOR_HEADERS, body: Buffer.from(write(inCbor), 'latin1') }
      : { status: 200, headers: JSON_HEADERS, body: write(inJson) }
  return {
    one: (head, position) => reply(head, ({ one }) => one(position)),
    many: (head, positions) => reply(head, ({ many }) => many(positions)),
  }
}

const JSON_HEADERS = { 'content-type': JSON_1_1.type }
const CBOR_HEADERS = { 'content-type': CBOR_1_1.type }

interface Writing {
  readonly one: (position: Position) => string
  readonly many: (positions: readonly Position[]) => string
}

function createWriting(facts: Written, to: Spelling): Writing {
  const { shardId, sequenceNumber, showsEncryption } = facts
  const { map, list, name, next, textStart, textEnd } = to
  const text = (text: string): string => textStart(text.length) + text + textEnd
  const sequenceName = name('SequenceNumber')
  const shards: string[] = []
  const shardOf = (shard: number): string =>
    (shards[shard] ??= `${name('ShardId')}${text(shardId(shard))}`)
  /** What follows the number of a record in a shard. */
  const recordEnds: string[] = []
  const recordEnd = (shard: number): string =>
    (recordEnds[shard] ??= `${textEnd}${next}${shardOf(shard)}${to.mapEnd}`)
  const last = showsEncryption ? `${next}${name('EncryptionType')}${text('NONE')}` : ''
  const members = showsEncryption ? 3 : 2
  const recordStart = map(2) + sequenceName
  const start = `${map(members)}${name('FailedRecordCount')}${to.zero}${next}${name('Records')}`
  return {
    one(position) {
      const number = sequenceName + text(sequenceNumber(position))
      return `${map(members)}${shardOf(position.shard)}${next}${number}${last}${to.mapEnd}`
    },
    many(positions) {
      const pieces = [start, list(positions.length)]
      let before = recordStart
      for (const position of positions) {
        const number = sequenceNumber(position)
        pieces.push(before, textStart(number.length), number, recordEnd(position.shard))
        before = next + recordStart
      }
      pieces.push(to.listEnd, last, to.mapEnd)
      return pieces.join('')
    },
  }
}
