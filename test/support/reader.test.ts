// The judge judged: what a service could do wrong must not pass for right.

import { expectStored, type Acknowledged, type StoredRecord } from './reader.ts'

const FIRST: Acknowledged = { partition: 0, offset: 0, key: 'k', value: Buffer.from('first') }
const SECOND: Acknowledged = { partition: 0, offset: 1, key: 'k', value: Buffer.from('second') }
const OTHER: Acknowledged = { partition: 1, offset: 0, key: null, value: Buffer.from('other') }

const SENT = [FIRST, OTHER, SECOND]

function stored(answer: Acknowledged): StoredRecord {
  return { headers: {}, timestampMs: 0, ...answer }
}

const STORED = [FIRST, SECOND, OTHER].map(stored)

test('what was answered and is there passes', () => {
  expectStored(SENT, STORED)
})

test.each<[string, readonly Acknowledged[], readonly StoredRecord[]]>([
  ['a lost record', SENT, STORED.slice(0, 2)],
  ['a record twice', SENT, [...STORED, stored({ ...OTHER, offset: 1 })]],
  ['a record elsewhere', SENT, [...STORED.slice(0, 2), stored({ ...OTHER, partition: 2 })]],
  ['another value', SENT, [...STORED.slice(0, 2), stored({ ...OTHER, value: FIRST.value })]],
  ['another key', SENT, [...STORED.slice(0, 2), stored({ ...OTHER, key: 'k' })]],
  ['a header too many', SENT, [...STORED.slice(0, 2), stored({ ...OTHER, headers: { a: 'b' } })]],
  ['two records in the wrong order', [SECOND, OTHER, FIRST], STORED],
  ['one place answered twice', [FIRST, FIRST, OTHER, SECOND], STORED],
])('%s does not', (_, sent, records) => {
  expect(() => expectStored(sent, records)).toThrow()
})
