// Locations: 16 bytes, and what they say.

import fc from 'fast-check'
import { readLocation, writeLocation } from '../../../src/dialects/v3io/locations.ts'

const START = 'AQAAAAAAAAAAAAAAAAAAAA=='
const TOPIC = Buffer.from('0123456789abcdef', 'hex')

test('what was written is read again, in the vendor’s form', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: Number.MAX_SAFE_INTEGER - 1 }),
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
      (ordinal, id) => {
        const text = writeLocation({ ordinal, topic: Buffer.from(id) })
        expect([text.length, text.slice(0, 5)]).toEqual([24, 'AQAAA'])
        expect(text).not.toBe(START)
        expect(readLocation(text)).toEqual({ ordinal, topic: Buffer.from(id.slice(0, 4)) })
      },
    ),
  )
})

test('the hard-coded start', () => {
  expect(readLocation(START)).toBe('start')
})

test.each([
  ['nothing', ''],
  ['no base64', '*'.repeat(24)],
  ['too short', Buffer.alloc(15, 1).toString('base64')],
  ['too long', Buffer.alloc(17, 1).toString('base64')],
  ['another head', Buffer.from(`02000000${'00'.repeat(12)}`, 'hex').toString('base64')],
  ['no number', Buffer.from(`01000000${'00'.repeat(8)}00000001`, 'hex').toString('base64')],
  [
    'a number that is too large',
    Buffer.from(`01000000${'ff'.repeat(12)}`, 'hex').toString('base64'),
  ],
  ['a platform’s', 'AQAAAAsAAAAFAEC2/+sAAA=='],
])('%s is none', (_case, text) => {
  expect(readLocation(text)).toBeUndefined()
})

test('anything at all is read without an exception', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
      const location = readLocation(text)
      if (typeof location === 'object') {
        expect(writeLocation({ ...location, topic: Buffer.concat([location.topic, TOPIC]) })).toBe(
          text,
        )
      }
    }),
  )
})
