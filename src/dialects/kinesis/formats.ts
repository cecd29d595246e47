// The two encodings of the Kinesis wire, which differ in nothing but the bytes: AWS JSON 1.1 (blobs
// are base64, times seconds) and AWS CBOR 1.1 (blobs are bytes, times milliseconds under tag 1),
// which the AWS SDKs for Java send unless told otherwise.

import { decodeCbor } from '../shared/cbor.ts'
import { encodeCbor } from '../shared/cbor-write.ts'
import { contentOf, parseJson, type Content, type Parsed } from '../shared/json.ts'

/** Members of a reply: Buffers are blobs, Dates times. */
export type Members = Readonly<Record<string, unknown>>

export interface Format {
  readonly type: string
  /**
   * The members of a body; nothing where it is no object (a list has no members). Those called `blobs`
   * may be bytes already.
   */
  readonly parse: (body: Buffer, blobs?: string) => Content | undefined
  readonly write: (members: Members) => Buffer
  /** The same, in pieces: first the list of that name, then the other members. */
  readonly writeList: (name: string, items: Iterable<Members>, rest: Members) => Iterable<Buffer>
}

export const JSON_1_1: Format = {
  type: 'application/x-amz-json-1.1',
  parse: (body, blobs) => members(() => parseJson(body, blobs)),
  write: writeJson,
  *writeList(name, items, rest) {
    let before = Buffer.from(`{${JSON.stringify(name)}:[`)
    for (const item of items) {
      yield Buffer.concat([before, writeJson(item)])
      before = COMMA
    }
    if (before !== COMMA) yield before
    const others = writeJson(rest).subarray(1)
    yield Buffer.concat([Buffer.from(others.length > 1 ? '],' : ']'), others])
  },
}

const COMMA = Buffer.from(',')

export const CBOR_1_1: Format = {
  type: 'application/x-amz-cbor-1.1',
  parse: (body) => members(() => ({ value: decodeCbor(body), holdsBytes: true })),
  write: encodeCbor,
  *writeList(name, items, rest) {
    yield Buffer.concat([CBOR_MAP, encodeCbor(name), CBOR_LIST])
    for (const item of items) yield encodeCbor(item)
    const others = Object.entries(rest).filter(([, value]) => value !== undefined)
    yield Buffer.concat([CBOR_BREAK, ...others.flat().map(encodeCbor), CBOR_BREAK])
  },
}

/** A map and a list of as many entries as there come before a break. */
const CBOR_MAP = Buffer.of(0xbf)
const CBOR_LIST = Buffer.of(0x9f)
const CBOR_BREAK = Buffer.of(0xff)

/** Plain JSON, which Yandex takes and answers as JSON 1.1. */
export const PLAIN_JSON: Format = { ...JSON_1_1, type: 'application/json' }

export const FORMATS: ReadonlyMap<string, Format> = new Map(
  [JSON_1_1, CBOR_1_1, PLAIN_JSON].map((format) => [format.type, format]),
)

function members(parse: () => Parsed): Content | undefined {
  let parsed: Parsed
  try {
    parsed = parse()
  } catch {
    return undefined
  }
  return Array.isArray(parsed.value)
    ? { input: {}, holdsBytes: parsed.holdsBytes }
    : contentOf(parsed)
}

function writeJson(members: Members): Buffer {
  return Buffer.from(JSON.stringify(members, toJson))
}

/** Sees values before JSON's own conversion of Buffers and Dates, by their holder. */
function toJson(this: Members, key: string, converted: unknown): unknown {
  const value = this[key]
  if (value instanceof Date) return value.getTime() / 1000
  return Buffer.isBuffer(value) ? value.toString('base64') : converted
}
