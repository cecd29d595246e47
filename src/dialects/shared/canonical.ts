// What the vendors' signatures have in common: the canonical form of a request, and HMACs over it.

import { createHmac, hash, timingSafeEqual } from 'node:crypto'

/** Percent-encodes all but letters, digits and `-._~` (RFC 3986). */
export function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Undoes percent-encoding; what cannot be decoded stays as it was sent. */
export function decodeGently(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The parameters of a query, decoded, in the order sent; `+` is a plus. */
export function parametersOf(query: string): [name: string, value: string][] {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=')
      const [name, value] =
        equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
      return [decodeGently(name), decodeGently(value)]
    })
}

/** Sorted by what they look like encoded. */
export function encodeSorted(
  parameters: readonly (readonly [name: string, value: string])[],
): [name: string, value: string][] {
  return parameters
    .map(([name, value]): [string, string] => [encodeStrictly(name), encodeStrictly(value)])
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

const TO_COLLAPSE = /[^\S ]|\s\s|^ | $/

/** A header's value as it is signed. */
export function collapseBlanks(value: string): string {
  return TO_COLLAPSE.test(value) ? value.trim().replace(/\s+/g, ' ') : value
}

export function sha256Hex(data: string | Buffer): string {
  return hash('sha256', data, 'hex')
}

export function hmac(key: string | Buffer, data: string | Buffer): Buffer {
  return createHmac('sha256', key).update(data).digest()
}

/** Compares hexadecimal texts in a time that tells nothing of the wanted one. */
export function isSameHex(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)]
  return one.length === other.length && timingSafeEqual(one, other)
}
