// Strict base64 against an expression for it, and many texts decoded one after the other.

import fc from 'fast-check'
import { base64Bytes, decodeBase64 } from '../../../src/dialects/shared/base64.ts'

const STRICT = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

const nearly = fc.string({
  unit: fc.constantFrom(...'AQgw09+/==--__ \n%é'.split('')),
  maxLength: 12,
})

test('what is strict base64 is decoded, and nothing else', () => {
  fc.assert(
    fc.property(nearly, (text) => {
      const bytes = decodeBase64(text)
      expect(bytes !== undefined).toBe(STRICT.test(text))
      if (bytes) expect(bytes).toEqual(Buffer.from(text, 'base64'))
    }),
    { numRuns: 5000 },
  )
})

test('what was decoded stays as it is, whatever is decoded after it', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.integer({ min: 0, max: 300_000 }).map((length) => new Uint8Array(length).fill(length)),
  )
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 20 }), (all) => {
      const given = all.map((each) => Buffer.from(each))
      const texts = given.map((each) => each.toString('base64'))
      expect(texts.map(base64Bytes)).toEqual(given.map(({ length }) => length))
      const decoded = texts.map((text) => decodeBase64(text) ?? Buffer.of(0, 0))
      expect(decoded.every((each, i) => each.equals(given[i] ?? Buffer.of(0)))).toBe(true)
    }),
  )
})
