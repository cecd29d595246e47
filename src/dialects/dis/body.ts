// Body → plain input: the compression undone, then JSON or protobuf (docs: "Uploading Data";
// huaweicloud-sdk-java-dis, AbstractDISClient.compressBody).
//
// * lz4 and snappy are raw blocks, without any framing, and zstd is frames. What comes out of lz4 and
//   zstd is announced in a header, of snappy in the block itself. It is taken from the memory budget
//   before anything is undone, bounded like a body that comes as it is, and must come out exact.
// * The media type decides between protobuf and JSON; any other is tried as JSON.
// * A form that is not known is answered 415: the DIS agent throws its buffer away on 400, 401 and
//   403, and keeps it on anything else.

import { DecompressionError } from '../../compression/decompress.ts'
import { decompressLz4Block } from '../../compression/lz4.ts'
import { decompressSnappyBlock, snappyBlockBytes } from '../../compression/snappy.ts'
import { decompressZstd, zstdWindowBytes } from '../../compression/zstd.ts'
import type { Call, Head, Input } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import { contentOf, parseJson, type Content, type Parsed } from '../shared/json.ts'
import { ProtobufError } from '../shared/protobuf.ts'
import { REFINED } from './encode.ts'
import type { Limits } from './facts.ts'
import { isProtobuf } from './forms.ts'
import { readPutRecords } from './protobuf.ts'

/** Throws BridgeError for a body that cannot be understood, is too large, or finds no room. */
export function readBody(call: Call, operation: string, limits: Limits): Content {
  const { head, body } = call
  const inProtobuf = isProtobuf(head)
  if (inProtobuf && operation !== 'PutRecords') {
    throw refusedForm('Only records are taken in protobuf; send application/json.')
  }
  if (body.length === 0) throw new BridgeError('malformed-body', '', { as: REFINED.empty })
  const plain = decompress(call, limits.bodyBytesMax)
  if (!inProtobuf) return readJson(plain, operation)
  return { input: parseProtobuf(plain, limits.recordsMax), holdsBytes: true }
}

function refusedForm(message: string): BridgeError {
  return new BridgeError('not-supported', message, { as: REFINED.bodyForm })
}

interface Codec {
  /** The header that announces what comes out; absent: the body does. */
  readonly header?: string
  readonly undo: (body: Buffer, bytesMax: number) => Buffer
  /** What undoing takes beside what comes out. */
  readonly workBytes: (body: Buffer, bytesMax: number) => number
}

const CODECS: Readonly<Record<string, Codec>> = {
  lz4: { header: 'x-dis-lz4-content-length', undo: decompressLz4Block, workBytes: () => 0 },
  snappy: { undo: decompressSnappyBlock, workBytes: () => 0 },
  zstd: {
    header: 'x-dis-zstd-content-length',
    undo: decompressZstd,
    workBytes: zstdWindowBytes,
  },
}

function decompress(call: Call, bytesMax: number): Buffer {
  const { head, body } = call
  const encoding = (head.headers['content-encoding'] ?? '').trim().toLowerCase()
  if (encoding === '' || encoding === 'identity') return body
  const codec = Object.hasOwn(CODECS, encoding) ? CODECS[encoding] : undefined
  if (!codec) {
    throw refusedForm('A body is taken as it is, or compressed as lz4, snappy or zstd.')
  }
  return undo(codec, call, bytesMax)
}

/** What it throws is a fault of the body's, unless it says otherwise. */
function undo(codec: Codec, call: Call, bytesMax: number): Buffer {
  const { head, body } = call
  try {
    const announced = announcedBytes(codec, head, body)
    if (announced > bytesMax) {
      throw new BridgeError('request-too-large', `Undone, the body exceeds ${bytesMax} bytes`)
    }
    const work = codec.workBytes(body, announced)
    call.charge(announced + work)
    const plain = codec.undo(body, announced)
    call.release(work)
    if (plain.length === announced) return plain
    throw new BridgeError('malformed-body', 'The body is shorter than was announced.')
  } catch (error) {
    if (!(error instanceof DecompressionError)) throw error
    const said = error.tooLarge ? 'is longer than was announced' : 'cannot be decompressed'
    throw new BridgeError('malformed-body', `The body ${said}.`)
  }
}

function announcedBytes({ header }: Codec, { headers }: Head, body: Buffer): number {
  if (header === undefined) return snappyBlockBytes(body)
  const text = headers[header]?.trim() ?? ''
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new BridgeError('malformed-body', `${header} must say how long the body is when undone.`)
}

function parseProtobuf(body: Buffer, recordsMax: number): Input {
  try {
    return readPutRecords(body, recordsMax)
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error
    throw new BridgeError('malformed-body', 'The body is not protobuf.')
  }
}

function readJson(body: Buffer, operation: string): Content {
  const content = contentOf(tryJson(body, operation === 'PutRecords' ? 'data' : undefined))
  if (content) return content
  throw new BridgeError('malformed-body', 'The body is not a JSON object.')
}

function tryJson(body: Buffer, blobs: string | undefined): Parsed {
  try {
    return parseJson(body, blobs)
  } catch {
    throw new BridgeError('malformed-body', 'The body is not JSON.')
  }
}
