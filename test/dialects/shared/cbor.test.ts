// The CBOR codec: properties against a second implementation, bytes of the AWS SDK for Java, and
// hostile input.

import cbor from 'cbor'
import fc from 'fast-check'
import { CborError, decodeCbor } from '../../../src/dialects/shared/cbor.ts'
import { encodeCbor } from '../../../src/dialects/shared/cbor-write.ts'

function bytes(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}

/** The other implementation cannot write what every object has: cases of their own are below. */
const key = fc.string().filter((text) => !(text in Object.prototype))

const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'grapheme' }),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value

test('reads what it writes, as another implementation does', () => {
  fc.assert(
    fc.property(value, (given) => {
      const written = encodeCbor(given)
      expect(decodeCbor(written)).toEqual(given)
      expect(cbor.decodeFirstSync(written)).toEqual(given)
    }),
  )
})

test('reads what another implementation writes', () => {
  fc.assert(
    fc.property(value, (given) => {
      expect(decodeCbor(cbor.encodeCanonical(given))).toEqual(given)
    }),
  )
})

test.each<[string, unknown]>([
  ['bf 61 61 01 61 62 9f 02 03 ff ff', { a: 1, b: [2, 3] }],
  ['7f 63 61 62 63 62 64 65 ff', 'abcde'],
  ['5f 42 01 02 41 03 ff', Buffer.of(1, 2, 3)],
  ['c1 1b 000001a013accc38', new Date(1787036486712)],
  ['d8 20 61 78', 'x'],
  ['f9 3c00', 1],
  ['f9 0001', 2 ** -24],
  ['fa 47c35000', 100000],
  ['3b 00000000ffffffff', -4294967296],
  ['f7', null],
])('reads %s', (input, expected) => {
  expect(decodeCbor(bytes(input))).toEqual(expected)
})

test('writes times as whole milliseconds under tag 1', () => {
  expect(encodeCbor(new Date(1787036486712)).toString('hex')).toBe('c11b000001a013accc38')
})

test.each([
  ['nothing', ''],
  ['an open list', '9f'],
  ['a count without items', '9b 00000000ffffffff'],
  ['a length without bytes', '5b 00000000ffffffff'],
  ['a length beyond what numbers hold', '5b ffffffffffffffff'],
  ['a key that is no text', 'a1 01 02'],
  ['text that is no UTF-8', '62 ff ff'],
  ['something after the value', '01 02'],
  ['a chunk of another kind', '5f 61 61 ff'],
  ['a chunk without an end', '5f 5f ff ff'],
  ['a break alone', 'ff'],
  ['a reserved head', '1c'],
  ['a simple value nobody knows', 'f8 20'],
])('refuses %s', (_, input) => {
  expect(() => decodeCbor(bytes(input))).toThrow(CborError)
})

test('refuses depth and numbers of items beyond its limits', () => {
  expect(() => decodeCbor(Buffer.alloc(200_000, 0x81))).toThrow('too deep')
  expect(() => decodeCbor(Buffer.concat([bytes('9f'), Buffer.alloc(300_000, 0)]))).toThrow(
    'too many',
  )
  expect(() => decodeCbor(Buffer.concat([bytes('5f'), Buffer.alloc(300_000, 0x40)]))).toThrow(
    'too many',
  )
})

test('a key called __proto__ is a key', () => {
  const map = decodeCbor(bytes('a1 69 5f5f70726f746f5f5f a1 61 61 01')) as object
  expect(Object.keys(map)).toEqual(['__proto__'])
  expect(({} as Record<string, unknown>)['a']).toBeUndefined()
})

test.each(Object.getOwnPropertyNames(Object.prototype))('%s is a key that is written', (name) => {
  const map = decodeCbor(encodeCbor(Object.fromEntries([[name, 1]]))) as object
  expect(Object.entries(map)).toEqual([[name, 1]])
})

test('any input is read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (input) => {
      try {
        decodeCbor(Buffer.from(input))
      } catch (error) {
        expect(error).toBeInstanceOf(CborError)
      }
    }),
    { numRuns: 2000 },
  )
})
