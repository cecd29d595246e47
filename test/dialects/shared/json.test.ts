// Bodies read from their bytes, against JSON.parse. Short ones are filled up with blanks, since those
// are left to JSON.parse.

import fc from 'fast-check'
import { parseJson } from '../../../src/dialects/shared/json.ts'

const FILLING = ' '.repeat(4096)
const BLOBS = 'Data'

/** What JSON.parse makes of a body, or that it is no JSON. */
function expected(body: Buffer): unknown {
  try {
    return { value: JSON.parse(body.toString('utf8')) as unknown }
  } catch {
    return 'no JSON'
  }
}

/** The same of ours. */
function found(body: Buffer): unknown {
  try {
    return { value: parseJson(body).value }
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError)
    return 'no JSON'
  }
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** A value with texts for bytes, and for base64 as if it had been bytes: unused bits are lost there. */
function asText(value: unknown, name?: string): unknown {
  if (Buffer.isBuffer(value)) return value.toString('base64')
  if (name === BLOBS && typeof value === 'string' && BASE64.test(value)) {
    return Buffer.from(value, 'base64').toString('base64')
  }
  if (Array.isArray(value)) return value.map((each) => asText(each))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, each]) => [key, asText(each, key)] as const)
  return Object.fromEntries(entries)
}

function filled(text: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(text), Buffer.from(FILLING)])
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.base64String(),
)
const key = fc.oneof(fc.constantFrom(BLOBS, 'PartitionKey', 'Records', '__proto__', '0'), text)
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    text,
    fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
    fc.constantFrom(true, false, null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((all) => Object.fromEntries(all)),
  ),
})).value

test('reads what JSON.stringify writes', () => {
  fc.assert(
    fc.property(value, fc.constantFrom('', ' ', '\t', '\n\r'), (given, indent) => {
      const body = filled(JSON.stringify(given, undefined, indent))
      expect(found(body)).toEqual(expected(body))
    }),
    { numRuns: 2000 },
  )
})

const record = fc.record({ [BLOBS]: text, PartitionKey: text, Extra: value }, { requiredKeys: [] })

test('reads it with blobs', () => {
  fc.assert(
    fc.property(fc.array(record), (Records) => {
      const body = filled(JSON.stringify({ StreamName: 'orders', Records }))
      const { value: read } = parseJson(body, BLOBS)
      expect(asText(read)).toEqual(asText(JSON.parse(body.toString())))
    }),
    { numRuns: 1000 },
  )
})

test('what is strict base64 becomes bytes, and nothing else', () => {
  const data = ['AAEC/w==', '', 'AAEC_w==', 'AAE', 'AA\\/C', '\u00e9AAA', 5, null]
  const texts = data.map((each) => `{"Data":${typeof each === 'string' ? `"${each}"` : each}}`)
  const { value: read, holdsBytes } = parseJson(filled(`[${texts.join(',')}]`), BLOBS)
  expect(holdsBytes).toBe(true)
  expect(read).toEqual([
    { Data: Buffer.of(0, 1, 2, 255) },
    { Data: Buffer.alloc(0) },
    ...['AAEC_w==', 'AAE', 'AA/C', '\u00e9AAA', 5, null].map((Data) => ({ Data })),
  ])
})

test('bytes are those of a text of any length', () => {
  for (const length of [0, 1, 2, 3, 49_151, 49_152, 49_153, 98_304, 300_001]) {
    const bytes = Buffer.alloc(length, 'any bytes')
    const body = filled(JSON.stringify({ Data: bytes.toString('base64') }))
    const read = parseJson(body, BLOBS).value as { Data: Buffer }
    expect(read.Data.equals(bytes)).toBe(true)
  }
})

test.each([65_536, 131_072])(
  'a text of more than %i letters with a wrong one stays a text',
  (at) => {
    const long = 'A'.repeat(200_000)
    for (const wrong of ['-', '_', ' ', '=', '\\/']) {
      const body = Buffer.from(`{"Data":"${long.slice(0, at)}${wrong}${long.slice(at + 1)}"}`)
      const { value: read } = parseJson(body, BLOBS)
      expect(read).toEqual(JSON.parse(body.toString()))
    }
  },
)

const broken = fc
  .tuple(
    value,
    fc.nat(),
    fc.oneof(fc.constantFrom(...Array.from('"\\{}[],:0-.eE/\n\0 tx')), fc.string()),
    fc.nat(2),
  )
  .map(([given, place, put, cut]) => {
    const whole = JSON.stringify({ a: given, Data: 'AAAA' })
    const at = place % whole.length
    return whole.slice(0, at) + put + whole.slice(at + cut)
  })

test('refuses what JSON.parse refuses', () => {
  fc.assert(
    fc.property(broken, (given) => {
      const body = filled(given)
      expect(found(body)).toEqual(expected(body))
    }),
    { numRuns: 3000 },
  )
})

test('bytes that are no UTF-8 are read as JSON.parse reads them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      const body = filled(Buffer.concat([Buffer.from('{"a":"'), bytes, Buffer.from('","b":1}')]))
      expect(found(body)).toEqual(expected(body))
    }),
    { numRuns: 2000 },
  )
})

test.each([
  '',
  '\ufeff{}',
  '{"__proto__":{"a":1}}',
  '{"a":1,"a":2}',
  '{"1":1,"0":2}',
  '[01]',
  '[1.]',
  '[-]',
  '[1 2]',
  '[,]',
  '{"a":1,}',
  '{"a"}',
  '{a:1}',
  '"\\ud800"',
  '"\\u12"',
  '"a\tb"',
  '{} {}',
  'nul',
  '[NaN]',
  '\u00a0[]',
  `${'['.repeat(500)}${']'.repeat(500)}`,
])('%j is what it is to JSON.parse', (given) => {
  const body = filled(given)
  expect(found(body)).toEqual(expected(body))
})
