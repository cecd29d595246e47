// The listing of a directory in XML, as the clients' DeleteStream reads it (docs: "GET Service /
// GET Bucket"; v3io-py dataplane/output.py, v3io-go pkg/dataplane/types.go).
//
// * Name, NextMarker, MaxKeys and IsTruncated must all be there, without a namespace.
// * A stream lists no shards: clients delete each thing listed before the stream, which takes its
//   shards along anyway.

import type { Reply } from '../../core/dialect.ts'
import type { Place } from './names.ts'

const KEYS_MAX = 1000

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Text for XML 1.0, which has no way to write most control characters. */
function escapeXml(text: string): string {
  return text
    .replace(/[&<>]/g, (char) => ENTITIES[char] ?? char)
    .replace(/\r/g, '&#13;')
    .replace(/[^\t\n\x20-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
}

/** `directories`: the names of those right below. */
export function encodeListing({ container, path }: Place, directories: readonly string[]): Reply {
  const above = path === '' ? '' : `${path}/`
  const prefixes = directories.map(
    (name) => `<CommonPrefixes><Prefix>${escapeXml(`${above}${name}/`)}</Prefix></CommonPrefixes>`,
  )
  const xml = [
    '<ListBucketResult>',
    `<Name>${escapeXml(container)}</Name>`,
    '<NextMarker></NextMarker>',
    `<MaxKeys>${KEYS_MAX}</MaxKeys>`,
    '<IsTruncated>false</IsTruncated>',
    ...prefixes,
    '</ListBucketResult>',
  ]
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: Buffer.from(xml.join('')),
  }
}
