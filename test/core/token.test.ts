import fc from 'fast-check'
import {
  isExpired,
  isSameTopic,
  packToken,
  readToken,
  shortTopicId,
  unpackToken,
  writeToken,
} from '../../src/core/token.ts'
import type { Token } from '../../src/core/token.ts'

const ordinal = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const tokens: fc.Arbitrary<Token> = fc.record({
  dialect: fc.string({ unit: 'grapheme', maxLength: 20 }),
  stream: fc.string({ unit: 'grapheme', maxLength: 200 }),
  shard: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  ordinal,
  topic: fc.string().map(shortTopicId),
  givenMs: ordinal,
})
const token: Token = {
  dialect: 'd',
  stream: 's',
  shard: 3,
  ordinal: 12_345,
  topic: shortTopicId('id'),
  givenMs: 1_700_000_000_000,
}

test('what is written is read', () => {
  fc.assert(
    fc.property(tokens, (each) => {
      expect(readToken(writeToken(each))).toEqual(each)
      expect(unpackToken(packToken(each))).toEqual(each)
      expect(writeToken(each)).toMatch(/^[A-Za-z0-9_-]+$/)
    }),
  )
})

test('a stream’s name of 128 characters makes a token of at most 256', () => {
  expect(writeToken({ ...token, dialect: 'yandex', stream: 'x'.repeat(128) }).length).toBeLessThan(
    257,
  )
})

test('any other text gives nothing, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
      expect(readToken(text)).toBeUndefined()
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(unpackToken(Buffer.from([1, ...bytes]))).toBeUndefined()
    }),
  )
})

test('a token that was changed on its way gives nothing', () => {
  fc.assert(
    fc.property(tokens, fc.nat(), fc.integer({ min: 1, max: 255 }), (each, at, change) => {
      const bytes = packToken(each)
      bytes[at % bytes.length]! ^= change
      expect(unpackToken(bytes)).toBeUndefined()
      expect(unpackToken(packToken(each).subarray(0, at % bytes.length))).toBeUndefined()
    }),
  )
})

test.each(['=', ' ', '\n', '+'])('there is one text for a token: none with %j', (more) => {
  expect(readToken(writeToken(token) + more)).toBeUndefined()
  expect(readToken(more + writeToken(token))).toBeUndefined()
})

test('what cannot be a token is refused', () => {
  expect(() => packToken({ ...token, stream: 'x'.repeat(70_000) })).toThrow(RangeError)
  expect(() => packToken({ ...token, topic: Buffer.alloc(16) })).toThrow(RangeError)
  expect(() => packToken({ ...token, shard: -1 })).toThrow('out of range')
  expect(() => packToken({ ...token, ordinal: 0.5 })).toThrow(RangeError)
  expect(() => packToken({ ...token, ordinal: -1 })).toThrow('out of range')
})

test('a short id tells topics apart, and is the same for the same topic', () => {
  expect(shortTopicId('a')).toHaveLength(8)
  expect(isSameTopic(shortTopicId('a'), 'a')).toBe(true)
  expect(isSameTopic(shortTopicId('a'), 'b')).toBe(false)
  expect(isSameTopic(shortTopicId('a').subarray(0, 4), 'a')).toBe(true)
  expect(isSameTopic(shortTopicId('a').subarray(0, 4), 'b')).toBe(false)
  expect(isSameTopic(Buffer.alloc(0), 'a')).toBe(false)
})

test('a token lives for a time, whatever clock gave it', () => {
  expect(isExpired(1000, 1500, 500)).toBe(false)
  expect(isExpired(1000, 1501, 500)).toBe(true)
  expect(isExpired(1500, 1000, 500)).toBe(false)
  expect(isExpired(2000, 1000, 500)).toBe(true)
})
