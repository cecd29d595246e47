// The header of a client that is known is read like one that is not.

import fc from 'fast-check'
import { createAuthorizationReader } from '../../../src/dialects/shared/authorization.ts'

const word = fc.string({ unit: fc.constantFrom('a', 'Z', '=', '/', ';', '-'), maxLength: 8 })
const name = fc.oneof(fc.constantFrom('Credential', 'Access', 'SignedHeaders', 'Signature'), word)
const pair = fc.tuple(name, fc.constantFrom('=', ''), word).map((parts) => parts.join(''))
const gap = fc.constantFrom(' ', ', ', ',', ',\t', '  ')
const hex = fc.string({ unit: fc.constantFrom('0', '9', 'a', 'f', 'F', ' '), minLength: 63 })

test('what comes before a signature may be remembered', () => {
  const read = createAuthorizationReader(/=/)
  const headers = fc.tuple(
    fc.array(fc.tuple(pair, gap).map((parts) => parts.join(''))),
    fc.constantFrom('Signature=', 'X-Signature=', 'signature=', ''),
    fc.array(fc.oneof(hex, fc.constant('0af'.repeat(22).slice(0, 64))), { minLength: 1 }),
  )
  fc.assert(
    fc.property(headers, ([start, last, signatures]) => {
      for (const signature of signatures) {
        const header = `AWS4 ${start.join('')}${last}${signature}`
        // What ends otherwise is never remembered.
        const whole = createAuthorizationReader(/=/)(`${header},`)
        expect(read(header)).toEqual(whole)
        expect(read(header)).toEqual(whole)
      }
    }),
  )
})

test('a header is taken apart', () => {
  const read = createAuthorizationReader(/^\w+=/)
  expect(read('SDK Access=AK, SignedHeaders=Host;X-Date, a-b=c, Signature=')).toEqual({
    parts: {
      algorithm: 'SDK',
      broken: 'a-b=c',
      credential: undefined,
      access: 'AK',
      signedHeaders: 'Host;X-Date',
      names: ['host', 'x-date'],
    },
    signature: '',
  })
})
