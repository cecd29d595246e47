// HMACs are those of node:crypto, whatever the key and the text.

import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import type { SigningKey } from '../../../src/core/principals.ts'
import { createMac, createMacs } from '../../../src/dialects/shared/macs.ts'

test('a MAC is an HMAC', () => {
  const keys = fc.oneof(fc.uint8Array({ maxLength: 150 }), fc.string({ unit: 'binary' }))
  fc.assert(
    fc.property(keys, fc.array(fc.string({ unit: 'binary' })), (key, texts) => {
      const bytes = Buffer.from(key as string)
      const mac = createMac(bytes)
      for (const text of texts) {
        expect(mac(text)).toBe(createHmac('sha256', bytes).update(text).digest('hex'))
      }
    }),
  )
})

test('a key is derived once for each of its purposes, and anew when it was long ago', () => {
  const key = { id: 'id', secret: 'secret' } as SigningKey
  const derived: string[] = []
  const macOf = createMacs(({ secret }, purpose) => {
    derived.push(purpose)
    return `${secret}/${purpose}`
  })
  const first = macOf(key, 'first')('text')
  expect(macOf(key, 'first')('text')).toBe(first)
  expect(derived).toEqual(['first'])
  expect(macOf({ ...key, secret: 'another' }, 'first')('text')).not.toBe(first)
  for (let i = 0; i < 1000; i++) macOf(key, `purpose ${i}`)
  derived.length = 0
  expect(macOf(key, 'first')('text')).toBe(first)
  expect(derived).toEqual(['first'])
})
