// The listing of a directory in XML, as clients read it before they delete a stream, and nuclio to see
// how far its functions are behind (docs: "GET Service / GET Bucket"; v3io-py dataplane/output.py,
// v3io-go pkg/dataplane/types.go).
//
// * Name, NextMarker, MaxKeys and IsTruncated must all be there, without a namespace; numbers must be
//   numbers.
// * Shards come first: nuclio stops at the first key whose name is not a number.
// * What a file system knows besides (`prefix-info=1`) is made up: clients want it to be there.

import type { Reply } from '../../core/dialect.ts'
import type { Place } from './names.ts'
import { placeByMurmur3 } from './placement.ts'

/** What is right below a place. */
export type Entry =
  | { readonly kind: 'shard'; readonly name: string; readonly last: number; readonly atMs: number }
  | { readonly kind: 'object'; readonly name: string; readonly size: number; readonly atMs: number }
  | {
      readonly kind: 'directory'
      readonly name: string
      readonly atMs: number
      /** Of streams, where it was asked for. */
      readonly shards?: number
      readonly retentionHours?: number
    }

export interface Page {
  readonly entries: readonly Entry[]
  readonly limit: number
  readonly isTruncated: boolean
  /** Whether everything that is known is told. */
  readonly isFull: boolean
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Text for XML 1.0, which has no way to write most control characters. */
function escapeXml(text: string): string {
  return text
    .replace(/[&<>]/g, (char) => ENTITIES[char] ?? char)
    .replace(/\r/g, '&#13;')
    .replace(/[^\t\n\x20-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
}

type Members = readonly (readonly [string, string | number])[]

function element(name: string, members: Members): string {
  const inner = members.map(([member, value]) => tag(member, value)).join('')
  return `<${name}>${inner}</${name}>`
}

function tag(name: string, value: string | number): string {
  return `<${name}>${escapeXml(String(value))}</${name}>`
}

const FILE_MODE = '0100664'
const DIRECTORY_MODE = '040775'

/** A number that is the same for one path at all times. */
function inodeOf(path: string): number {
  return placeByMurmur3(path, 0xffff_ffff) + 1
}

function times(atMs: number, mode: string, path: string): Members {
  const at = new Date(atMs).toISOString()
  return [
    ['AccessTime', at],
    ['CreatingTime', at],
    ['Mode', mode],
    ['GID', '0'],
    ['UID', '0'],
    ['InodeNumber', inodeOf(path)],
  ]
}

function encodeEntry(entry: Entry, above: string, isFull: boolean): string {
  const path = above + entry.name
  const modified = ['LastModified', new Date(entry.atMs).toISOString()] as const
  if (entry.kind === 'directory') {
    const info = isFull ? [modified, ...times(entry.atMs, DIRECTORY_MODE, path)] : []
    return element('CommonPrefixes', [['Prefix', `${path}/`], ...info, ...streamFacts(entry)])
  }
  const size = entry.kind === 'object' ? entry.size : 0
  return element('Contents', [
    ['Key', path],
    ['Size', size],
    ...(entry.kind === 'shard' ? ([['LastSequenceId', entry.last]] as const) : []),
    modified,
    ...(isFull ? times(entry.atMs, FILE_MODE, path) : []),
  ])
}

function streamFacts({ shards, retentionHours }: Extract<Entry, { kind: 'directory' }>): Members {
  if (shards === undefined || retentionHours === undefined) return []
  return [
    ['ShardCount', shards],
    ['RetentionPeriodHours', retentionHours],
  ]
}

/** The path of what is right below a place, up to its name. */
function pathAbove({ path }: Place): string {
  return path === '' ? '' : `${path}/`
}

export function encodeListing(place: Place, page: Page): Reply {
  const { entries, limit, isTruncated, isFull } = page
  const above = pathAbove(place)
  const last = entries.length === limit ? entries.at(-1) : undefined
  const xml = [
    '<ListBucketResult>',
    tag('Name', place.container),
    tag('NextMarker', last === undefined ? '' : above + last.name),
    tag('MaxKeys', limit),
    tag('IsTruncated', String(isTruncated)),
    ...entries.map((entry) => encodeEntry(entry, above, isFull)),
    '</ListBucketResult>',
  ]
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: Buffer.from(xml.join('')),
  }
}
